"""The worked example that docs/format.md needs: every intermediate value of a small file."""
# ruff: noqa: T201

import sys
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

sys.path.insert(0, str(Path(__file__).parent))

import reader
import writer

DOCUMENT, KEY, NONCE = bytes(range(16)), bytes(range(32, 64)), bytes(range(64, 76))
IDENT = writer.encode64(bytes(range(80, 86)))
TEXT = "db:\n  host: localhost\n  password: !!str hunter2\nport: 5432\nlist:\n- [x, ~]\n"


def main() -> None:
    (document,) = reader.compose(TEXT)
    password = document.root.entries[0][1].entries[1][1]
    seal_key = reader.derive(KEY, DOCUMENT, "seal")
    _, end, body = writer.payload(TEXT, password)
    parts = [b"yamlvault.v1.scalar", DOCUMENT, IDENT.encode(), reader.path(password)]
    data = b"".join(map(reader.lp, parts))
    sealed = NONCE + AESGCM(seal_key).encrypt(NONCE, body, data)
    text = TEXT[: password.start] + f"yv1.{IDENT}.{writer.encode64(sealed)}" + TEXT[end:]
    documents = reader.compose(text)
    stanza = ("age:age1example", b"wrapped", {"b": "2", "a": "1"})
    scope = reader.Scope(["$"], ["$.db.password"], [reader.Key(IDENT, [stanza])], b"", [])
    reader.assign([scope], documents)
    mac_key = reader.derive(KEY, DOCUMENT, "mac")
    root, sections = reader.macs(scope, DOCUMENT, mac_key)
    print(text)
    for name, value in (
        ("document id", DOCUMENT),
        ("data key", KEY),
        ("seal key", seal_key),
        ("mac key", mac_key),
        ("payload", body),
        ("P(db.password)", reader.path(password)),
        ("AD", data),
        ("N(db)", reader.encode(documents[0].root.entries[0][1])),
        ("N(list)", reader.encode(documents[0].root.entries[2][1])),
        ("T($)", reader.encode(documents[0].root, scope.nodes, root=True)),
        *sections,
        ("root", root),
    ):
        print(f"{name:16}{value.hex()}")


if __name__ == "__main__":
    main()
