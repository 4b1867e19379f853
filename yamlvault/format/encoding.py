"""N and P, the encodings of a node and of its path (format, 4.2 and 4.3)."""

from __future__ import annotations

from yamlvault.document.node import MAP_TAG, SEQ_TAG, Alias, Collection, Scalar
from yamlvault.format.tags import CORE_TAGS, NULL_TAG, scalar_tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from yamlvault.document.node import Node


def lp(data: bytes) -> bytes:
    """Return `data` behind its length: LP of the format."""
    return len(data).to_bytes(4, "big") + data


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def sha256(data: bytes) -> bytes:
    # 13 ms to import, and a text without collections in its keys is composed without one
    from cryptography.hazmat.primitives.hashes import SHA256, Hash

    digest = Hash(SHA256())
    digest.update(data)
    return digest.finalize()


_HEADS = {tag: b"S" + lp(tag.encode()) for tag in CORE_TAGS}


def encode_scalar(scalar: Scalar) -> bytes:
    """Return N of a scalar that is not sealed."""
    tag = scalar_tag(scalar)
    value = b"" if tag == NULL_TAG else scalar.value.encode()
    head = _HEADS.get(tag) or b"S" + lp(tag.encode())
    return head + len(value).to_bytes(4, "big") + value


def encode_key(key: Node) -> bytes:
    """Return N of a node in a mapping key whose children have theirs already."""
    if isinstance(key, Scalar):
        return encode_scalar(key)
    if isinstance(key, Alias):
        return _alias(path_in_key(key.target))
    return _encode_collection(key, encoded)


def encode(node: Node, stand_ins: Mapping[int, bytes] = {}) -> bytes:
    """Return N of a node.

    Args:
        node: The node.
        stand_ins: By the `id` of a node below it: what stands in place of its N.
    """
    if isinstance(node, Scalar):
        if node.sealed is not None:
            return b"E" + lp(node.sealed.encode())
        return encode_scalar(node)
    if isinstance(node, Alias):
        return _alias(path_of(node.target))
    if not stand_ins:
        return _encode_collection(node, encode)
    return _encode_collection(
        node, lambda child: stand_ins.get(id(child)) or encode(child, stand_ins)
    )


def _alias(path: bytes) -> bytes:
    # hashed: the path of what stands in a key holds that key's N, and aliases in keys could
    # double its length with every line
    return b"A" + sha256(path)


def encoded(key: Node) -> bytes:
    """Return N of a node in a mapping key; it was computed when the key was complete."""
    if key.encoded is None:
        raise AssertionError("a key was asked for before it was complete")
    return key.encoded


def _encode_collection(node: Collection, encode_child: Callable[[Node], bytes]) -> bytes:
    children = node.children
    parts: Iterable[bytes]
    if not node.is_mapping:
        parts = (lp(encode_child(child)) for child in children)
        return b"Q" + lp(_collection_tag(node, SEQ_TAG)) + sha256(b"".join(parts))
    entries = sorted(
        (encoded(children[index]), encode_child(children[index + 1]))
        for index in range(0, len(children), 2)
    )
    parts = (lp(key) + lp(value) for key, value in entries)
    return b"M" + lp(_collection_tag(node, MAP_TAG)) + sha256(b"".join(parts))


def _collection_tag(node: Collection, default: str) -> bytes:
    return (default if node.tag in (None, "!") else str(node.tag)).encode()


def path_of(node: Node) -> bytes:
    """Return P of a node."""
    if isinstance(node, Collection):
        if node.path is None:
            node.path = _step_from_parent(node)
        return node.path
    return _step_from_parent(node)


def _step_from_parent(node: Node) -> bytes:
    if node.parent is None:
        if not isinstance(node.step, int):
            raise AssertionError("a root has the index of its document")
        return b"D" + u32(node.step)
    return path_of(node.parent) + _step(node)


def _step(node: Node) -> bytes:
    if isinstance(node.step, int):
        return b"i" + u32(node.step)
    if node.step is None:
        return b"K" + lp(encoded(node))
    return b"k" + lp(encoded(node.step))


def path_in_key(target: Node) -> bytes:
    """Return P of the target of an alias that stands in a mapping key.

    Where the key that is being composed contains the target too, the path starts there: its own
    N is what is being computed (format, 4.3).
    """
    steps: list[bytes] = []
    node = target
    while not (node.step is None and node.encoded is None):
        if node.parent is None:
            return path_of(target)
        steps.append(_step(node))
        node = node.parent
    return b"R" + b"".join(reversed(steps))
