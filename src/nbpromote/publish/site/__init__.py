"""The pages of a repository: its runs, notebooks and data."""
