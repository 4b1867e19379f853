"""A second reader of the format: metadata, MACs and sealed scalars (docs/format.md, 2, 3, 5, 6).

Written from that page alone, with crypto calls of its own.
"""

import base64
import hmac
import json
import re
from dataclasses import dataclass, field

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from tree import CORE, Node, Refused, compose, content, encode, lp, path, sha256, tag_of


def b64(text: str, length: int | None = None) -> bytes:  # 1
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Refused("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise Refused("base64url with unused bits set")
    if length is not None and len(data) != length:
        raise Refused(f"{length} bytes are expected")
    return data


def derive(data_key: bytes, document: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, document, f"yamlvault.v1.{purpose}".encode()).derive(data_key)


def listing(items: list[bytes]) -> bytes:
    return len(items).to_bytes(4, "big") + b"".join(map(lp, items))


@dataclass
class Key:
    id: str
    stanzas: list[tuple[str, bytes, dict[str, str]]]
    append: bytes


@dataclass
class Scope:
    paths: list[str]
    seal: list[str]
    keys: list[Key]
    rules: bytes
    root: bytes
    sections: dict[str, bytes]
    roots: list[Node] = field(default_factory=list)


# --- Metadata (2) --------------------------------------------------------------------------------


def bare(node: Node, kind: str) -> Node:
    if node.kind != kind or node.tag is not None or node.anchor is not None:
        raise Refused("metadata: something else is expected")
    return node


def text_of(node: Node) -> str:
    return bare(node, "S").value


def items(node: Node, least: int = 1) -> list[Node]:
    if len(bare(node, "Q").children) < least:
        raise Refused("metadata: an empty list")
    return node.children


def fields(node: Node, required: str, optional: str = "") -> dict[str, Node]:
    children = bare(node, "M").children
    found = dict(zip(map(text_of, children[::2]), children[1::2], strict=True))
    if not set(required.split()) <= set(found) or set(found) - {*required.split(), optional}:
        raise Refused("metadata: a field is missing or unknown")
    return found


def read_stanza(node: Node) -> tuple[str, bytes, dict[str, str]]:
    entry = fields(node, "kek wrapped", "context")
    context = {}
    if "context" in entry:
        children = bare(entry["context"], "M").children
        context = dict(zip(map(text_of, children[::2]), map(text_of, children[1::2]), strict=True))
    return text_of(entry["kek"]), b64(text_of(entry["wrapped"])), context


def read_key(node: Node) -> Key:
    entry = fields(node, "id stanzas", "append")
    b64(text_of(entry["id"]), 6)
    append = b64(text_of(entry["append"]), 32) if "append" in entry else b""
    stanzas = [read_stanza(item) for item in items(entry["stanzas"])]
    return Key(text_of(entry["id"]), stanzas, append)


def read_scope(node: Node) -> Scope:
    entry = fields(node, "paths seal keys rules root sections")
    sections: dict[str, bytes] = {}
    for item in items(entry["sections"], 0):
        section = fields(item, "path mac")
        if text_of(section["path"]) in sections:
            raise Refused("metadata: a section twice")
        sections[text_of(section["path"])] = b64(text_of(section["mac"]), 32)
    return Scope(
        [text_of(item) for item in items(entry["paths"])],
        [text_of(item) for item in items(entry["seal"])],
        [read_key(item) for item in items(entry["keys"])],
        b64(text_of(entry["rules"]), 32),
        b64(text_of(entry["root"]), 32),
        sections,
    )


def read_metadata(node: Node) -> tuple[bytes, list[Scope]]:
    children = bare(node, "M").children
    versions = [
        value
        for key, value in zip(children[::2], children[1::2], strict=True)
        if key.value == "format"
    ]
    if len(versions) != 1 or text_of(versions[0]) != "1":
        raise Refused("metadata: another version")
    entry = fields(node, "format document scopes")
    scopes = [read_scope(item) for item in items(entry["scopes"])]
    if sum(len(scope.paths) for scope in scopes) > 256:
        raise Refused("metadata: too many paths")
    ids = [key.id for scope in scopes for key in scope.keys]
    if len(set(ids)) != len(ids):
        raise Refused("metadata: two data keys of one id")
    return b64(text_of(entry["document"]), 16), scopes


# --- Scopes (2.2) and labels (5.1) ---------------------------------------------------------------

COMPONENT = re.compile(
    r"""\[(?P<n>\d+)\]|\.(?:"(?P<d>(?:[^"\\]|\\.)*)"|'(?P<s>(?:[^'\\]|\\.)*)'|(?P<b>[^.\[,/"']+))|\[(?P<a>\*)\]"""
)


def select(root: Node, key_path: str) -> list[Node]:
    found, at = [root], 1
    while at < len(key_path):
        match = COMPONENT.match(key_path, at)
        if match is None:
            raise Refused("a key path of unknown syntax, or with a regular expression")
        at = match.end()
        found = [child for node in found for child in node.values if _matches(child, match)]
    return found


def _matches(node: Node, match: re.Match[str]) -> bool:
    if match["a"] or match["b"] == "*":
        return True
    if isinstance(node.step, int):
        return str(node.step) == (match["n"] or match["b"])
    key = node.step.target if node.step.kind == "A" else node.step
    quoted = match["d"] if match["d"] is not None else match["s"]
    name = match["b"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return key.kind == "S" and match["n"] is None and key.value == name


def label(node: Node) -> str:
    if node.parent is None:
        return f"{node.step}:$" if node.step else "$"
    head, key = label(node.parent), node.step
    if isinstance(key, int):
        return f"{head}[{key}]"
    if key.kind != "S" or tag_of(key) != CORE + "str":
        return f"{head}.!{sha256(encode(key)).hex()[:16]}"
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", key.value):
        return f"{head}.{key.value}"
    return f"{head}.{json.dumps(key.value, ensure_ascii=False)}"


# --- A file --------------------------------------------------------------------------------------


@dataclass
class Payload:
    flow: bool
    no_break: bool
    indent: int
    tag: str
    before: str
    source: str


class Vault:
    """A file whose MACs have been checked."""

    def __init__(self, data: bytes, identities: list[str], passphrase: str | None = None) -> None:
        self.bom = data.startswith(b"\xef\xbb\xbf")
        try:
            self.text = data.decode().removeprefix("\ufeff")
        except UnicodeDecodeError:
            raise Refused("not UTF-8") from None
        self.identities = [pyrage.x25519.Identity.from_str(text) for text in identities]
        self.passphrase = passphrase
        self.documents = compose(self.text)
        self.cut, metadata = self._take_metadata()
        self.document, self.scopes = read_metadata(metadata)
        self.nodes = [node for document in self.documents for node in document.root.walk()]
        self.owner: dict[Node, Scope] = {}
        self._assign()
        self.keys: dict[str, bytes] = {}
        for scope in self.scopes:
            for key in scope.keys:
                self.keys[key.id] = self._unwrap(key)
            self._verify(scope)

    def _take_metadata(self) -> tuple[tuple[int, int], Node]:  # 2.1
        last = self.documents[-1] if self.documents else None
        children = last.root.children if last and last.root.kind == "M" else []
        keys = [k for k in children[::2] if k.kind == "S" and k.value == "yamlvault" and not k.tag]
        if last is None or len(keys) != 1:
            raise Refused("no metadata")
        place = children.index(keys[0])
        key, value = children[place : place + 2]
        del children[place : place + 2]
        start, end = key.start, value.end
        if not children and (len(self.documents) > 1 or not last.root.flow):
            self.documents.pop()
            start = last.start if self.documents else self._line(start)
            end = last.root.end if last.root.flow else end
        elif last.root.flow:
            if place:
                return (children[place - 1].end, end), value
            comma = re.compile(r"[ \t]*,[ \t]*").match(self.text, end)
            return (start, comma.end() if comma else end), value
        else:
            start = self._line(start)
        if found := re.compile(r"\r\n|\n|\r").match(self.text, end):
            return (start, found.end()), value
        if end == len(self.text):  # no last line break, so the data had none either
            start -= len(re.search(r"(?:\r\n|\n|\r)?\Z", self.text[:start]).group())
        return (start, end), value

    def _line(self, index: int) -> int:
        return max(self.text.rfind(mark, 0, index) for mark in "\r\n") + 1

    def _assign(self) -> None:
        for scope in self.scopes:
            roots = {n for d in self.documents for p in scope.paths for n in select(d.root, p)}
            for node in roots:
                if self.owner.setdefault(node, scope) is not scope:
                    raise Refused("a node is the root of two scopes")
            scope.roots = sorted(roots, key=path)  # 5.3
        self.is_root = set(self.owner)
        for node in self.nodes:
            if node not in self.owner and node.parent in self.owner:
                self.owner[node] = self.owner[node.parent]
        self._refuse_strangers()

    def _refuse_strangers(self) -> None:  # 3 and 5.3
        inside = {parent for root in self.is_root for parent in root.ancestors()}
        for node in self.nodes:
            if node.is_sealed:
                scope = self.owner.get(node)
                if scope is None or node.value[4:12] not in [key.id for key in scope.keys]:
                    raise Refused("a sealed scalar that is none of this file")
            outside = node.kind == "A" and node not in self.owner
            if outside and (node.target in self.owner or node.target in inside):
                raise Refused("an alias carries out what is in a scope")

    def _unwrap(self, key: Key) -> bytes:  # 6
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
            if len(data_key) == 32:
                return data_key
        raise Refused(f"nothing opens data key {key.id}")

    def _verify(self, scope: Scope) -> None:  # 5
        for key in scope.keys[:-1]:  # 5.5
            own = derive(self.keys[key.id], self.document, "mac")
            self._compare(own, "append", [], b"", key.append)
        mac_key = derive(self.keys[scope.keys[-1].id], self.document, "mac")
        foreign = {node: b"X" for node in self.is_root if self.owner[node] is not scope}
        sections = {
            label(child): child
            for root in scope.roots
            for child in root.values
            if child.kind in "QM" and child not in foreign
        }
        if set(sections) != set(scope.sections):
            raise Refused("other sections")
        instead = foreign | dict.fromkeys(sections.values(), b"#")
        self._compare(mac_key, "rules", [self._rules(scope)], b"", scope.rules)
        roots = b"".join(lp(path(r)) + lp(encode(r, instead)) for r in scope.roots)
        outside = sorted((path(node), encode(node)) for node in self._outside(scope))
        parts = [roots, b"".join(lp(where) + lp(what) for where, what in outside)]
        count = len(self.documents).to_bytes(4, "big")
        self._compare(mac_key, "root", parts, count, scope.root)
        for name, node in sections.items():
            parts = [path(node), encode(node, foreign)]
            self._compare(mac_key, "section", parts, b"", scope.sections[name])

    def _compare(self, key: bytes, what: str, parts: list[bytes], first: bytes, mac: bytes) -> None:
        message = lp(f"yamlvault.v1.{what}".encode()) + lp(self.document) + first
        message += b"".join(map(lp, parts))
        if not hmac.compare_digest(hmac.digest(key, message, "sha256"), mac):
            raise Refused(f"the MAC: {what}")

    def _rules(self, scope: Scope) -> bytes:  # 5.4
        keys = []
        for key in scope.keys:
            stanzas = []
            for kek, wrapped, context in key.stanzas:
                pairs = sorted((k.encode(), v.encode()) for k, v in context.items())
                pairs = [lp(k) + lp(v) for k, v in pairs]
                stanzas.append(lp(kek.encode()) + lp(wrapped) + listing(pairs))
            keys.append(lp(key.id.encode()) + lp(key.append) + listing(stanzas))
        every = [text.encode() for other in self.scopes for text in other.paths]
        lists = (every, [p.encode() for p in scope.paths], [p.encode() for p in scope.seal], keys)
        return b"".join(map(listing, lists))

    def _outside(self, scope: Scope) -> set[Node]:  # 5.3
        found: set[Node] = set()
        pending = [n.target for n in self.nodes if n.kind == "A" and self.owner.get(n) is scope]
        while pending:
            node = pending.pop()
            if node not in found and self.owner.get(node) is not scope:
                found.add(node)
                pending += [below.target for below in node.walk() if below.kind == "A"]
        return found

    def open(self, node: Node) -> Payload:  # 3
        key_id, sealed = node.value[4:12], b64(node.value[13:])
        seal_key = derive(self.keys[key_id], self.document, "seal")
        parts = [b"yamlvault.v1.scalar", self.document, key_id.encode(), path(node)]
        try:
            data = AESGCM(seal_key).decrypt(sealed[:12], sealed[12:], b"".join(map(lp, parts)))
            body = data.rstrip(b"\0")
            if len(data) % 64 or len(data) - len(body) > 63 or body[-1:] != b"\x80" or body[0] > 3:
                raise Refused("a payload")
            at, texts = 3, []
            for _ in range(2):
                size = int.from_bytes(body[at : at + 2], "big")
                texts.append(body[at + 2 : at + 2 + size].decode())
                at += 2 + size
            source = body[at:-1].decode()
        except (InvalidTag, ValueError, IndexError):
            raise Refused("a sealed scalar") from None
        if at > len(body) - 1:
            raise Refused("a payload")
        indent = int.from_bytes(body[1:3], "big")
        return Payload(bool(body[0] & 1), bool(body[0] & 2), indent, *texts, source)

    # --- 3.2 ---

    def decrypted(self) -> bytes:
        sealed = [node for node in self.nodes if node.is_sealed]
        payloads = {node: self.open(node) for node in sealed}
        wanted = {node: self._meaning(node, payloads[node]) for node in sealed}
        quoted: set[Node] = set()
        for _ in range(3):
            text = self._spliced(payloads, wanted, quoted)
            wrong = self._misread(text, wanted)
            if not wrong:
                return ("\ufeff" * self.bom + text).encode()
            quoted = quoted | wrong if not quoted else set(sealed)
        raise Refused("a scalar can't be put back")

    def _meaning(self, node: Node, payload: Payload) -> tuple[str, str]:
        root = list(node.ancestors())[-1]
        it = payload.before + payload.source
        if node is root:
            body = f"--- {it}"
        elif payload.flow:
            body = f"---\n[{it}]"
        else:
            body = f"---\n{' ' * payload.indent}- {it}"
        end = "" if payload.no_break else "\r...\n" if it[-1:] == "\r" else "\n...\n"
        (document,) = compose(self.documents[root.step].directives + body + end)
        found = document.root if node is root else document.root.children[0]
        if found.kind != "S" or found.anchor or (found.tag or "") != payload.tag:
            raise Refused("a payload that is not this scalar")
        return tag_of(found), found.value

    def _spliced(
        self, payloads: dict[Node, Payload], wanted: dict[Node, tuple[str, str]], quoted: set[Node]
    ) -> str:
        edits = [(*self.cut, "")]
        for node, payload in payloads.items():
            before, source = payload.before, payload.source
            if node in quoted:
                tag, value = wanted[node]
                text = json.dumps(value, ensure_ascii=False)
                text = re.sub(
                    "[\x7f-\xa0\u2028\u2029\ufeff]", lambda m: f"\\u{ord(m[0]):04x}", text
                )
                before, source = "", text if tag == CORE + "str" else f"!<{tag}> {text}"
            elif len(lines := re.split(r"(?<=[\n\x85\u2028\u2029])|(?<=\r)(?!\n)", source)) > 1:
                blocks = [n for n in node.ancestors() if n.kind in "QM" and not n.flow]
                shift = (blocks[0].column if blocks else 0) - payload.indent
                source = lines[0] + "".join(_moved(line, shift) for line in lines[1:])
            start = content(self.text, node.start) if node.anchor else node.start
            edits += [(node.start, node.start, before), (start, node.end, source)]
        text = self.text
        for start, end, new in sorted(edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def _misread(self, text: str, wanted: dict[Node, tuple[str, str]]) -> set[Node]:
        try:
            found = [node for document in compose(text) for node in document.root.walk()]
        except Refused:
            return set(wanted)
        if [n.kind for n in found] != [n.kind for n in self.nodes]:
            return set(wanted)
        pairs = dict(zip(self.nodes, found, strict=True))
        return {n for n, reading in wanted.items() if (tag_of(pairs[n]), pairs[n].value) != reading}


def _moved(line: str, shift: int) -> str:
    spaces = len(line) - len(line.lstrip(" "))
    if not line.strip(" \r\n\x85\u2028\u2029"):
        return line
    return " " * max(spaces + shift, 0) + line[spaces:]


def decrypt(data: bytes, identities: list[str], passphrase: str | None = None) -> bytes:
    """Return the plaintext bytes of an encrypted file."""
    try:
        return Vault(data, identities, passphrase).decrypted()
    except RecursionError:
        raise Refused("nested too deeply") from None
