"""What all parts of a start have to do with."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prehook.handover import Handover
    from prehook.journal import Journal
    from prehook.signals import Signals
    from prehook.step import Step


class Scene:
    """A start under way.

    Attributes:
        handover: What steps hand on.
        signals: The signals of this process.
        journal: Where to say things.
        consequence: What comes of a step that fails, for messages.
        limit: Seconds that all steps may take together.
        deadline: When these are over, on the monotonic clock. Both can be infinite.
        skipped: The steps that were left out, with the moment and the reason, for the trace.
    """

    __slots__ = ("consequence", "deadline", "handover", "journal", "limit", "signals", "skipped")

    def __init__(
        self, handover: "Handover", signals: "Signals", journal: "Journal", consequence: str
    ) -> None:
        self.handover = handover
        self.signals = signals
        self.journal = journal
        self.consequence = consequence
        self.limit = self.deadline = float("inf")
        self.skipped: list[tuple[Step, float, str]] = []
