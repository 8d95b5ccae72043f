"""What validation refuses."""

from typing import TYPE_CHECKING

from commonlib.errors import CommonlibError

if TYPE_CHECKING:
    from commonlib.validation.verdict import Verdict


class ValidationError(CommonlibError, ValueError):
    """Data is not what it has to be; nothing was published."""


class BadRules(ValidationError):
    """The rules themselves are wrong, or do not fit the columns they are about."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class ValidationFailed(ValidationError):
    """Rows broke a rule, so the commit was stopped; readers keep the last good version."""

    def __init__(self, dataset: str, verdict: "Verdict", quarantine: str | None) -> None:
        self.dataset, self.verdict, self.quarantine = dataset, verdict, quarantine
        broken = "; ".join(str(result) for result in verdict.failed)
        aside = f"; the failing rows are in {quarantine}" if quarantine else ""
        super().__init__(f"{dataset}: {broken}; nothing was published{aside}")
