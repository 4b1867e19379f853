"""Parse events from PyYAML: libyaml's when it is there, else those of pure Python."""

from __future__ import annotations

import yaml
from yaml.events import StreamEndEvent

from yamlvault.document.text import check_characters
from yamlvault.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class Mark(Protocol):
        """A place in the text: index in characters, line and column from 0."""

        index: int
        line: int
        column: int

    class Event(Protocol):
        """What PyYAML's events have; each kind has some of it."""

        start_mark: Mark
        end_mark: Mark
        anchor: str
        tag: str | None
        value: str
        style: str | None
        flow_style: bool | None
        explicit: bool | None
        tags: dict[str, str] | None


PARSERS: dict[str, type] = {"pure": yaml.Loader}
if yaml.__with_libyaml__:
    PARSERS["libyaml"] = yaml.CLoader

# PyYAML's texts that quote the grammar and not the file. All others are cut at the first quote:
# what stands in it can be a part of a secret.
_ABOUT_GRAMMAR = ("expected", "did not find expected", "could not find expected")
_COMPLETED = {
    "found character": "found a character that cannot start a token",
    "found unexpected": "found an unexpected character",
}


def parse(text: str, parser: str | None = None) -> Iterator[Event]:
    """Yield the events of a stream.

    Args:
        text: The stream, without a byte order mark.
        parser: A name of `PARSERS`; by default the fastest that is installed.

    Raises:
        DocumentError: PyYAML can't parse the stream. With line and column, without an excerpt.
    """
    check_characters(text)
    loader = PARSERS[parser or ("libyaml" if "libyaml" in PARSERS else "pure")](text)
    try:
        while True:
            event = loader.get_event()
            yield event
            if type(event) is StreamEndEvent:
                return
    except yaml.MarkedYAMLError as error:
        raise _refusal(error, text) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # ValueError: pure PyYAML takes the number of an escape such as \UFFFFFFFF unchecked
        raise DocumentError("not valid YAML") from None
    finally:
        loader.dispose()


def _refusal(error: yaml.MarkedYAMLError, text: str) -> DocumentError:
    problem = _without_excerpt(error.problem or "unreadable")
    mark = error.problem_mark or error.context_mark
    hint = None
    if any(line.startswith("<<<<<<< ") for line in text.split("\n")):
        hint = (
            "a merge left conflicts: settle them with yamlvault merge FILE --ours, --theirs or "
            "--edit, or by hand and then yamlvault encrypt FILE"
        )
    elif mark is not None and text[mark.index : mark.index + 1] == "\t":
        hint = "YAML is indented with spaces, not with tabs"
    return DocumentError(
        f"not valid YAML: {problem}",
        line=mark.line + 1 if mark else None,
        column=mark.column + 1 if mark else None,
        hint=hint,
    )


def _without_excerpt(problem: str) -> str:
    head, found, token = problem.partition(", but found '")
    if found and not token.startswith("<"):
        return head  # a character of the file; `<scalar>` and the like are tokens
    if problem.startswith(_ABOUT_GRAMMAR):
        return problem
    head = problem.split("'", maxsplit=1)[0].split('"', maxsplit=1)[0].rstrip(" (")
    return _COMPLETED.get(head, head)
