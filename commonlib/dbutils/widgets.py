"""Widgets with nobody who could turn a knob: each has its default, as on a first run."""


class Widgets:
    """`dbutils.widgets`."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def text(self, name: str, defaultValue: object = "", label: object = None) -> None:  # noqa: ARG002, N803
        """Make a widget."""
        self._values.setdefault(name, str(defaultValue))

    def dropdown(
        self,
        name: str,
        defaultValue: object,  # noqa: N803
        choices: object,  # noqa: ARG002
        label: object = None,  # noqa: ARG002
    ) -> None:
        """Make a widget that offers choices."""
        self._values.setdefault(name, str(defaultValue))

    combobox = multiselect = dropdown

    def get(self, name: str) -> str:
        """What the widget holds."""
        if name not in self._values:
            raise ValueError(f"no widget is called {name!r}; make it first, with dbutils.widgets.text({name!r}, ...)")
        return self._values[name]

    def getArgument(self, name: str, defaultValue: object = None) -> str:  # noqa: N802, N803
        """What the widget holds, else the default."""
        return self.get(name) if defaultValue is None else self._values.get(name, str(defaultValue))

    def getAll(self) -> dict[str, str]:  # noqa: N802
        """What all widgets hold."""
        return dict(self._values)

    def remove(self, name: str) -> None:
        """Take a widget away."""
        self._values.pop(name, None)

    def removeAll(self) -> None:  # noqa: N802
        """Take all widgets away."""
        self._values.clear()
