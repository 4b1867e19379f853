"""What one start is to do."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.identity import Identity
    from prehook.journal import Journal
    from prehook.step import Step


class Start:
    """The steps in their order, then CMD.

    Attributes:
        journal: Where it says things.
        steps: What is to be done.
        command: CMD.
        user: Who CMD runs as; None for who prehook runs as.
        init: Whether prehook stays, as an init with CMD as its child.
        limit: Seconds that all steps may take together; can be infinite.
        trace: The file that the timeline goes to.
        information: What to do instead: `--help`, `--version` or `explain`.
    """

    __slots__ = ("command", "information", "init", "journal", "limit", "steps", "trace", "user")

    def __init__(self, journal: "Journal") -> None:
        self.journal = journal
        self.steps: list[Step] = []
        self.command: list[str] = []
        self.user: Identity | None = None
        self.init = False
        self.limit = float("inf")
        self.trace: str | None = None
        self.information = ""
