"""Widgets with nobody who could turn a knob: each has what the run was given for it, else its default."""

from collections.abc import Mapping


class Widgets:
    """`dbutils.widgets`."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._given: dict[str, str] = {}

    def give(self, values: Mapping[str, object]) -> None:
        """Take what a run hands over, as a job does on Databricks: it wins over the defaults of widgets."""
        self._given.update({name: str(value) for name, value in values.items()})

    def text(self, name: str, defaultValue: object = "", label: object = None) -> None:  # noqa: ARG002, N803
        """Make a widget."""
        self._values.setdefault(name, self._given.get(name, str(defaultValue)))

    def dropdown(
        self,
        name: str,
        defaultValue: object,  # noqa: N803
        choices: object,  # noqa: ARG002
        label: object = None,  # noqa: ARG002
    ) -> None:
        """Make a widget that offers choices."""
        self._values.setdefault(name, self._given.get(name, str(defaultValue)))

    combobox = multiselect = dropdown

    def get(self, name: str) -> str:
        """What the widget holds."""
        if name not in self._values and name in self._given:
            return self._given[name]
        if name not in self._values:
            raise ValueError(f"no widget is called {name!r}; make it first, with dbutils.widgets.text({name!r}, ...)")
        return self._values[name]

    def getArgument(self, name: str, defaultValue: object = None) -> str:  # noqa: N802, N803
        """What the widget holds, else the default."""
        return self.get(name) if defaultValue is None else {**self._given, **self._values}.get(name, str(defaultValue))

    def getAll(self) -> dict[str, str]:  # noqa: N802
        """What all widgets hold."""
        return {**self._given, **self._values}

    def remove(self, name: str) -> None:
        """Take a widget away."""
        self._values.pop(name, None)

    def removeAll(self) -> None:  # noqa: N802
        """Take all widgets away."""
        self._values.clear()
