"""A repository in which nothing lies yet."""


class EmptyRepository:
    """What a promotion sees of it."""

    def read_bytes(self, path: str) -> bytes | None:
        return None

    def files(self, folder: str) -> tuple[str, ...]:
        return ()

    def landed(self, path: str) -> tuple[str, ...]:
        return ()
