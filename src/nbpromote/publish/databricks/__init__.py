"""Production notebooks as jobs on Databricks: source files, a bundle around them, and checks that need no login."""
