"""The names that files give to languages, as the one name used here."""

from collections.abc import Mapping

_NAMES = {
    "ipython": "python", "ipython2": "python", "ipython3": "python", "python2": "python", "python3": "python",
    "pyspark": "python", "pysparkkernel": "python", "pyspark3kernel": "python", "pyspark3": "python",
    "py": "python",
    "ir": "r", "sparkr": "r", "sparkrkernel": "r",
    "sparkkernel": "scala", "spylon-kernel": "scala", "almond": "scala", "spark": "scala",
    "apache_toree_scala": "scala",
    "sh": "bash", "shell": "bash", "shellscript": "bash", "zsh": "bash",
    "js": "javascript", "cpp": "c++", "spark-sql": "sql", "sparksql": "sql", "tsql": "sql", "kql": "kusto",
}  # fmt: skip


def named(name: str) -> str:
    """The language that a file, a kernel or a cell names."""
    plain = name.strip().lower()
    return _NAMES.get(plain, plain)


def main_language(metadata: Mapping[str, object]) -> str | None:
    """The language that a notebook's metadata tell, if they do."""
    for key, field in (("language_info", "name"), ("kernelspec", "language"), ("kernelspec", "name")):
        section = metadata.get(key)
        value = section.get(field) if isinstance(section, Mapping) else None
        if isinstance(value, str) and value.strip():
            found = named(value)
            if field != "name" or key != "kernelspec" or found in _NAMES.values():
                return found
    return None
