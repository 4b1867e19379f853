"""A hook's text to its words: as a POSIX shell splits them, and nothing else that a shell does."""

from prehook.errors import PrehookError
from prehook.journal import quoted

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@% \t")
_OPERATORS = frozenset("&|;<>()$`*?\n")
_AT_START_OF_WORD = frozenset("~#")
_BLANK = " \t\r\n"

NO_SHELL = "hooks are run without a shell: quote it if it is meant as it stands, or use sh -c '…'"


def split(text: str, place: str) -> list[str]:
    """Return the words of a hook.

    Args:
        text: What the user wrote.
        place: Which hook it is, for messages.

    Raises:
        PrehookError: It has no words or a quote without end, or means something only to a shell.
    """
    text = text.strip(_BLANK)
    if _PLAIN.issuperset(text):
        words = text.split()
    else:
        _refuse_shell(text, place)
        words = _split_quoted(text, place)
    if not words:
        raise PrehookError(f"{place} is empty", hint="a hook is a command: prehook 'CMD ARG' -- …")
    _refuse_assignment(words[0], place)
    return words


def _split_quoted(text: str, place: str) -> list[str]:
    import shlex

    try:
        return shlex.split(text)
    except ValueError as error:
        what = "a backslash" if "escaped" in str(error) else "a quote without its end"
        raise PrehookError(
            f"{place} ends in {what}",
            hint="quotes are as in sh: '…' takes everything as it stands",
        ) from None


def _refuse_shell(text: str, place: str) -> None:
    for index, character in _unquoted(text):
        starts_word = index == 0 or text[index - 1] in _BLANK
        if character in _OPERATORS or (starts_word and character in _AT_START_OF_WORD):
            shown = character * 2 if text[index : index + 2] in ("&&", "||") else character
            what = "a line break" if character == "\n" else f"an unquoted {quoted(shown)}"
            raise PrehookError(f"{place} has {what} at character {index + 1}", hint=NO_SHELL)
        if character == "[" and "]" in text[index:].split(None, 1)[0]:
            raise PrehookError(
                f"{place} has an unquoted pattern at character {index + 1}", hint=NO_SHELL
            )


def _unquoted(text: str) -> "list[tuple[int, str]]":
    """Return the characters that stand outside of quotes and behind no backslash.

    A line break behind a backslash counts: a shell drops it, `shlex` makes it a part of a word.
    """
    found = []
    quote = ""
    escaped = False
    for index, character in enumerate(text):
        if escaped:
            escaped = False
            if character == "\n" and quote != "'":
                found.append((index, character))
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        else:
            found.append((index, character))
    return found


def _refuse_assignment(word: str, place: str) -> None:
    name, equals, _ = word.partition("=")
    if equals and name.isidentifier():
        raise PrehookError(
            f"{place} begins with an assignment to {name}",
            hint=f"hooks are run without a shell: use env {name}=… CMD",
        )
