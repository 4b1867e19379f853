"""Exposure: what was a secret, and would stand in plaintext after an edit.

Whoever renames a key can take it away from all `seal` paths without noticing, and whoever comments
a line out leaves its value in the comment: comments are not sealed.
"""

from __future__ import annotations

import re

from yamlvault.document.compose import compose
from yamlvault.document.node import Scalar
from yamlvault.format.encoding import path_of
from yamlvault.format.tags import NULL_TAG, plain_tag, scalar_tag
from yamlvault.source import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from yamlvault.document.node import Node, Stream
    from yamlvault.editing.draft import Draft
    from yamlvault.sealing import Sealing

# What is shorter stands elsewhere by chance. Where the secret itself is gone, that is less likely.
_TELLING, _TELLING_IF_GONE = 8, 4  # characters
_TELL_NOTHING = (plain_tag("true"), NULL_TAG)  # they are the same by chance


def exposed(draft: Draft, text: str, sealing: Sealing) -> list[int]:
    """Return where secrets of a draft stand in the edited text and are not going to be sealed.

    Args:
        draft: The draft that was edited.
        text: What it has become.
        sealing: What was made of that.

    Returns:
        Indexes into `text`.
    """
    edited, lock = compose(text), draft.lock
    before = _public(lock.source.text, lock.source.stream.nodes, lock.source.stream.nodes)
    after = _public(text, edited.nodes, parse(sealing.text).stream.nodes)
    values, known = _values(edited), _values(lock.source.stream)
    found = set()
    for path, value in _values(compose(draft.text)).items():
        if path not in draft.secrets:
            continue
        is_gone = path not in values
        # as it reads, and as it is written: a comment has the latter
        written = draft.secrets[path].payload.source.strip("'\"")
        for needle in _needles((value, written), _TELLING_IF_GONE if is_gone else _TELLING):
            if needle in after and needle not in before:
                found |= set(_occurrences(needle, after))
        if is_gone:
            found |= set(_scalars_of(value, edited, after, known))
    return sorted(found)


def _public(text: str, nodes: Sequence[Node], written: Sequence[Node]) -> str:
    """Return the text with blanks in place of what is sealed in what was written of it."""
    parts, behind = [], 0
    for scalar, result in zip(nodes, written, strict=True):
        if isinstance(scalar, Scalar) and isinstance(result, Scalar) and result.sealed is not None:
            parts += [text[behind : scalar.start], " " * (scalar.end - scalar.start)]
            behind = scalar.end
    return "".join([*parts, text[behind:]])


def _needles(texts: Iterable[str], length: int) -> set[str]:
    """Return what is looked for: texts, or each of their lines."""
    lines = {line.strip() for text in texts for line in text.splitlines()}
    return {line for line in lines if len(line) >= length}


def _occurrences(needle: str, text: str) -> Iterable[int]:
    """Yield where a word or several stand, and not as a part of a longer one."""
    pattern = rf"(?<!\w){re.escape(needle)}(?!\w)"
    return (match.start() for match in re.finditer(pattern, text))


def _scalars_of(
    value: str, stream: Stream, public: str, known: Mapping[bytes, str]
) -> Iterable[int]:
    """Yield where scalars have a value, however short it is, and had not before."""
    for node in stream.nodes:
        if not isinstance(node, Scalar) or node.encoded is not None or node.value != value:
            continue
        is_public = public[node.start : node.end].strip() and known.get(path_of(node)) != value
        if is_public and scalar_tag(node) not in _TELL_NOTHING:
            yield node.start


def _values(stream: Stream) -> dict[bytes, str]:
    return {
        path_of(node): node.value
        for node in stream.nodes
        if isinstance(node, Scalar) and node.encoded is None
    }
