"""The one error of prehook: the chain ends with a message and an exit status."""

# Docker's own status for "the container could not be started": neither a hook nor CMD gave it.
OWN_FAILURE = 125


class PrehookError(Exception):
    """Say what failed and where; never more of a hook or an argument than its name.

    Attributes:
        message: What failed.
        hint: What to do about it: one line.
        exit_status: What prehook exits with.
    """

    def __init__(
        self, message: str, *, hint: str | None = None, exit_status: int = OWN_FAILURE
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_status = exit_status
