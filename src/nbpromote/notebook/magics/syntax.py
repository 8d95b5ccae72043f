"""What Python says of a cell that it cannot parse, in words that help."""

import re
import sys

_PYTHON2 = (
    (re.compile(r"Missing parentheses in call to 'print'"), "a print statement"),
    (re.compile(r"Missing parentheses in call to 'exec'"), "an exec statement"),
    (re.compile(r"multiple exception types must be parenthesized"), "`except A, e`"),
    (re.compile(r"(?i)(lambda expression|function) parameters cannot be parenthesized"), "a tuple as a parameter"),
    (re.compile(r"leading zeros in decimal integer literals"), "an octal literal such as 0777"),
)
_PYTHON2_LINE = (
    (re.compile(r"^\s*print\s+[^=(\s]|^\s*print\s*>>"), "a print statement"),
    (re.compile(r"^\s*except\s+[\w.]+\s*,\s*\w+\s*:"), "`except A, e`"),
    (re.compile(r"^\s*raise\s+[\w.]+\s*,"), "`raise A, message`"),
    (re.compile(r"\b\d+[lL]\b"), "a long literal such as 10L"),
    (re.compile(r"<>"), "the operator <>"),
    (re.compile(r"\bur['\"]", re.I), "a ur'' literal"),
    (re.compile(r"`[^`]+`"), "a repr in backticks"),
)

_NEWER = (
    (re.compile(r"^\s*type\s+[^\W\d]\w*\s*(?:\[.*\])?\s*="), (3, 12), "a `type` statement"),
    (re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+[^\W\d]\w*\s*\["), (3, 12), "type parameters"),
    (re.compile(r"(?<!\w)(?:t|tr|rt)['\"]", re.I), (3, 14), "a template string"),
)

Span = tuple[int, int, int, int]


def describe(error: Exception, rows: tuple[str, ...]) -> tuple[str, bool, Span | None]:
    """The message, whether this is Python 2, and where in the Python code it is."""
    if isinstance(error, RecursionError | MemoryError):
        return "nested too deeply for Python's own parser", False, None
    if not isinstance(error, SyntaxError):
        return f"not text that Python accepts: {error}", False, None
    message = (error.msg or "invalid syntax").strip()
    span = _span(error, rows)
    row = rows[span[0] - 1] if span else ""
    for pattern, what in _PYTHON2:
        if pattern.search(message):
            return f"Python 2 code: {what}", True, span
    for pattern, what in _PYTHON2_LINE:
        if pattern.search(row):
            return f"Python 2 code: {what}", True, span
    newer = _newer(message, row, rows)
    return newer or f"not valid Python: {message}", False, span


def _newer(message: str, row: str, rows: tuple[str, ...]) -> str | None:
    """What of a Python newer than this one it is, if it is."""
    found = next(((version, what) for pattern, version, what in _NEWER if pattern.search(row)), None)
    if found is None and ("f-string" in message or "string literal" in message):
        found = ((3, 12), "an f-string with quotes or lines of its own inside")
    if found is None or sys.version_info[:2] >= found[0]:
        return None
    # LibCST's parser knows newer Pythons than the one that it runs on, and is slow to import.
    import libcst

    try:
        libcst.parse_module("\n".join(rows))
    except (libcst.ParserSyntaxError, RecursionError, ValueError):
        return None
    version, here = ".".join(map(str, found[0])), ".".join(map(str, sys.version_info[:2]))
    return f"Python {version} code, and this is Python {here}: {found[1]}"


def _span(error: SyntaxError, rows: tuple[str, ...]) -> Span | None:
    if not error.lineno or not rows:
        return None
    line = min(max(error.lineno, 1), len(rows))
    column = min(max((error.offset or 1) - 1, 0), len(rows[line - 1]))
    end_line = min(max(error.end_lineno or line, line), len(rows))
    end_column = (error.end_offset or 0) - 1
    if end_line == line:
        end_column = max(end_column, column + 1)
    return line, column, end_line, min(max(end_column, 0), max(len(rows[end_line - 1]), column + 1))
