"""Bytes in any encoding become UTF-8, strictly: what cannot be decoded stops everything, with its line."""

import codecs
from typing import BinaryIO, Protocol

from commonlib.ingest.errors import UndecodableSource

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = ("cp1252", "cp1250", "cp1251", "shift_jis", "gb18030")


class Bytes(Protocol):
    """What a reader needs of an open source."""

    def read(self, size: int, /) -> bytes: ...


class Again:
    """An open source of which the first bytes were read already."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream = head, stream

    def read(self, size: int, /) -> bytes:
        if self._head:
            head, self._head = self._head, b""
            return head + self._stream.read(max(0, size - len(head)))
        return self._stream.read(size)


PLAIN = ("utf-8", "utf-8-sig", "ascii")


def find(head: bytes, declared: str | None) -> str:
    """The encoding: the declared one, else what a byte order mark says, else UTF-8."""
    if declared is not None:
        return codecs.lookup(declared).name
    return next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")


class Utf8:
    """An open source as UTF-8 without a byte order mark."""

    def __init__(self, stream: Bytes, encoding: str, path: str, *, is_start: bool = True) -> None:
        self._stream, self.path = stream, path
        self.encoding = encoding
        is_plain = encoding in PLAIN
        self._decoder = None if is_plain else codecs.getincrementaldecoder(encoding)("strict")
        self._line, self._is_first = 1, is_start

    def read(self, size: int, /) -> bytes:
        """Some bytes, more than none before the end. Those of a UTF-8 source are not checked yet: see `check`."""
        while True:
            chunk = self._stream.read(size)
            if self._decoder is None:
                if self._is_first:
                    self._is_first = False
                    chunk = chunk.removeprefix(codecs.BOM_UTF8)
                return chunk
            try:
                text = self._decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line = self._line + error.object[: error.start].count(b"\n")
                raise self._undecodable(line, error) from error
            if self._is_first and text:
                self._is_first, text = False, text.removeprefix("\ufeff")
            self._line += text.count("\n")
            try:
                found = text.encode()
            except UnicodeEncodeError as error:
                reason = f"holds {text[error.start]!r}, half a character"
                raise UndecodableSource(self.path, self.encoding, self._line, reason, "") from error
            if found or not chunk:
                return found

    def check(self, data: bytes, line: int) -> None:
        """That bytes from this line on are in the encoding. Raises UndecodableSource."""
        try:
            data.decode("ascii" if self.encoding == "ascii" else "utf-8")
        except UnicodeDecodeError as error:
            raise self._undecodable(line + data.count(b"\n", 0, error.start), error) from error

    def _undecodable(self, line: int, error: UnicodeDecodeError) -> UndecodableSource:
        data = error.object
        begin = data.rfind(b"\n", 0, error.start) + 1
        end = data.find(b"\n", error.start)
        whole = data[begin : len(data) if end < 0 else end].rstrip(b"\r")
        reason = f"byte 0x{data[error.start]:02x} at column {error.start - begin + 1}"
        near = whole[max(0, error.start - begin - 12) : error.start - begin + 12]
        readings, example = hint(data, near)
        encoding = self.encoding.removesuffix("-sig")
        return UndecodableSource(self.path, encoding, line, reason, readings, example=example)


def hint(data: bytes, near: bytes) -> tuple[str, str]:
    """How the bytes would read otherwise, and an encoding to try; a person decides: most encodings decode anything."""
    if data[:4096].count(0) > len(data[:4096]) // 4:
        return "every other byte is 0, as in utf-16-le and utf-16-be", "utf-16-le"
    readings: dict[str, str] = {}
    for name in _OTHERS:
        try:
            text = near.decode(name)
        except UnicodeDecodeError:
            continue
        if text.isprintable():
            readings.setdefault(text, name)
    found = ", ".join(f"{text.strip()!r} in {name}" for text, name in list(readings.items())[:3])
    return f"it reads {found}" if found else "", next(iter(readings.values()), "cp1252")
