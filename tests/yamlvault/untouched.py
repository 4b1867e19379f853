"""What encryption must leave alone, checked without the code that seals."""

import re

import yaml

from yamlvault.document.splice import splice
from yamlvault.document.text import decode
from yamlvault.source import read

SEALED = re.compile(r'"yv1\.[\w-]{8}\.[\w-]+"|yv1\.[\w-]{8}\.[\w-]+')


def assert_only_scalars_changed(plain, encrypted):
    """Check that the texts between the sealed scalars stand in the plaintext, in this order.

    A tag in front of an anchor is sealed too, so the text in front of `&name` may end earlier.
    """
    text, bom = decode(plain)
    source = read(encrypted)
    assert source.bom == bom
    kept = SEALED.split(splice(source.text, [source.removal]))
    pieces = [piece for text in kept for piece in _before_anchor(text)]
    assert text.startswith(pieces[0])
    assert text.endswith(pieces[-1])
    index = len(pieces[0])
    for piece in pieces[1:-1]:
        found = text.find(piece, index)
        assert found >= 0
        index = found + len(piece)
    if len(pieces) > 1:
        assert index <= len(text) - len(pieces[-1])


def _before_anchor(text):
    match = re.search(r"&\S+\s+\Z", text)
    return [text[: match.start()], match.group()] if match else [text]


def sealable(text, loader):
    """Count the scalars with something to hide: not empty, and in no mapping key."""
    count = 0
    stack = []  # [is a mapping, number of children so far, is or is in a key]
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        if not isinstance(event, yaml.NodeEvent):
            continue
        in_key = False
        if stack:
            in_key = stack[-1][2] or (stack[-1][0] and stack[-1][1] % 2 == 0)
            stack[-1][1] += 1
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append([isinstance(event, yaml.MappingStartEvent), 0, in_key])
        elif isinstance(event, yaml.ScalarEvent) and not in_key:
            count += bool(event.value or event.style)
    return count
