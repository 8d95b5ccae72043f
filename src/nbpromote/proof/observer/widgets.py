"""Databricks' widgets outside of Databricks: each has its default, as when a notebook is run there for the first time.

This text runs in the kernel of an ad-hoc notebook that is proven, before its first cell.
"""

import types


class _Widgets:
    """`dbutils.widgets`, with nobody who could turn a knob."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def text(self, name: str, defaultValue: object = "", label: object = None) -> None:  # noqa: ARG002, N803
        self._values[name] = str(defaultValue)

    def dropdown(
        self,
        name: str,
        defaultValue: object,  # noqa: N803
        choices: object,  # noqa: ARG002
        label: object = None,  # noqa: ARG002
    ) -> None:
        self._values[name] = str(defaultValue)

    combobox = multiselect = dropdown

    def get(self, name: str) -> str:
        if name not in self._values:
            raise KeyError(f"no input widget named {name} is defined")
        return self._values[name]

    getArgument = get  # noqa: N815

    def getAll(self) -> dict[str, str]:  # noqa: N802
        return dict(self._values)

    def remove(self, name: str) -> None:
        self._values.pop(name, None)

    def removeAll(self) -> None:  # noqa: N802
        self._values.clear()


dbutils = types.SimpleNamespace(widgets=_Widgets())
del types
