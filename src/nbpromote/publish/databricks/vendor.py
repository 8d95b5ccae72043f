"""The Python of what Databricks runs, as the vendor says it; looked up in November 2026."""

# Serverless environments; docs.databricks.com/aws/en/release-notes/serverless/environment-version
ENVIRONMENTS = {"1": "3.10", "2": "3.11", "3": "3.12", "4": "3.12", "5": "3.12"}
# Long-term runtimes: 13.3 and 14.3 by the requirements of Databricks Connect
# (docs.databricks.com/dev-tools/databricks-connect/python/install), the others by constraints made of the standard
# images (github.com/pietern/databricks-environments at 198dc94).
RUNTIMES = {"13.3": "3.10", "14.3": "3.10", "15.4": "3.11", "16.4": "3.12", "17.3": "3.12"}
# Databricks Connect: from this version on, the Python of the oldest compute that it speaks to, for compute must be as
# new as the client (docs.databricks.com/aws/dev-tools/databricks-connect/requirements). Metadata on PyPI ask for 3.10
# up to 16.1, and for 3.12 from 16.2 on.
_CLIENTS = ((13, "3.10"), (15, "3.11"), (16, "3.12"))


def environment_for(python: str) -> str:
    """The newest serverless environment with this Python; empty when there is none."""
    return next((version for version, theirs in reversed(ENVIRONMENTS.items()) if theirs == python), "")


def python_of_client(version: str) -> str | None:
    """The Python of the oldest compute that this Databricks Connect speaks to; None when it is too old to be known."""
    major = int(version.partition(".")[0]) if version.partition(".")[0].isdigit() else 0
    return next((python for first, python in reversed(_CLIENTS) if major >= first), None)
