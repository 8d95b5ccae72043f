"""What a run says whose cell failed on the Spark that runs share."""

import pytest

from nbpromote.effects.running.warm_spark import may_be_of_connect
from nbpromote.running.executed import Failure


@pytest.mark.parametrize(
    ("name", "message", "is_told"),
    [
        ("PySparkNotImplementedError", "[NOT_IMPLEMENTED] rdd is not implemented.", True),
        ("PySparkAttributeError", "[JVM_ATTRIBUTE_NOT_SUPPORTED] Attribute `_jdf` is not supported", True),
        ("PySparkRuntimeError", "[CONTEXT_UNAVAILABLE_FOR_REMOTE_CLIENT] Remote client cannot create one", True),
        ("AnalysisException", "[CANNOT_RESOLVE_DATAFRAME_COLUMN] Cannot resolve dataframe column", True),
        ("TypeError", "'Column' object is not callable", True),
        ("ArrowInvalid", "Could not convert 'a' with type str", True),
        ("AnalysisException", "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `x` cannot be resolved", False),
        ("ZeroDivisionError", "division by zero", False),
    ],
)
def test_an_error_that_only_connect_gives_leads_to_a_spark_of_its_own(name: str, message: str, is_told: bool) -> None:
    assert ("--spark classic" in may_be_of_connect(Failure("a", 1, name, message))) is is_told
