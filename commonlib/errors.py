"""What commonlib refuses to do, as exceptions that build their own message. Standard library only."""


class CommonlibError(Exception):
    """Something was refused or failed. The message says where, what is wrong, and what to do next."""
