"""The nodes of a stream and their encodings N and P: docs/format.md, sections 3 and 4.

Written from that page alone. It shares no code, no YAML parser and no data model with the package;
comments name the section that a rule comes from.
"""

import hashlib
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML, events
from ruamel.yaml.error import YAMLError

CORE = "tag:yaml.org,2002:"
SEALED = re.compile(r"yv1\.[A-Za-z0-9_-]{8}\.[A-Za-z0-9_-]+")
BLANK = re.compile(r"(?:\s|(?<=\s)#[^\r\n]*)*")
CLOCK = r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:?[0-9]{2})?))?"
IMPLICIT = [  # 4.1
    ("null", r"~|null|Null|NULL|"),
    (
        "bool",
        r"[yY]|yes|Yes|YES|[nN]|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
    ),
    ("int", r"[-+]?(0b[01_]+|0o[0-7]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(:[0-5]?[0-9])*)"),
    ("float", r"[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?"),
    ("float", r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*"),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
    ("timestamp", rf"[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}(([Tt]|[ \t]+){CLOCK})?"),
    ("merge", r"<<"),
    ("value", r"="),
]


class Refused(Exception):  # noqa: N818 (what happened to the file)
    """The file is not what the format says, or not what its writer wrote."""


@dataclass(eq=False)
class Node:
    kind: str  # S, Q, M or A, as in 4.2
    start: int  # of its anchor or tag, where it has one
    end: int
    tag: str | None = None  # explicit and resolved; "!" where it stands alone
    value: str = ""
    plain: bool = False
    anchor: str | None = None
    flow: bool = False  # a collection in flow style
    column: int = 0  # of a block collection's first indicator or key
    children: list["Node"] = field(default_factory=list)  # keys and values by turns
    target: "Node | None" = None
    parent: "Node | None" = None
    step: Any = None  # a number, the key of a value, or None for a key
    memo: bytes | None = None

    @property
    def values(self) -> list["Node"]:
        return self.children[1::2] if self.kind == "M" else self.children

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()

    def ancestors(self) -> Iterator["Node"]:
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent

    def keys_above(self) -> Iterator["Node"]:
        return (node for node in self.ancestors() if node.parent and node.step is None)

    @property
    def is_sealed(self) -> bool:  # 3
        plain = self.kind == "S" and self.tag is None and not any(self.keys_above())
        return plain and SEALED.fullmatch(self.value) is not None


@dataclass
class Document:
    root: Node
    start: int
    directives: str


def compose(text: str) -> list[Document]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _compose(text, iter(YAML(typ="safe", pure=True).parse(text)))
    except (YAMLError, RecursionError, UnicodeError, ValueError) as error:
        raise Refused(f"not YAML: {type(error).__name__}") from error


def content(text: str, start: int) -> int:
    """Return where a node's content starts, behind tag and anchor."""
    for _ in range(2):
        found = re.compile(r"&[^\s,\[\]{}]+|!<[^>]*>|![^\s,\[\]{}]*").match(text, start)
        if found is None:
            break
        start = BLANK.match(text, found.end()).end()
    return start


def _compose(text: str, stream: Iterator[Any]) -> list[Document]:  # noqa: C901
    documents: list[Document] = []
    anchors: dict[str, Node] = {}

    def build(event: Any, parent: Node | None, step: Any) -> Node:
        node = Node("A", event.start_mark.index, event.end_mark.index, parent=parent, step=step)
        if isinstance(event, events.AliasEvent):
            if event.anchor not in anchors:
                raise Refused("an alias without an anchor")
            node.target = anchors[event.anchor]
            return node
        node.anchor = event.anchor
        if node.anchor is not None:
            anchors[node.anchor] = node
            node.start = _tag_before(text, node.start)  # ruamel starts at the anchor
        lone = re.compile(r"(?:&\S+\s+)?(?:!(?=\s|$)|!<!>)").match(text, node.start)
        node.tag = "!" if lone else None if event.tag is None else str(event.tag)
        if isinstance(event, events.ScalarEvent):
            # a pair of escaped surrogates, as JSON has them, is one character
            node.value = event.value.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
            node.kind, node.plain = "S", not event.style
            if node.plain and not node.value and node.anchor is None and node.tag is None:
                node.start = node.end = len(text[: node.start].rstrip())  # ends behind the `:`
            elif event.style in ("|", ">"):
                node.end = _end_of_block(text, node)
            else:
                node.end = node.start + len(text[node.start : node.end].rstrip())
            return node
        node.kind, end = "M", events.MappingEndEvent
        if isinstance(event, events.SequenceStartEvent):
            node.kind, end = "Q", events.SequenceEndEvent
        node.flow = bool(event.flow_style)
        first = content(text, node.start) if node.anchor or node.tag else node.start
        node.column = first - (max(text.rfind(mark, 0, first) for mark in "\r\n") + 1)
        while not isinstance(event := next(stream), end):
            number = len(node.children)
            by = number if node.kind == "Q" else node.children[-1] if number % 2 else None
            node.children.append(build(event, node, by))
        node.end = event.end_mark.index if node.flow else node.children[-1].end
        if node.kind == "M":
            _refuse_duplicates(node)
        return node

    for event in stream:
        if isinstance(event, events.DocumentStartEvent):
            anchors.clear()
            directives = "".join(f"%TAG {h} {p}\n" for h, p in (event.tags or {}).items())
            root = build(next(stream), None, len(documents))
            documents.append(Document(root, event.start_mark.index, directives))
    return documents


def _tag_before(text: str, anchor: int) -> int:
    if text[anchor] != "&" or re.compile(r"&\S+\s+!").match(text, anchor):
        return anchor
    found = re.search(
        r"(?<![^\s\[{,])(?:!<[^>\s]*>|![^\s,\[\]{}]*)(?:\s|(?<=\s)#[^\n]*)+\Z", text[:anchor]
    )
    return found.start() if found else anchor


def _end_of_block(text: str, node: Node) -> int:  # 3.1
    last = node.start + len(text[node.start : node.end].rstrip("\r\n"))
    header = text[content(text, node.start) :][1:3]
    breaks = re.findall(r"\r\n|\n|\r", text[last : node.end])
    return node.end - len(breaks[-1]) if "+" in header and breaks else last


def _refuse_duplicates(node: Node) -> None:  # 4.2
    seen = set()
    for key in node.children[::2]:
        target = key.target if key.kind == "A" and key.target and key.target.kind == "S" else key
        if (encoded := encode(target)) in seen:
            raise Refused("a duplicate key")
        seen.add(encoded)


def lp(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def tag_of(node: Node) -> str:  # 4.1
    if node.tag not in (None, "!"):
        return str(node.tag)
    if node.plain:
        for name, expression in IMPLICIT:
            if re.fullmatch(expression, node.value):
                return node.tag or CORE + name
    return CORE + "str"


def path(node: Node, top: Node | None = None) -> bytes:  # 4.3
    if node is top:
        return b"R"
    if node.parent is None:
        return b"D" + node.step.to_bytes(4, "big")
    head = path(node.parent, top)
    if isinstance(node.step, int):
        return head + b"i" + node.step.to_bytes(4, "big")
    return head + (b"K" + lp(encode(node)) if node.step is None else b"k" + lp(encode(node.step)))


def encode(node: Node, instead: dict[Node, bytes] | None = None) -> bytes:  # 4.2
    """Return N of a node, with other bytes in place of N for some of what is below it."""
    if instead:
        return _encode(node, instead)
    if node.memo is None:
        node.memo = _encode(node, {})
    return node.memo


def _encode(node: Node, instead: dict[Node, bytes]) -> bytes:
    if node.kind == "A":
        keys = list(node.target.keys_above())
        common = next((key for key in node.keys_above() if key in keys), None)
        return b"A" + sha256(path(node.target, common))
    if node.kind == "S":
        if node.is_sealed:
            return b"E" + lp(node.value.encode())
        tag = tag_of(node)
        return b"S" + lp(tag.encode()) + lp(b"" if tag == CORE + "null" else node.value.encode())
    values = [instead.get(child) or encode(child, instead) for child in node.values]
    if node.kind == "M":
        pairs = sorted(zip(map(encode, node.children[::2]), values, strict=True))
        body = b"".join(lp(key) + lp(value) for key, value in pairs)
    else:
        body = b"".join(map(lp, values))
    default = CORE + ("seq" if node.kind == "Q" else "map")
    tag = default if node.tag in (None, "!") else str(node.tag)
    return node.kind.encode() + lp(tag.encode()) + sha256(body)
