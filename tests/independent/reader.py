"""A second reader of the yamlvault format, written from docs/format.md and nothing else.

It shares no code, no YAML parser and no data model with `yamlvault/`. Comments name the section of
docs/format.md a rule comes from; `GUESS` marks what that page left open.
"""

import base64
import hashlib
import hmac
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from ruamel.yaml import YAML, events
from ruamel.yaml.error import YAMLError

META = "yamlvault"
CORE = "tag:yaml.org,2002:"
SEALED = re.compile(r"yv1\.([A-Za-z0-9_-]{8})\.(.*)", re.DOTALL)
IMPLICIT = [  # section 4.1
    ("null", r"~|null|Null|NULL|"),
    (
        "bool",
        r"y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
    ),
    ("int", r"[-+]?(0b[01_]+|0o[0-7]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(:[0-5]?[0-9])*)"),
    ("float", r"[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?"),
    ("float", r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*"),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
    (
        "timestamp",
        (
            r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?"
            r"([ \t]*(Z|[-+][0-9]{1,2}(:?[0-9]{2})?))?)?"
        ),
    ),
    ("merge", r"<<"),
    ("value", r"="),
]


class ReadError(Exception): ...


class Malformed(ReadError): ...  # noqa: N818


class Version(ReadError): ...  # noqa: N818


class Integrity(ReadError): ...  # noqa: N818


class NoKey(ReadError): ...  # noqa: N818


def lp(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def listing(items: list[bytes]) -> bytes:
    return len(items).to_bytes(4, "big") + b"".join(lp(item) for item in items)


def b64(text: str, length: int | None = None) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Malformed("not base64url")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise Malformed("base64url with unused bits set")
    if length is not None and len(raw) != length:
        raise Malformed(f"{length} bytes expected")
    return raw


def derive(data_key: bytes, document: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, document, f"yamlvault.v1.{purpose}".encode()).derive(data_key)


# --- The YAML tree -------------------------------------------------------------------------------


@dataclass(eq=False)
class Node:
    kind: str  # S, Q, M or A, as in section 4.2
    start: int  # of the anchor or tag, where there is one
    end: int  # of the last character that belongs to it
    tag: str | None = None  # the explicit one, resolved
    value: str = ""
    plain: bool = False
    anchored: bool = False
    flow: bool = False  # a collection in flow style, or a scalar in one
    items: list["Node"] = field(default_factory=list)
    entries: list[tuple["Node", "Node"]] = field(default_factory=list)
    target: "Node | None" = None
    parent: "Node | None" = None
    memo: bytes | None = None  # N(node), once it has been computed
    step: tuple[str, Any] = ("D", 0)  # D or i with a number, k or K with the key's node

    def children(self) -> Iterator["Node"]:
        yield from self.items
        for key, value in self.entries:
            yield key
            yield value

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children():
            yield from child.walk()

    def key_above(self) -> Iterator["Node"]:
        """The mapping keys that contain this node, innermost first."""
        node: Node | None = self
        while node is not None:
            if node.step[0] == "K":
                yield node
            node = node.parent

    @property
    def is_sealed(self) -> bool:
        # GUESS: what begins with `yv1.`, eight characters and a dot is meant to be sealed.
        plain = self.kind == "S" and self.tag is None and not any(self.key_above())
        return plain and SEALED.match(self.value) is not None


@dataclass
class Document:
    root: Node
    start: int
    directives: str = ""


def compose(text: str) -> list[Document]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _compose(text, iter(YAML(typ="safe", pure=True).parse(text)))
    except (YAMLError, RecursionError, UnicodeError, ValueError) as error:
        raise Malformed(f"not YAML: {type(error).__name__}") from error


def tag_before(text: str, anchor: int) -> int:
    """Where a node starts whose tag stands in front of its anchor; ruamel names the anchor."""
    if re.compile(r"&\S+\s+!").match(text, anchor):
        return anchor
    found = re.search(r"(?:!<[^>\s]*>|![^\s,\[\]{}]*)\s+$", text[:anchor])
    return found.start() if found else anchor


def _compose(text: str, stream: Iterator[Any]) -> list[Document]:  # noqa: C901
    documents: list[Document] = []
    anchors: dict[str, Node] = {}

    def build(event: Any, *, flow: bool) -> Node:
        node = Node("A", event.start_mark.index, event.end_mark.index, flow=flow)
        if isinstance(event, events.AliasEvent):
            if (target := anchors.get(event.anchor)) is None:
                raise Malformed("an alias without an anchor")
            node.target = target
            return node
        node.tag = None if event.tag is None else str(event.tag)
        node.anchored = event.anchor is not None
        if node.anchored:
            anchors[event.anchor] = node
        if node.anchored and node.tag and text[node.start] == "&":
            node.start = tag_before(text, node.start)
        if isinstance(event, events.ScalarEvent):
            # GUESS: a pair of escaped surrogates (JSON) is one character, a single one is refused.
            raw = event.value.encode("utf-16-le", "surrogatepass")
            node.kind, node.value = "S", raw.decode("utf-16-le")
            node.plain = not event.style
            node.end = node.start + len(text[node.start : node.end].rstrip())  # of a block scalar
            return node
        node.flow = bool(event.flow_style)
        end = events.MappingEndEvent
        node.kind = "M"
        if isinstance(event, events.SequenceStartEvent):
            node.kind, end = "Q", events.SequenceEndEvent
        while not isinstance(event := next(stream), end):
            child = build(event, flow=node.flow)
            child.parent = node
            if node.kind == "Q":
                child.step = ("i", len(node.items))
                node.items.append(child)
            else:
                child.step = ("K", child)
                value = build(next(stream), flow=node.flow)
                value.parent, value.step = node, ("k", child)
                node.entries.append((child, value))
            node.end = node.entries[-1][1].end if node.entries else child.end
        if node.flow:
            node.end = event.end_mark.index
        return node

    for event in stream:
        if isinstance(event, events.DocumentStartEvent):
            anchors.clear()
            head = "".join(f"%TAG {h} {p}\n" for h, p in (event.tags or {}).items())
            root = build(next(stream), flow=False)
            root.step = ("D", len(documents))
            documents.append(Document(root, event.start_mark.index, head))
    return documents


# --- Encoding: section 4 -------------------------------------------------------------------------


def scalar_tag(node: Node) -> str:
    if node.tag not in (None, "!"):
        return str(node.tag)
    if node.plain and node.tag is None:
        for name, expression in IMPLICIT:
            if re.fullmatch(expression, node.value):
                return CORE + name
    return CORE + "str"


def path(node: Node, top: Node | None = None) -> bytes:
    """`P(node)`; with `top`, the steps from that key on."""
    if node is top:
        return b"R"
    kind, by = node.step
    head = b"" if node.parent is None else path(node.parent, top)
    tail = by.to_bytes(4, "big") if isinstance(by, int) else lp(encode(by))
    return head + kind.encode() + tail


def encode(node: Node, own: set[Node] | None = None, *, root: bool = False) -> bytes:
    """`N(node)` with X for the nodes outside `own`; with `root`, `T(node)`."""
    if own is not None or root:
        return _encode(node, own, root=root)
    if node.memo is None:  # without this, aliases in keys take exponential time
        node.memo = _encode(node, own)
    return node.memo


def _encode(node: Node, own: set[Node] | None, *, root: bool = False) -> bytes:

    def value(child: Node) -> bytes:
        if own is not None and child not in own:
            return b"X"
        return b"#" if root and child.kind in "QM" else encode(child, own)

    if node.kind == "A":
        keys = list(node.target.key_above()) if node.target else []
        common = next((key for key in node.key_above() if key in keys), None)
        return b"A" + path(node.target or node, common)
    if node.kind == "S":
        if node.is_sealed:
            return b"E" + lp(node.value.encode())
        tag = scalar_tag(node)
        return b"S" + lp(tag.encode()) + lp(b"" if tag == CORE + "null" else node.value.encode())
    default = CORE + ("seq" if node.kind == "Q" else "map")
    tag = default if node.tag in (None, "!") else str(node.tag)
    if node.kind == "Q":
        body = b"".join(lp(value(item)) for item in node.items)
    else:
        pairs = {encode(key): value(child) for key, child in node.entries}
        if len(pairs) != len(node.entries):
            raise Malformed("a duplicate key")
        body = b"".join(lp(key) + lp(pairs[key]) for key in sorted(pairs))
    return node.kind.encode() + lp(tag.encode()) + hashlib.sha256(body).digest()


def label(node: Node) -> str:  # section 5.1
    kind, by = node.step
    if kind == "D":
        return f"{by}:$" if by else "$"
    head = label(node.parent or node)
    if kind == "i":
        return f"{head}[{by}]"
    if by.kind != "S" or scalar_tag(by) != CORE + "str":
        return f"{head}.!{hashlib.sha256(encode(by)).hexdigest()[:16]}"
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", by.value):
        return f"{head}.{by.value}"
    # json.dumps escapes as section 5.1 asks: lowercase \u00xx, U+007F and above as they are.
    return f"{head}.{json.dumps(by.value, ensure_ascii=False)}"


# --- Key paths -----------------------------------------------------------------------------------

COMPONENT = re.compile(
    r"""\[(?P<n>\d+|\*)\]|\.(?:(?P<any>\*)|(?P<dq>"(?:[^"\\]|\\.)*")|'(?P<sq>(?:[^']|'')*)'"""
    r"""|/(?P<re>(?:[^/\\]|\\.)+)/|(?P<name>[^\s.\[\]"'/*]+))"""
)


def select(root: Node, key_path: str) -> list[Node]:
    if not key_path.startswith("$"):
        raise Malformed("a key path without $")
    found, at = [root], 1
    while at < len(key_path):
        match = COMPONENT.match(key_path, at)
        if match is None:
            raise Malformed("a key path of unknown syntax")
        at = match.end()
        try:
            found = [child for node in found for child in _step(node, match)]
        except (re.error, json.JSONDecodeError) as error:
            raise Malformed("a key path of unknown syntax") from error
    return found


def _step(node: Node, match: re.Match[str]) -> Iterator[Node]:
    if (number := match["n"]) is not None:
        yield from node.items if number == "*" else node.items[int(number) : int(number) + 1]
    for key, child in node.entries:
        # GUESS: a name is compared with the text of any scalar key, whatever its tag.
        text = key.value if key.kind == "S" else None
        if match["any"]:
            yield child
        elif text is None:
            continue
        elif match["re"] is not None:
            if scalar_tag(key) == CORE + "str" and re.search(match["re"], text):
                yield child
        elif (match["dq"] and json.loads(match["dq"]) == text) or text in (
            match["name"],
            match["sq"] and match["sq"].replace("''", "'"),
        ):
            yield child


# --- Metadata: section 2 -------------------------------------------------------------------------


@dataclass
class Key:
    id: str
    stanzas: list[tuple[str, bytes, dict[str, str]]]


@dataclass
class Scope:
    paths: list[str]
    seal: list[str]
    keys: list[Key]
    root: bytes
    sections: list[tuple[str, bytes]]
    roots: list[Node] = field(default_factory=list)
    nodes: set[Node] = field(default_factory=set)  # what belongs to it, section 2.2


def text_of(node: Node) -> str:
    if node.kind != "S" or node.tag not in (None, "!", CORE + "str") or node.anchored:
        raise Malformed("metadata: text expected")
    return node.value


def list_of(node: Node, least: int = 1) -> list[Node]:
    if node.kind != "Q" or node.tag not in (None, CORE + "seq") or len(node.items) < least:
        raise Malformed("metadata: a list expected")
    return node.items


def fields(node: Node, required: str, optional: str | None = "") -> dict[str, Node]:
    """The fields of a mapping; `optional=None` allows any."""
    if node.kind != "M" or node.tag not in (None, CORE + "map") or node.anchored:
        raise Malformed("metadata: a mapping expected")
    found = {text_of(key): value for key, value in node.entries}
    known = set(required.split()) | set((optional or "").split())
    if len(found) != len(node.entries):
        raise Malformed("metadata: a field given twice")
    if not set(required.split()) <= set(found) or (optional is not None and set(found) - known):
        raise Malformed("metadata: a field is missing or unknown")
    return found


def read_key(node: Node) -> Key:
    entry = fields(node, "id stanzas")
    stanzas = []
    for item in list_of(entry["stanzas"]):
        stanza = fields(item, "kek wrapped", "context")
        context = fields(stanza["context"], "", None) if "context" in stanza else {}
        texts = {name: text_of(value) for name, value in context.items()}
        stanzas.append((text_of(stanza["kek"]), b64(text_of(stanza["wrapped"])), texts))
    key = Key(text_of(entry["id"]), stanzas)
    b64(key.id, 6)
    return key


def read_meta(node: Node) -> tuple[bytes, list[Scope]]:
    if node.kind != "M":
        raise Malformed("metadata: a mapping expected")
    formats = [v for k, v in node.entries if k.kind == "S" and k.value == "format"]
    if len(formats) != 1:
        raise Malformed("metadata: one `format` expected")
    (number,) = formats
    # GUESS: only the plain scalar `1` is the integer 1.
    if not (number.kind == "S" and number.plain and number.tag is None and number.value == "1"):
        raise Version(f"format {number.value or '?'}, and only 1 is known")
    top = fields(node, "format document scopes")
    scopes = []
    for item in list_of(top["scopes"]):
        # GUESS: `sections` is absent or empty where there are none.
        entry = fields(item, "paths seal keys root", "sections")
        sections = []
        for section in list_of(entry["sections"], 0) if "sections" in entry else []:
            pair = fields(section, "path mac")
            sections.append((text_of(pair["path"]), b64(text_of(pair["mac"]), 32)))
        scopes.append(
            Scope(
                [text_of(item) for item in list_of(entry["paths"])],
                [text_of(item) for item in list_of(entry["seal"], 0)],
                [read_key(item) for item in list_of(entry["keys"])],
                b64(text_of(entry["root"]), 32),
                sections,
            )
        )
    ids = [key.id for scope in scopes for key in scope.keys]
    if len(set(ids)) != len(ids):
        raise Malformed("metadata: two data keys of one id")
    return b64(text_of(top["document"]), 16), scopes


# --- Scopes and MACs: sections 2.2 and 5 ---------------------------------------------------------


def assign(scopes: list[Scope], documents: list[Document]) -> None:
    owner: dict[Node, Scope] = {}
    for scope in scopes:
        for document in documents:
            for node in {n for p in scope.paths for n in select(document.root, p)}:
                if owner.setdefault(node, scope) is not scope:
                    raise Malformed("a node is the root of two scopes")  # GUESS
    for node in (node for document in documents for node in document.root.walk()):
        if node in owner:
            owner[node].roots.append(node)  # in the order of the stream
        elif node.parent in owner:
            owner[node] = owner[node.parent]
        if node in owner:
            owner[node].nodes.add(node)


def macs(scope: Scope, document: bytes, mac_key: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The root MAC, and the label and the MAC of every section."""

    def mac(purpose: str, *parts: bytes) -> bytes:
        message = b"".join(map(lp, [f"yamlvault.v1.{purpose}".encode(), document, *parts]))
        return hmac.digest(mac_key, message, "sha256")

    keys = []
    for key in scope.keys:
        stanzas = []
        for kek, wrapped, context in key.stanzas:
            pairs = [lp(k.encode()) + lp(context[k].encode()) for k in sorted(context)]
            stanzas.append(lp(kek.encode()) + lp(wrapped) + listing(pairs))
        keys.append(lp(key.id.encode()) + listing(stanzas))
    paths, seal = (listing([text.encode() for text in part]) for part in (scope.paths, scope.seal))
    own = scope.nodes
    roots = b"".join(lp(path(r)) + lp(encode(r, own, root=True)) for r in scope.roots)
    children = [
        child
        for root in scope.roots
        for child in (*root.items, *(value for _, value in root.entries))
        if child.kind in "QM" and child in own
    ]
    sections = [(label(c), mac("section", path(c), encode(c, own))) for c in children]
    return mac("root", paths + seal + listing(keys), roots), sections


# --- The encrypted file --------------------------------------------------------------------------


@dataclass
class Payload:
    in_flow: bool
    no_break: bool
    indent: int
    before: str
    source: str


class Vault:
    """A file whose MACs have been checked."""

    def __init__(self, data: bytes, identities: list[str], passphrase: str | None) -> None:
        try:
            self.text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed("not UTF-8") from error
        self.passphrase = passphrase
        self.identities = [
            pyrage.x25519.Identity.from_str(text)
            if text.startswith("AGE-SECRET-KEY-1")
            else pyrage.ssh.Identity.from_buffer(text.encode())
            for text in identities
        ]
        self.data_keys: dict[str, bytes] = {}
        self.documents = compose(self.text)
        self.cut, name, meta = self._take_metadata()
        self.document, self.scopes = read_meta(meta)
        hidden = {name, *meta.walk()}
        self.nodes = [node for document in self.documents for node in document.root.walk()]
        if any(node.target in hidden for node in self.nodes if node.target):
            raise Malformed("an alias of something in the metadata")
        if any(node.kind == "A" for node in hidden):
            raise Malformed("an alias in the metadata")
        for document in self.documents:
            encode(document.root)  # duplicate keys, also where no MAC is
        assign(self.scopes, self.documents)
        self._check_sealed()
        for scope in self.scopes:
            self._unwrap(scope.keys[-1])
        for scope in self.scopes:
            self._verify(scope)

    def _take_metadata(self) -> tuple[tuple[int, int], Node, Node]:
        """Section 2.1: the span of text to take out, the key and the value of the metadata."""
        last = self.documents[-1] if self.documents else None
        entries = last.root.entries if last else []
        places = [i for i, (k, _) in enumerate(entries) if k.kind == "S" and k.value == META]
        places = [i for i in places if scalar_tag(entries[i][0]) == CORE + "str"]
        if last is None or len(places) != 1:
            raise Malformed("no metadata, or more than one")
        (place,) = places
        key, value = entries.pop(place)
        start, end = key.start, value.end
        if not entries and len(self.documents) > 1:
            self.documents.pop()
            start, end = last.start, last.root.end
        elif last.root.flow:
            if place:
                return (entries[place - 1][1].end, end), key, value
            if entries:
                return (start, entries[0][0].start), key, value
            return (self.text.rindex("{", 0, start) + 1, end), key, value
        start = self.text.rfind("\n", 0, start) + 1
        end = self.text.find("\n", end) + 1
        if end == 0:  # GUESS: the text has no last line break, so the data had none
            start = len(self.text[:start].removesuffix("\n").removesuffix("\r"))
            end = len(self.text)
        return (start, end), key, value

    def _check_sealed(self) -> None:
        keys = {n: [k.id for k in scope.keys] for scope in self.scopes for n in scope.nodes}
        for node in filter(lambda node: node.is_sealed, self.nodes):
            ident, raw = SEALED.fullmatch(node.value).groups()
            if ident not in keys.get(node, []):  # GUESS
                raise Malformed("a sealed scalar in no scope, or under no data key of its scope")
            if (len(b64(raw)) - 28) % 64 or len(b64(raw)) < 92:
                raise Malformed("a sealed scalar of a wrong length")

    def _unwrap(self, key: Key) -> bytes:
        if key.id in self.data_keys:
            return self.data_keys[key.id]
        for kek, wrapped, _ in key.stanzas:
            try:
                if kek.startswith("age:") and self.identities:
                    data_key = pyrage.decrypt(wrapped, self.identities)
                elif kek == "passphrase:" and self.passphrase is not None:
                    data_key = pyrage.passphrase.decrypt(wrapped, self.passphrase)
                else:
                    continue
            except pyrage.DecryptError:
                continue
            if len(data_key) != 32:
                raise Malformed("a data key that is not 32 bytes long")
            self.data_keys[key.id] = data_key
            return data_key
        raise NoKey(f"nothing opens data key {key.id}")

    def _verify(self, scope: Scope) -> None:
        mac_key = derive(self.data_keys[scope.keys[-1].id], self.document, "mac")
        root, sections = macs(scope, self.document, mac_key)
        if not hmac.compare_digest(root, scope.root):
            raise Integrity("the root")
        if sorted(name for name, _ in sections) != sorted(name for name, _ in scope.sections):
            raise Integrity("the names of the sections")
        found = dict(scope.sections)
        for name, mac in sections:
            if not hmac.compare_digest(mac, found[name]):
                raise Integrity(f"section {name}")

    def open(self, node: Node) -> Payload:  # section 3
        ident, raw = SEALED.fullmatch(node.value).groups()
        key = next(key for scope in self.scopes for key in scope.keys if key.id == ident)
        blob, seal_key = b64(raw), derive(self._unwrap(key), self.document, "seal")
        parts = [b"yamlvault.v1.scalar", self.document, ident.encode(), path(node)]
        try:
            text = AESGCM(seal_key).decrypt(blob[:12], blob[12:], b"".join(map(lp, parts)))
        except InvalidTag:
            raise Integrity("a sealed scalar") from None
        body = text.rstrip(b"\0")
        split = 5 + int.from_bytes(text[3:5], "big")
        if len(text) - len(body) > 63 or body[-1:] != b"\x80" or split >= len(body) or text[0] > 3:
            raise Malformed("a payload")
        try:
            before, source = body[5:split].decode(), body[split:-1].decode()
        except UnicodeDecodeError as error:
            raise Malformed("a payload") from error
        indent = int.from_bytes(text[1:3], "big")
        return Payload(bool(text[0] & 1), bool(text[0] & 2), indent, before, source)

    # --- Splicing: section 3.2 ---

    def decrypted(self) -> str:
        sealed = {i: n for i, n in enumerate(self.nodes) if n.is_sealed}
        payloads = {i: self.open(n) for i, n in sealed.items()}
        wanted = {i: self._origin(sealed[i], payloads[i]) for i in sealed}
        quoted: set[int] = set()
        text = self._splice(sealed, payloads, {}, set(sealed))
        if not self._same(text, wanted):
            for i in sealed:
                if not self._same(self._splice(sealed, payloads, {}, {i}), {i: wanted[i]}):
                    quoted.add(i)
            text = self._splice(sealed, payloads, {i: wanted[i] for i in quoted}, set(sealed))
        if not self._same(text, wanted):
            raise Malformed("the opened text does not have the structure of the sealed one")
        return text

    def _prefix(self, at: int) -> str:
        return self.text[max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1 : at]

    def _scalar_start(self, node: Node) -> int:
        if not node.anchored:
            return node.start
        behind = re.compile(r"&[^\s,\[\]{}]+(?:\s|(?<=\s)#[^\r\n]*)*")
        return behind.match(self.text, node.start).end()

    def _splice(
        self,
        sealed: dict[int, Node],
        payloads: dict[int, Payload],
        quoted: dict[int, tuple[str, str, str]],
        opened: set[int],
    ) -> str:
        edits = [(*self.cut, "")]
        for i in opened:
            node, payload = sealed[i], payloads[i]
            start, before, source = self._scalar_start(node), payload.before, payload.source
            if i in quoted:
                tag_text, tag, value = quoted[i]
                if not tag_text and tag != CORE + "str":
                    tag_text = f"!<{tag}> "
                source = ("" if before else tag_text) + quote(value)
            else:
                line = self._prefix(start)
                source = shift(source, len(line) - len(line.lstrip(" ")) - payload.indent)
            edits.append((node.start, start, before + self.text[node.start : start] + source))
            edits.append((start, node.end, ""))
        text = self.text
        for start, end, new in sorted(edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def _same(self, text: str, wanted: dict[int, tuple[str, str, str]]) -> bool:
        try:
            found = [node for doc in compose(text) for node in doc.root.walk()]
        except Malformed:
            return False
        if not found and len(self.nodes) == 1 and self.nodes[0].kind == "M":
            return True  # a block mapping of nothing but metadata: nothing is left
        if len(found) == 1 and len(self.nodes) == 1 and self.nodes[0].kind == "M":
            return found[0].kind == "M" or found[0].value == ""
        return [n.kind for n in found] == [n.kind for n in self.nodes] and all(
            (scalar_tag(found[i]), found[i].value) == (tag, value)
            for i, (_, tag, value) in wanted.items()
        )

    def _origin(self, node: Node, payload: Payload) -> tuple[str, str, str]:
        """The text of the tag, the tag and the value that the source had where it was sealed.

        GUESS: the payload does not say in which column the parent stood; that matters to a block
        scalar with an indentation indicator. So the rest of the line is taken from the file.
        """
        number = next(n for n in self._roots() if n in _ancestors(node)).step[1]
        text = payload.before + payload.source + ("" if payload.no_break else "\n")
        head, pad = self.documents[number].directives + "---\n", " " * payload.indent
        line = self._prefix(node.start).lstrip(" ")
        trials = [f'{{\n{pad}"k": {text}\n}}'] if payload.in_flow else []
        if not payload.in_flow:
            parent = "k:\n" if payload.indent else ""
            trials = [f"{parent}{pad}{line}{text}", f"{parent}{pad}k: {text}", text]
        for trial in trials:
            try:
                (document,) = compose(head + trial)
            except (Malformed, ValueError):
                continue
            *_, last = document.root.walk()
            if last.kind == "S":
                tag_text = re.match(r"(?:!<[^>]*>|![^\s,\[\]{}]*)", payload.source)
                has_tag = tag_text is not None and last.tag is not None
                return (tag_text[0] + " " if has_tag else ""), scalar_tag(last), last.value
        raise Malformed("a source that is no scalar")

    def _roots(self) -> list[Node]:
        return [document.root for document in self.documents]


def _ancestors(node: Node) -> set[Node]:
    return {node} | (_ancestors(node.parent) if node.parent else set())


def shift(source: str, by: int) -> str:
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", source)
    for i, line in enumerate(lines):
        if i == 0 or not line.strip("\r\n"):
            continue  # GUESS: an empty line stays empty
        spaces = len(line) - len(line.lstrip(" "))
        lines[i] = " " * by + line if by > 0 else line[min(spaces, -by) :]
    return "".join(lines)


def quote(value: str) -> str:
    def escape(match: re.Match[str]) -> str:
        return f"\\u{ord(match[0]):04x}"

    return re.sub(
        "[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]", escape, json.dumps(value, ensure_ascii=False)
    )


def decrypt_text(data: bytes, age_identities: list[str], passphrase: str | None = None) -> bytes:
    try:
        return Vault(data, age_identities, passphrase).decrypted().encode()
    except RecursionError:
        raise Malformed("nested too deeply") from None


def open_file(
    data: bytes, age_identities: list[str], passphrase: str | None = None
) -> list[object]:
    text = decrypt_text(data, age_identities, passphrase).decode()
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 1)
    yaml.allow_duplicate_keys = True
    try:
        return list(yaml.load_all(text))
    except YAMLError as error:
        raise Malformed("data of an unknown tag") from error
