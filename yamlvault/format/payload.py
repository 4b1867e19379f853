"""Scalars to payloads, and what a payload must read as when it is back (format, 3.1 and 3.2)."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.document.compose import compose
from yamlvault.document.node import STR_TAG, Collection, Scalar
from yamlvault.document.span import Properties, block_column
from yamlvault.document.splice import Edit
from yamlvault.document.text import LINE_BREAKS, position
from yamlvault.errors import DocumentError, IntegrityError
from yamlvault.format.sealed import MAX_TAG, Payload
from yamlvault.format.tags import plain_tag, scalar_tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# what may stand behind a plain scalar; anything else would become a part of it
_ENDS_PLAIN = frozenset(" \t,]}" + LINE_BREAKS)
_FLOW_INDICATORS = frozenset(",[]{}")
# what starts something other than a plain scalar, or does in some places
_DOUBTFUL_STARTS = frozenset(" -?:,[]{}#&*!|>%@`")


class Reading(NamedTuple):
    """How a scalar reads: its tag (format, 4.1), its value, and whether the tag is written."""

    tag: str
    value: str
    is_tagged: bool

    def __repr__(self) -> str:
        return "<Reading>"  # the value is plaintext


def reading_of(scalar: Scalar) -> Reading:
    return Reading(scalar_tag(scalar), scalar.value, scalar.tag is not None)


def is_in_flow(scalar: Scalar) -> bool:
    return scalar.parent is not None and scalar.parent.is_flow


def has_lines(source: str) -> bool:
    """Tell whether the text goes over more than one line."""
    if "\n" in source:
        return True
    return (not source.isascii() and any(mark in source for mark in LINE_BREAKS)) or "\r" in source


def payload_of(text: str, scalar: Scalar) -> Payload:
    """Return what is to be sealed of a scalar that stands in `text`."""
    _check_indentation(text, scalar)
    start, before = scalar.start, ""
    if scalar.anchor is not None:
        found = Properties(text, start, scalar.anchor)
        if found.content_start == found.anchor_end:
            # YAML 1.1 ends the anchor before the colon of `&a:b`, YAML 1.2 behind the b
            line, column = position(text, found.content_start)
            raise DocumentError(
                "a value starts directly behind its anchor",
                line=line,
                column=column,
                hint="put a space between the two",
            )
        if 0 <= found.tag_start < found.anchor_start:
            before, start = text[start : found.anchor_start], found.content_start
        else:
            start = found.tag_start if found.tag_start >= 0 else found.content_start
    tag = scalar.tag or ""
    if max(len(tag.encode()), len(before.encode())) > MAX_TAG:
        line, column = position(text, scalar.start)
        raise DocumentError(f"a tag is longer than {MAX_TAG} bytes", line=line, column=column)
    return Payload(
        source=text[start : scalar.end],
        tag=tag,
        before=before,
        in_flow=is_in_flow(scalar),
        no_line_break=scalar.style in ("|", ">")
        and text[scalar.end : scalar.end + 1] not in tuple(LINE_BREAKS),
        indent=block_column(scalar.parent),
    )


def _check_indentation(text: str, scalar: Scalar) -> None:
    """Refuse a block scalar that starts a line left of where YAML allows it to.

    PyYAML reads it, since the header says what it is; nothing else could stand there.
    """
    if scalar.style not in ("|", ">") or scalar.parent is None:
        return
    head = scalar.start
    while text[head - 1 : head] == " ":
        head -= 1
    is_first = head == 0 or text[head - 1] in LINE_BREAKS
    if is_first and scalar.start - head <= block_column(scalar.parent):
        line, column = position(text, scalar.start)
        raise DocumentError(
            "a block scalar starts left of what it is the value of",
            line=line,
            column=column,
            hint="put its header behind the `:` or `-`, or indent it",
        )


def sealing_edits(text: str, scalar: Scalar, payload: Payload, *, quoted: bool) -> list[Edit]:
    """Return the edits that put the sealed text in place of the scalar."""
    sealed = str(scalar.sealed)
    follower = text[scalar.end : scalar.end + 1]
    glued = text[scalar.start - 1 : scalar.start] == ":" and scalar.anchor is None
    if quoted or glued or (follower and follower not in _ENDS_PLAIN):
        sealed = f'"{sealed}"'
    edits = []
    if payload.before:
        edits.append(Edit(scalar.start, scalar.start + len(payload.before), ""))
    edits.append(Edit(scalar.end - len(payload.source), scalar.end, sealed))
    return edits


def opening_edits(
    text: str, scalar: Scalar, payload: Payload, reading: Reading, *, canonical: bool
) -> list[Edit]:
    """Return the edits that put a payload back in place of a sealed scalar.

    Args:
        text: The encrypted text.
        scalar: The sealed scalar in it.
        payload: What it opened to.
        reading: What the payload must read as.
        canonical: Give up the layout of what depends on its surroundings.
    """
    source = payload.source
    if _must_be_quoted(payload, reading, now_in_flow=is_in_flow(scalar), canonical=canonical):
        from yamlvault.document.quote import canonical as quote

        source = quote(reading.tag, reading.value)
        payload = payload._replace(before="")
    elif has_lines(source):
        source = shifted(source, block_column(scalar.parent) - payload.indent)
    if scalar.anchor is None:
        return [Edit(scalar.start, scalar.end, payload.before + source)]
    found = Properties(text, scalar.start, scalar.anchor)
    edits = [Edit(found.content_start, scalar.end, source)]
    if payload.before:
        edits.append(Edit(found.anchor_start, found.anchor_start, payload.before))
    return edits


def _must_be_quoted(
    payload: Payload, reading: Reading, *, now_in_flow: bool, canonical: bool
) -> bool:
    if reading.tag == "!":
        return False  # in quotes `! 12` would be a text for every reader
    if not (reading.is_tagged or reading.tag == STR_TAG):
        return canonical  # a plain number, boolean or null reads the same wherever it ends
    if has_lines(payload.source + payload.before):
        return canonical or payload.in_flow != now_in_flow
    if payload.source[:1] in ("|", ">"):
        return canonical or now_in_flow
    is_plain = payload.source[:1] not in ("'", '"')
    return is_plain and (canonical or (now_in_flow and not payload.in_flow))


def shifted(source: str, columns: int) -> str:
    """Move every line but the first by a number of columns."""
    if columns == 0:
        return source
    lines = source.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if number == 0 or not line.strip(" " + LINE_BREAKS):
            continue
        spaces = len(line) - len(line.lstrip(" "))
        lines[number] = " " * max(spaces + columns, 0) + line[spaces:]
    return "".join(lines)


class Surroundings(NamedTuple):
    """What a payload needs around it to read as it did: is it a root, and under which `%TAG`."""

    is_root: bool
    tag_directives: dict[str, str]


def readings(items: Sequence[tuple[Payload, Surroundings]]) -> list[Reading]:
    """Return how each payload reads in the place it was sealed in.

    Raises:
        IntegrityError: A payload is no scalar, or its tag is another under this `%TAG`.
    """
    found: list[Reading | None] = [_simple_reading(payload) for payload, _ in items]
    pending = [number for number, reading in enumerate(found) if reading is None]
    together = [number for number in pending if not items[number][0].no_line_break]
    alone = [number for number in pending if items[number][0].no_line_break]
    for batch in (together, *([number] for number in alone)):
        text = "".join(_document(*items[number]) for number in batch)
        scalars = _parse(text, [items[number][1].is_root for number in batch])
        for number, scalar in zip(batch, scalars, strict=True):
            if (scalar.tag or "") != items[number][0].tag:
                # a %TAG line was changed: it is not what the MACs cover (format, 3.2)
                raise IntegrityError("the tag of a sealed scalar means something else here")
            found[number] = reading_of(scalar)
    return [reading for reading in found if reading is not None]


def _simple_reading(payload: Payload) -> Reading | None:
    """Return how a scalar on one line without a tag or an escape reads, or None if in doubt."""
    source = payload.source
    if payload.tag or payload.before or not source.isprintable() or not source:
        return None
    mark = source[0]
    if mark in ("'", '"'):
        value = source[1:-1]
        if source[-1] != mark or len(source) < 2 or (mark == '"' and "\\" in value):
            return None
        if mark == "'":
            return _quoted_reading(value.replace("''", ""), value.replace("''", "'"), mark)
        return _quoted_reading(value, value, mark)
    if mark in _DOUBTFUL_STARTS or source[-1] in ": " or ": " in source or " #" in source:
        return None
    if payload.in_flow and not _FLOW_INDICATORS.isdisjoint(source):
        return None
    return Reading(plain_tag(source), source, is_tagged=False)


def _quoted_reading(bare: str, value: str, mark: str) -> Reading | None:
    return None if mark in bare else Reading(STR_TAG, value, is_tagged=False)


def _document(payload: Payload, surroundings: Surroundings) -> str:
    """Return a document in which the payload stands as it stood: alone, in flow or in block."""
    directives = surroundings.tag_directives
    head = "".join(f"%TAG {handle} {prefix}\n" for handle, prefix in directives.items())
    node = payload.before + payload.source
    # behind a CR, an LF would end the same line once more and not the next
    newline = "\r" if node.endswith("\r") else "\n"
    end = "" if payload.no_line_break else f"{newline}...\n"
    if surroundings.is_root:
        return f"{head}--- {node}{end}"
    if payload.in_flow:
        return f"{head}---\n[{node}]{end}"
    return f"{head}---\n{' ' * payload.indent}- {node}{end}"


def _parse(text: str, are_roots: list[bool]) -> list[Scalar]:
    """Return the scalars of the documents: the roots, or the only items of the roots."""
    try:
        documents = compose(text).documents
    except DocumentError:
        raise IntegrityError("a sealed scalar has a malformed payload") from None
    found = []
    if len(documents) == len(are_roots):
        for document, is_root in zip(documents, are_roots, strict=True):
            node = document.root
            if not is_root and isinstance(node, Collection) and len(node.children) == 1:
                node = node.children[0]
            if isinstance(node, Scalar) and node.anchor is None:
                found.append(node)
    if len(found) != len(are_roots):
        raise IntegrityError("a sealed scalar has a malformed payload")
    return found
