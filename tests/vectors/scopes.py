"""Scopes (docs/format.md, 1 and 5.3)."""

from __future__ import annotations

import re

from vectors.making import Rule, make, ok, other, own, refused
from vectors.tampering import (
    once,
    tampered,
)
from yamlvault import (
    FormatError,
    IntegrityError,
    NoKeyError,
)


def two_scopes(first: str, second: str) -> tuple[Rule, Rule]:
    """Return rules for a scope in each section, with a KEK of its own."""
    return (
        Rule(("$.production",), ("$.production",), (first,)),
        Rule(("$.staging",), ("$.staging",), (second,)),
    )


@ok()
def scope_two(plain):
    """Two scopes, one for the identity and one for the passphrase; the rest is in neither."""
    return make(plain, *two_scopes(own(), "passphrase:"))


NESTED = b"a: 1\nb:\n  c: 2\n  d:\n    e: 3\n    f:\n    - 4\n  g: 5\n"


@ok(NESTED)
def scope_nested(plain):
    """A scope in a section of another: what stands there belongs to the inner one."""
    return make(plain, Rule(), Rule(("$.b.d",), ("$.b.d",)))


@ok(NESTED)
def scope_two_roots(plain):
    """One scope with two roots."""
    return make(plain, Rule(("$.b.d", "$.a"), ("$.b.d", "$.a")))


@refused(IntegrityError, NESTED)
def scope_nested_inner_changed(plain):
    """A value in the inner scope was changed. The outer scope does not cover it, the inner does."""
    rules = Rule(seal=("$.a",)), Rule(("$.b.d",), ("$.b.d.f",))
    return tampered(make(plain, *rules), once("e: 3", "e: 4"))


@refused(NoKeyError)
def scope_one_does_not_open(plain):
    """Of two scopes only one opens: the file as a whole does not."""
    return make(plain, *two_scopes(own(), other()))


@refused(FormatError)
def scope_same_root(plain):
    """Two scopes have the same root."""
    text = make(plain, *two_scopes(own(), own())).decode()
    return text.replace('paths: ["$.staging"]', 'paths: ["$.production"]').encode()


@refused(IntegrityError)
def scope_key_of_another(plain):
    """A scalar is sealed under the data key of another scope. Signed."""

    def change(text: str) -> str:
        first, second = dict.fromkeys(re.findall(r"yv1\.([\w-]{8})", text))
        return text.replace(f"yv1.{first}", f"yv1.{second}", 1)

    return make(plain, *two_scopes(own(), own()), text=change)


@refused(IntegrityError)
def scope_sealed_outside(plain):
    """A sealed scalar stands where no scope is. Signed."""
    text = make(plain, *two_scopes(own(), own())).decode()
    sealed = re.search(r"yv1\.[\w.-]+", text)[0]
    return text.replace("name: shop", f"name: {sealed}").encode()


@refused(FormatError)
def scope_regexp(plain):
    """The path of a scope has a regular expression."""
    return tampered(make(plain), once(r'paths: \["\$"\]', 'paths: ["$./a+/"]'))


@refused(FormatError)
def scope_malformed_path(plain):
    """The path of a scope is none."""
    return tampered(make(plain), once(r'paths: \["\$"\]', 'paths: ["production"]'))


@refused(IntegrityError)
def scope_removed(plain):
    """One of two scopes is gone from the metadata, with its secrets and its part of the file."""

    def change(text: str) -> str:
        text = once(r'    - paths: \["\$.staging"\].*', "")(text)
        return once("staging:.*?yamlvault:", "yamlvault:")(text)

    return tampered(make(plain, *two_scopes(own(), own())), change)


@refused(IntegrityError, b"a: 1\n---\nb: 2\n")
def scope_document_added(plain):
    """A document more in front of that of the metadata."""
    text = make(plain).decode()
    return text.replace("---\nyamlvault:", "---\nc: 3\n---\nyamlvault:").encode()


OUTSIDE = b"default: &default\n  host: a\nproduction:\n  <<: *default\n  password: b\n"


@ok(OUTSIDE)
def scope_alias_to_outside(plain):
    """What an alias in the scope stands for is not in it, but is covered."""
    return make(plain, Rule(("$.production",), ("$.production.password",)))


@refused(IntegrityError, OUTSIDE)
def scope_alias_to_outside_changed(plain):
    """What an alias in the scope stands for was changed outside of it."""
    data = make(plain, Rule(("$.production",), ("$.production.password",)))
    return tampered(data, once("host: a", "host: e"))


@refused(IntegrityError, b"a:\n  b: &b secret\nc: [x]\n")
def scope_alias_into(plain):
    """An alias outside of all scopes stands for a secret in one."""
    return tampered(make(plain, Rule(("$.a",), ("$.a",))), once(r"\[x\]", "[*b]"))
