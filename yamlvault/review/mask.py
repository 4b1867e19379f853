"""Masks: what stands in place of a sealed scalar that is not opened."""

from __future__ import annotations

from yamlvault.document.compose import compose
from yamlvault.document.node import Scalar
from yamlvault.document.span import Properties
from yamlvault.format.encoding import sha256
from yamlvault.format.sealed import to_b64

COMMENT = "# yamlvault:"  # the lines that are ours
_MARK = "<sealed "
# Bytes of the hash. Who knows a data key can try nonces until a mark is that of another sealed
# scalar: with 96 bits they don't live to see it.
_SIZE = 12


def mark_of(sealed: str) -> str:
    """Return the mark of a sealed text: another one for each other text, and nothing else of it."""
    return f"{_MARK}{to_b64(sha256(sealed.encode())[:_SIZE])}>"


def masked(text: str) -> str:
    """Return a text with marks in place of what is sealed in it, and without look-alikes.

    Raises:
        DocumentError: It is not YAML.
    """
    parts, behind = [], 0
    for node in compose(text).nodes:
        if type(node) is Scalar and node.sealed is not None:
            start = node.start
            if node.anchor is not None:
                start = Properties(text, start, node.anchor).content_start
            parts += [without_lookalikes(text[behind:start]), mark_of(node.sealed)]
            behind = node.end
    return "".join([*parts, without_lookalikes(text[behind:])])


def without_lookalikes(text: str) -> str:
    r"""Return a text in which a backslash stands in what could pass for a mark or a line of ours.

    Without it a plaintext `<sealed …>` in place of a sealed scalar would be no difference.
    """
    return text.replace(_MARK, f"{_MARK[0]}\\{_MARK[1:]}").replace(
        COMMENT, f"{COMMENT[:2]}\\{COMMENT[2:]}"
    )
