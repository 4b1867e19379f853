"""Edits that need no decryption key and that the text of format v1 lets a reader accept.

Run it: every line says what the reader returned. Each is a question to docs/format.md.
"""
# ruff: noqa: T201

import os
import re
import sys
import time
from pathlib import Path

import pyrage

sys.path.insert(0, str(Path(__file__).parent))

import reader
import writer

IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())


def show(what: str, text: str) -> None:
    try:
        result = repr(reader.open_file(text.encode(), [str(IDENTITY)]))
    except reader.ReadError as error:
        result = f"{type(error).__name__}: {error}"
    print(f"{what}\n    {result}")


def seal(text: str, *paths: str) -> str:
    return writer.encrypt(text, RECIPIENT, paths=paths or ("$",)).decode()


def reauthenticate(text: str, scope: reader.Scope, document: bytes, key: bytes) -> str:
    """Write `scope` as the only one of `text`, with MACs made with `key`."""
    body = text[: text.index("yamlvault:")]
    documents = reader.compose(body)
    scope.roots, scope.nodes = [], set()
    reader.assign([scope], documents)
    mac_key = reader.derive(key, document, "mac")
    scope.root, scope.sections = reader.macs(scope, document, mac_key)
    return writer.place(body, documents, writer.metadata(document, scope))


def append_key(text: str) -> str:
    """Section 7's 'append a new one', by somebody who knows the recipient and nothing else."""
    meta = reader.compose(text)[-1].root.entries[-1][1]
    document, (scope,) = reader.read_meta(meta)
    key = os.urandom(32)
    wrapped = pyrage.encrypt(key, [pyrage.x25519.Recipient.from_str(RECIPIENT)])
    ident = writer.encode64(os.urandom(6))
    scope.keys.append(reader.Key(ident, [(f"age:{RECIPIENT}", wrapped, {})]))
    return reauthenticate(text, scope, document, key)


def main() -> None:
    base = seal("host: db.example\npassword: hunter2\n")
    evil = re.sub(r"host: .*", "host: evil.example", base)
    show("1 append a data key for the same recipient, keep the sealed password", append_key(evil))

    text = seal("open: x\nother: {}\nsecrets:\n  p: hunter2\n", "$.other")
    show(
        "2 values outside every scope, which is also what a deleted scope leaves",
        text.replace("hunter2", "evil"),
    )

    base = seal("open: x\nsecrets:\n  p: hunter2\n", "$.secrets")
    text = base.replace("p: yv1", "p: &leak yv1")
    text = text.replace("open: x\n", "").replace("yamlvault:", "open: *leak\nyamlvault:")
    show("3 an alias from outside the scope reads a secret", text)

    base = seal("open: &o {a: 1}\nsecrets:\n  p: *o\n", "$.secrets")
    show("4 an alias in the scope to a target outside", base.replace("a: 1", "a: evil"))

    base = seal("open: x\nsecrets:\n  p: hunter2\n", "$.secrets")
    text = base.replace("open: x\n", "open: &k secrets\n*k : {p: evil}\n")
    show("5 an alias as a second key of the same name (PyYAML: the last one wins)", text)

    base = seal("a: !!int 5\n")
    show("6 %TAG !! under a sealed tag", "%TAG !! tag:evil.example,2000:\n---\n" + base)

    base = seal("- - |2\n      x\n")
    show("7 a block scalar with an indicator, as it was", base)
    show("7 moved by a formatter", base.replace("- - ", "-\n   - ", 1))

    base = seal("a: {x: 1}\nb: {x: 2}\n", "$.a", "$.b")
    a, b, rest = base.split("\n", 2)
    show(
        "8 two roots, keys in another order (section 4 promises that it holds)", f"{b}\n{a}\n{rest}"
    )

    for depth in (8, 10, 12):
        keys = "".join(f"- {{*k{i} : {{*k{i} : &k{i + 1} x}}}}\n" for i in range(depth))
        start = time.monotonic()
        (document,) = reader.compose("- &k0 x\n" + keys)
        size = max(len(reader.path(n)) for n in document.root.walk())
        print(
            f"9 alias keys, {depth} lines: a path of {size} bytes, {time.monotonic() - start:.2f} s"
        )


if __name__ == "__main__":
    main()
