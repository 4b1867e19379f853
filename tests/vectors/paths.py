"""Paths and labels (docs/format.md, 4.3 and 5.1)."""

from __future__ import annotations

from vectors.making import make, ok


def path(name: str, plain: bytes, how: str) -> None:
    """Add a file whose paths are special."""

    def maker(data):
        return make(data)

    maker.__name__, maker.__doc__ = f"path_{name}", how
    ok(plain)(maker)


path("number_keys", b'1:\n  a: x\n"1":\n  a: y\n1.0: [z]\n', "Keys of equal text, unequal tags.")
path("null_key", b"~:\n  a: x\n'':\n  b: y\n", "A null and an empty text as keys.")
path("alias_as_key", b"a: &k key\n*k :\n  b: x\n", "An alias is a key.")
path("tagged_keys", b"!!str a: x\n! b: [y]\n!!str 1: {c: z}\n", "Keys with a tag, the first too.")
path("alias_in_key", b"? [&k a, *k]\n: [x]\n", "An alias in a key, to an anchor in that key.")
path("alias_to_key", b"? &k {a: b}\n: [x]\nc: *k\n", "An alias to a key.")
path("alias_recursive_key", b"? &k [a, {b: *k}]\n: [x]\n", "An alias in a key, to that key.")
path("collection_keys", b"? [a, b]\n: {c: x}\n? {d: e}\n: [y]\n", "Collections as keys.")
path("quoted_label", b'"a b": {c: x}\n"d.e": [y]\n"f\\"g": [z]\n', "Labels that are quoted.")
path("control_label", b'"a\\tb\\nc\\x01\\x7f\\u2028": [x]\n', "Labels with escapes.")
path("unicode_label", "é: [x]\n日本: {a: y}\n😀: [z]\n".encode(), "Labels that are not ASCII.")
path("document_label", b"a: [x]\n---\na: [y]\n---\n- [z]\n", "Labels in several documents.")
