"""Tests of lifted functions, from the calls that the ad-hoc notebook made."""

import json
from collections.abc import Mapping, Sequence

from nbpromote.promotion.draft import Draft, Snapshot
from nbpromote.promotion.plan import FileEdit

Calls = Mapping[str, Sequence[Mapping[str, object]]]
Laws = Mapping[str, Sequence[str]]

_FILE = '''\
"""What the functions of commonlib.{module} returned in {source}, they still return."""

from pathlib import Path

import pytest

from commonlib import {imported}

CALLS = Path(__file__).parent / "recorded" / "{folder}"
'''
_TEST = """

@pytest.mark.parametrize("call", recorded.calls(CALLS / "{name}.json"), ids=str)
def test_{name}_returns_what_it_returned_in_the_notebook(call: recorded.Call) -> None:
    recorded.assert_same({module}.{name}(*call.args, **call.kwargs), call.result)
"""
_LAW = """

@pytest.mark.parametrize("call", recorded.calls(CALLS / "{name}.json"), ids=str)
def {test}(call: recorded.Call) -> None:
    laws.{law}({module}.{name}, call)
"""


def edits_for(draft: Draft, calls: Calls, snapshot: Snapshot, laws: Laws) -> tuple[FileEdit, ...]:
    """The test module and a file of calls for each lifted function of which calls were recorded.

    `laws` are tested of the functions, too.
    """
    module = draft.options.module
    tested = [one for one in draft.lifted if calls.get(one.definition.name)]
    if not tested:
        return ()
    files: dict[str, str] = {}
    imported = sorted({module, "recorded", *(["laws"] if laws else [])})
    folder = draft.options.tests_name
    text = _FILE.format(module=module, folder=folder, source=draft.options.source, imported=", ".join(imported))
    for one in tested:
        name = one.definition.name
        text += _TEST.format(module=module, name=name)
        for law in laws.get(name, ()):
            text += _LAW.format(module=module, name=name, law=law, test=law_test(name, law))
        kept = [_as_lifted(call) for call in calls[name]]
        files[calls_path(draft, name)] = _rendered(kept)
    files[_test_path(draft)] = text
    edits = (FileEdit(path, snapshot.read_bytes(path), content.encode()) for path, content in sorted(files.items()))
    return tuple(edit for edit in edits if edit.before != edit.after)


def law_test(name: str, law: str) -> str:
    """What the test is called that this function keeps this law."""
    return f"test_{name}_{law}"


def paths(draft: Draft) -> tuple[str, ...]:
    """Where the tests of the lifted functions and their recorded calls are."""
    recorded = (calls_path(draft, one.definition.name) for one in draft.lifted)
    return (_test_path(draft), *recorded) if draft.lifted else ()


def calls_path(draft: Draft, name: str) -> str:
    """Where the recorded calls of a lifted function are."""
    return f"tests/commonlib/recorded/{draft.options.tests_name}/{name}.json"


def _test_path(draft: Draft) -> str:
    return f"tests/commonlib/test_{draft.options.tests_name}.py"


def untested(draft: Draft, calls: Calls) -> tuple[str, ...]:
    """Lifted functions that no call could be recorded of."""
    return tuple(one.definition.name for one in draft.lifted if not calls.get(one.definition.name))


def _as_lifted(call: Mapping[str, object]) -> dict[str, object]:
    """The call as the lifted function takes it: what was free in the notebook is a keyword argument."""
    keywords, free = call["kwargs"], call["free"]
    assert isinstance(keywords, Mapping)
    assert isinstance(free, Mapping)
    return {"args": call["args"], "kwargs": {**keywords, **free}, "result": call["result"]}


def _rendered(calls: list[dict[str, object]]) -> str:
    """One call a line, so that a change of one is a change of one line."""
    lines = ",\n".join(json.dumps(call) for call in calls)
    return f'{{"calls": [\n{lines}\n]}}\n'
