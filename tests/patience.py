"""How long a test waits: a machine that is slow, or busy with something else, is not broken."""


def patience(seconds: float) -> float:
    """The limit, in seconds, of what takes no longer than `seconds` on two quiet cores."""
    return 20 * seconds
