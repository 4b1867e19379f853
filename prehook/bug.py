"""What is said of an error that nobody has foreseen: a bug of ours."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

HINT = "please report it with this line"


def described(kind: type[BaseException], trace: "TracebackType | None") -> str:
    """Name its class and its place: neither a traceback nor the message, which can quote."""
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_globals['__name__']}:{trace.tb_lineno}" if trace else "unknown"
    return f"internal error: {kind.__name__} in {where}"
