"""Parse events from PyYAML: libyaml's when it is there, else those of pure Python."""

from __future__ import annotations

from typing import Protocol

import yaml
from yaml.events import StreamEndEvent

from yamlvault.document.text import check_characters
from yamlvault.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


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
        raise _refusal(error) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # ValueError: pure PyYAML takes the number of an escape such as \UFFFFFFFF unchecked
        raise DocumentError("not valid YAML") from None
    finally:
        loader.dispose()


def _refusal(error: yaml.MarkedYAMLError) -> DocumentError:
    problem = error.problem or "unreadable"
    if not problem.startswith(_ABOUT_GRAMMAR):
        problem = problem.split("'")[0].split('"')[0].rstrip(" (")
    mark = error.problem_mark or error.context_mark
    hint = None
    if "\\t" in (error.problem or "") or "tab" in problem:
        hint = "YAML is indented with spaces, not with tabs"
    return DocumentError(
        f"not valid YAML: {problem}",
        line=mark.line + 1 if mark else None,
        column=mark.column + 1 if mark else None,
        hint=hint,
    )
