"""A second writer of the format, for tests: simple documents, one scope at `$` for each call.

It shares the encodings with `reader` and nothing with `yamlvault/`.
"""

import base64
import json
import os
import re
from collections.abc import Callable

import pyrage
import reader
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from reader import Document, Key, Node, Scope


def encode64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def payload(text: str, node: Node) -> tuple[str, int, bytes]:
    """The anchor, the end of what is replaced, and what is sealed (section 3.1)."""
    match = re.compile(r"((?:!\S*\s+)?)((?:&\S+\s+)?)").match(text, node.start)
    before, anchor = match.groups() if match[2] else ("", "")
    start = node.start + len(before) + len(anchor)
    line = text[text.rfind("\n", 0, start) + 1 : start]
    end, flags = node.end, int(node.flow)
    if is_block(text, node):
        breaks = re.compile(r"\n*").match(text, end)[0]
        flags |= 2 * (not breaks)
        if "+" in text[start:].split("\n", 1)[0]:
            end += max(len(breaks) - 1, 0)
    source = text[start:end]
    head = before.encode()
    body = bytes([flags]) + (len(line) - len(line.lstrip(" "))).to_bytes(2, "big")
    body += len(head).to_bytes(2, "big") + head + source.encode() + b"\x80"
    return anchor, end, body + bytes(-len(body) % 64)


def is_block(text: str, node: Node) -> bool:
    style = re.compile(r"(?:[!&]\S*\s+)*[|>][-+0-9]*\s*(?:#.*)?$", re.MULTILINE)
    return not node.plain and not node.flow and style.match(text, node.start) is not None


def encrypt(
    text: str,
    recipient: str | None,
    seal_values: Callable[[Node], bool] = lambda _: True,
    *,
    passphrase: str | None = None,
    paths: tuple[str, ...] = ("$",),
) -> bytes:
    """Seal the values of `text` that `seal_values` picks, for an age recipient or a passphrase."""
    document, data_key = os.urandom(16), os.urandom(32)
    ident = encode64(os.urandom(6))
    stanzas: list[tuple[str, bytes, dict[str, str]]] = []
    if recipient is not None:
        known = pyrage.x25519.Recipient.from_str(recipient)
        stanzas.append((f"age:{recipient}", pyrage.encrypt(data_key, [known]), {}))
    if passphrase is not None:
        stanzas.append(("passphrase:", pyrage.passphrase.encrypt(data_key, passphrase), {}))
    scope = Scope(list(paths), list(paths), [Key(ident, stanzas)], b"", [])

    plain = reader.compose(text)
    reader.assign([scope], plain)
    seal_key = reader.derive(data_key, document, "seal")
    out = text
    for node in reversed([node for doc in plain for node in doc.root.walk()]):
        inside = node.kind == "S" and node in scope.nodes and not any(node.key_above())
        if not inside or not seal_values(node):
            continue
        anchor, end, body = payload(text, node)
        nonce = os.urandom(12)
        parts = [b"yamlvault.v1.scalar", document, ident.encode(), reader.path(node)]
        blob = nonce + AESGCM(seal_key).encrypt(nonce, body, b"".join(map(reader.lp, parts)))
        space = "" if anchor or out[node.start - 1 : node.start] in ("", *" \n[{,") else " "
        out = f"{out[: node.start]}{anchor}{space}yv1.{ident}.{encode64(blob)}{out[end:]}"

    sealed = reader.compose(out)
    scope.roots, scope.nodes = [], set()
    reader.assign([scope], sealed)
    mac_key = reader.derive(data_key, document, "mac")
    scope.root, scope.sections = reader.macs(scope, document, mac_key)
    return place(out, sealed, metadata(document, scope)).encode()


def metadata(document: bytes, scope: Scope) -> dict[str, object]:
    keys = [
        {"id": k.id, "stanzas": [{"kek": u, "wrapped": encode64(w)} for u, w, _ in k.stanzas]}
        for k in scope.keys
    ]
    entry = {"paths": scope.paths, "seal": scope.seal, "keys": keys, "root": encode64(scope.root)}
    entry["sections"] = [{"path": p, "mac": encode64(mac)} for p, mac in scope.sections]
    return {"format": 1, "document": encode64(document), "scopes": [entry]}


def block(value: object, indent: str) -> str:
    if isinstance(value, dict):
        parts = [f"{indent}{k}:{block(v, indent + '  ')}" for k, v in value.items()]
        return "\n" + "\n".join(parts)
    if isinstance(value, list) and value:
        items = [block(v, indent + "  ").removeprefix("\n") for v in value]
        return "\n" + "\n".join(f"{indent}- {item.lstrip(' ')}" for item in items)
    return " " + json.dumps(value, ensure_ascii=False)


def place(text: str, documents: list[Document], meta: dict[str, object]) -> str:
    root = documents[-1].root
    broken = text.endswith("\n")
    lines = "yamlvault:" + block(meta, "  ") + ("\n" if broken else "")
    if len(documents) == 1 and root.kind == "M" and root.flow:
        at = root.entries[-1][1].end if root.entries else text.index("{", root.start) + 1
        comma = ", " if root.entries else ""
        return f'{text[:at]}{comma}"yamlvault": {json.dumps(meta)}{text[at:]}'
    single = len(documents) == 1 and root.kind == "M"
    return text + ("" if broken else "\n") + ("" if single else "---\n") + lines
