"""A line of text that remembers where each of its characters came from."""

from dataclasses import dataclass, replace

from nbpromote.notebook.magics.code import Piece, Place


@dataclass(frozen=True, slots=True)
class MappedLine:
    """One line without its end, cut and joined like a string."""

    text: str
    pieces: tuple[Piece, ...]

    @staticmethod
    def of_user(text: str, line: int) -> "MappedLine":
        return MappedLine(text, (Piece(0, line, 0),))

    @staticmethod
    def generated(text: str, instead_of: Place) -> "MappedLine":
        return MappedLine(text, (Piece(0, instead_of.line, instead_of.column, instead_of),))

    @staticmethod
    def continued(parts: "list[MappedLine]") -> "MappedLine":
        """The lines that backslashes continue as one line, as IPython's `assemble_continued_line` joins them."""
        texts: list[str] = []
        pieces: list[Piece] = []
        column = 0
        for part in parts:
            kept = part.text.rstrip()
            if part is not parts[-1]:
                kept = f"{kept[:-1]} "
            texts.append(kept)
            pieces += [
                replace(piece, column=piece.column + column) for piece in part.pieces if piece.column <= len(kept)
            ]
            column += len(kept)
        return MappedLine("".join(texts), tuple(pieces))

    def cut(self, start: int, end: int | None = None) -> "MappedLine":
        """The part from `start` to `end`, as a slice."""
        start, stop, _ = slice(start, end).indices(len(self.text))
        kept: list[Piece] = []
        for index, piece in enumerate(self.pieces):
            following = self.pieces[index + 1].column if index + 1 < len(self.pieces) else len(self.text) + 1
            if following <= start or piece.column > stop:
                continue
            skipped = max(start - piece.column, 0)
            kept.append(
                replace(piece, column=max(piece.column - start, 0), user_column=piece.user_column + skipped)
                if piece.instead_of is None
                else replace(piece, column=max(piece.column - start, 0))
            )
        return MappedLine(self.text[start:stop], tuple(kept))

    def __add__(self, other: "MappedLine") -> "MappedLine":
        shift = len(self.text)
        mine = tuple(piece for piece in self.pieces if piece.column < shift)
        return MappedLine(
            self.text + other.text, mine + tuple(replace(p, column=p.column + shift) for p in other.pieces)
        )

    def user_position(self, column: int, *, is_end: bool = False) -> tuple[int, int]:
        """The user's line and column of this column."""
        at = column - 1 if is_end and column else column
        piece = next((piece for piece in reversed(self.pieces) if piece.column <= at), self.pieces[0])
        if piece.instead_of is None:
            return piece.line, piece.user_column + column - piece.column
        place = piece.instead_of
        return (place.end_line, place.end_column) if is_end else (place.line, place.column)
