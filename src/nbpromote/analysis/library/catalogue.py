"""Specifications of libraries, read from TOML when a notebook first needs them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from nbpromote.analysis.library.specification import PURE, CallSpec, TypeSpec, by_name, collect, words

FOLDER = Path(__file__).parent


@dataclass(slots=True)
class Library:
    """The specifications of all libraries that were asked for so far."""

    folders: tuple[Path, ...] = (FOLDER,)
    functions: dict[str, CallSpec] = field(default_factory=dict)
    types: dict[str, TypeSpec] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    pure: set[str] = field(default_factory=set)
    families: dict[str, str] = field(default_factory=dict)
    methods_of_anything: dict[str, CallSpec] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    _loaded: set[str] = field(default_factory=set)
    _index: dict[str, list[Path]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in self.folders:
            for path in sorted(folder.glob("*.toml")):
                for root in path.stem.split("+"):
                    self._index.setdefault(root, []).append(path)
        self._load("builtins")
        self._load("standard")

    def function(self, path: str) -> CallSpec | None:
        """The specification of a function by its dotted name; None when nothing is known of it."""
        path = self.canonical(path)
        found = self.functions.get(path)
        if found is not None:
            return found
        root = path
        while root:
            if root in self.pure:
                return self._of_class(path) or PURE
            root = root.rpartition(".")[0]
        return self._of_class(path)

    def _of_class(self, path: str) -> CallSpec | None:
        """What is said of all classes of a kind: `pyspark.ml.PipelineModel.load` is `pyspark.ml.stage.load`."""
        owner, _, name = path.rpartition(".")
        is_class = owner.rpartition(".")[2][:1].isupper()
        return self.functions.get(f"{self.class_type(owner)}.{name}") if is_class else None

    def is_listed(self, path: str) -> bool:
        """Whether the specification names this function or type."""
        path = self.canonical(path)
        return path in self.functions or path in self.types

    def type(self, name: str) -> TypeSpec | None:
        """The specification of a type by its dotted name."""
        return self.types.get(self.canonical(name))

    def method(self, type_name: str, method: str) -> CallSpec | None:
        """The specification of a method; that of the type's base, when the type itself says nothing."""
        for _ in range(5):
            spec = self.type(type_name)
            if spec is None:
                return None
            if method in spec.methods:
                return spec.methods[method]
            if not spec.base:
                return spec.default
            if spec.default is not None and not self._names(spec.base, method):
                return spec.default
            type_name = spec.base
        return None

    def attribute(self, type_name: str, name: str) -> str | None:
        """The type of an attribute."""
        for _ in range(5):
            spec = self.type(type_name)
            if spec is None:
                return None
            if name in spec.attributes:
                return spec.attributes[name]
            type_name = spec.base
        return None

    def canonical(self, path: str) -> str:
        """The name under which a thing is specified, which may be imported from several places."""
        root = path.partition(".")[0]
        if root not in self._loaded:
            self._load(root)
        return self.aliases.get(path, path)

    def class_type(self, path: str) -> str:
        """The type of what a class of the library makes, if all its classes are of one kind."""
        root = path
        while root:
            if root in self.classes:
                return self.classes[root]
            root = root.rpartition(".")[0]
        return ""

    def family(self, path: str) -> str:
        """Whose settings a library's calls depend on: its own, or those of the library that it draws with."""
        root = path.partition(".")[0]
        if root not in self._loaded:
            self._load(root)
        return self.families.get(root, root)

    def _names(self, type_name: str, method: str) -> bool:
        spec = self.type(type_name)
        return spec is not None and (method in spec.methods or (bool(spec.base) and self._names(spec.base, method)))

    def _load(self, root: str) -> None:
        self._loaded.add(root)
        if root not in self._index and root not in self.pure and "more" not in self._loaded:
            self._load("more")
        for path in self._index.get(root, ()):
            for each in path.stem.split("+"):
                self._loaded.add(each)
            _add(self, _read(path), is_ours=path.parent == FOLDER)


@cache
def library_of(folders: tuple[Path, ...]) -> Library:
    """The library with the specifications of these folders; it is the same for all notebooks."""
    return Library(folders)


@cache
def _read(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _add(library: Library, data: Mapping[str, Any], *, is_ours: bool) -> None:
    """Add a file; what a user says of a function or type goes before what stands here, whichever is read first."""
    module = data.get("module", "")
    library.aliases.update(data.get("aliases", {}))
    library.pure.update(data.get("pure", ()))
    library.families.update(data.get("families", {}))
    library.classes.update(data.get("classes", {}))
    # Function by function: several headings may speak of the same one.
    functions: dict[str, CallSpec] = {}
    collect(functions, data.get("functions", {}), prefix=f"{module}." if module and module != "builtins" else "")
    library.functions.update(
        {name: spec for name, spec in functions.items() if not (is_ours and name in library.functions)}
    )
    for name, entry in data.get("types", {}).items():
        full = name if "." in name or module in {"", "builtins"} else f"{module}.{name}"
        default = CallSpec() if entry.get("default", "pure") == "pure" else None
        spec = TypeSpec(
            full,
            default,
            attributes=by_name(entry.get("attributes", {})),
            items=entry.get("items", {}),
            element=entry.get("element", ""),
            views=frozenset(words(entry.get("views", ""))),
            base=entry.get("base", ""),
        )
        known = library.types.get(spec.base)
        if known is not None:
            spec.methods.update(known.methods)
        collect(spec.methods, entry, prefix="")
        if not (is_ours and full in library.types):
            library.types[full] = spec
    collect(library.methods_of_anything, data.get("anything", {}), prefix="")
