"""MACs (docs/format.md, 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectors.making import Rule, make, ok, other, refused
from vectors.tampering import (
    flip_field,
    once,
    sections,
    swap,
    tampered,
)
from yamlvault import (
    FormatError,
    IntegrityError,
    Keyring,
    NoKeyError,
)
from yamlvault.envelope import wrap
from yamlvault.format.keys import DataKey
from yamlvault.format.sealed import to_b64

if TYPE_CHECKING:
    from yamlvault.format.metadata import Metadata


@refused(IntegrityError)
def mac_root_flipped(plain):
    """One bit of the root MAC."""
    return tampered(make(plain), flip_field("root"))


@refused(IntegrityError)
def mac_rules_flipped(plain):
    """One bit of the MAC of the rules."""
    return tampered(make(plain), flip_field("rules"))


@refused(IntegrityError)
def mac_section_flipped(plain):
    """One bit of the MAC of the second section."""
    return tampered(make(plain), flip_field("mac", 1, -1))


@refused(IntegrityError)
def mac_missing(plain):
    """A section without its MAC."""
    return tampered(make(plain), lambda text: text.replace(sections(text)[1], ""))


@refused(IntegrityError)
def mac_all_missing(plain):
    """No section has one."""
    return tampered(
        make(plain), once(r"      sections:.*?      root", "      sections: []\n      root")
    )


@refused(IntegrityError)
def mac_extra(plain):
    """A MAC for a section that is not there."""
    entry = f'        - path: "$.more"\n          mac: "{to_b64(bytes(32))}"\n\n'
    return tampered(make(plain), once("      root:", f"{entry}      root:"))


@refused(FormatError)
def mac_twice(plain):
    """Two MACs for a section."""
    return tampered(
        make(plain), lambda text: text.replace(sections(text)[1], sections(text)[1] * 2)
    )


@refused(IntegrityError)
def mac_swapped(plain):
    """The MACs of two sections swapped."""
    return tampered(make(plain), swap(r'mac: "[\w-]+"'))


@refused(IntegrityError)
def mac_labels_swapped(plain):
    """The labels of two sections swapped."""
    return tampered(make(plain), swap(r'path: "\$\.\w+"'))


@ok(exact=False)
def mac_entries_reordered(plain):
    """The sections' entries in another order."""
    return tampered(make(plain), swap(r'- path: "\$\.\w+"\n          mac: "[\w-]+"'))


@refused(IntegrityError)
def mac_under_older_key(plain):
    """The MACs are those of the older of two data keys."""
    return make(plain, Rule(keys=2), signing_key=lambda keys: keys[0])


@refused(IntegrityError)
def append_missing(plain):
    """Two data keys without `append`: whoever knows the recipient could have added one. Signed."""
    return make(plain, Rule(keys=2), append=lambda _: [None, None])


@refused(IntegrityError)
def append_of_second_key(plain):
    """`append` is made with the second data key. Signed."""
    return make(plain, Rule(keys=2), append=lambda keys: [keys[1], None])


@refused(IntegrityError)
def append_not_of_every_key(plain):
    """Of three data keys only the first has `append`: it may be the attacker's own. Signed."""
    return make(plain, Rule(keys=3), append=lambda keys: [keys[0], None, None])


@refused(IntegrityError)
def append_of_first_key_for_all(plain):
    """The first of three data keys gives the leave in the name of the second. Signed."""
    return make(plain, Rule(keys=3), append=lambda keys: [keys[0], keys[0], None])


@ok()
def append_three_keys(plain):
    """Three data keys, of which the first two have `append`."""
    return make(plain, Rule(keys=3))


@refused(IntegrityError)
def append_flipped(plain):
    """One bit of `append`."""
    return tampered(make(plain, Rule(keys=2)), flip_field("append"))


@refused(IntegrityError)
def append_removed(plain):
    """One data key, and the `append` that was there is gone: the MAC of the rules covers it."""
    data = make(plain, append=lambda keys: [keys[0]])
    return tampered(data, once(r'          append: "[^"]+"\n', ""))


@ok()
def append_one_key(plain):
    """`append` is there, but no data key was added."""
    return make(plain, append=lambda keys: [keys[0]])


@refused(NoKeyError)
def append_first_key_does_not_open(plain):
    """The second data key opens, the first does not."""

    def foreign(metadata: Metadata) -> Metadata:
        (scope,) = metadata.scopes
        first = wrap(DataKey(scope.keys[0].id, bytes(32)), (other(),), Keyring([]))
        return metadata._replace(scopes=(scope._replace(keys=(first, *scope.keys[1:])),))

    return make(plain, Rule(keys=2), metadata=foreign)


PLAINTEXT = Rule(seal=("$.production.password",))


@refused(IntegrityError)
def mac_plaintext_changed(plain):
    """A plaintext value beside a sealed one was changed."""
    return tampered(make(plain, PLAINTEXT), once("db.example.org", "db.example.com"))


@refused(IntegrityError)
def mac_top_level_changed(plain):
    """A plaintext value at the top level was changed."""
    return tampered(make(plain, PLAINTEXT), once("name: shop", "name: shod"))


@refused(IntegrityError)
def mac_type_changed(plain):
    """The number 5432 became the text "5432"."""
    return tampered(make(plain, PLAINTEXT), once("port: 5432", 'port: "5432"'))


@refused(IntegrityError)
def mac_key_renamed(plain):
    """A key with a plaintext value was renamed."""
    return tampered(make(plain, PLAINTEXT), once("host:", "hosts:"))


@refused(IntegrityError)
def mac_section_renamed(plain):
    """A section of plaintext was renamed, in the data and in the metadata."""
    return tampered(make(plain, PLAINTEXT), lambda text: text.replace("staging", "testing"))


@refused(IntegrityError)
def mac_section_removed(plain):
    """A section is gone, with its MAC."""

    def change(text: str) -> str:
        text = text.replace(sections(text)[1], "")
        return once("staging:.*?yamlvault:", "yamlvault:")(text)

    return tampered(make(plain, PLAINTEXT), change)


@refused(IntegrityError)
def mac_items_swapped(plain):
    """Two plaintext items of a sequence swapped."""
    return tampered(make(plain, PLAINTEXT), swap(r"- [12]"))


@refused(IntegrityError)
def mac_value_moved(plain):
    """A key with its value moved to another section."""
    change = once("  port: 5432\nstaging:\n", "staging:\n  port: 5432\n")
    return tampered(make(plain, PLAINTEXT), change)


@refused(IntegrityError, b"a:\n  b: ''\n  c: x\n")
def mac_empty_to_null(plain):
    """An empty text became null."""
    return tampered(make(plain, Rule(seal=("$.a.c",))), once("''", ""))


@refused(IntegrityError)
def mac_tag_added(plain):
    """A plaintext value got a tag."""
    return tampered(make(plain, PLAINTEXT), once("port: 5432", "port: !!str 5432"))


@ok(exact=False)
def mac_comments_and_order(plain):
    """Keys in another order, comments and blank lines added: no MAC covers them."""
    changes = (
        swap(r"  (host: db.example.org|port: 5432)\n"),
        once("production:", "# new\n\nproduction:  # the first"),
    )
    return tampered(make(plain, PLAINTEXT), *changes)


ALIASES = b"a:\n  x: &one 1\n  y: &two 2\n  z: *one\n  s: secret\n"


@refused(IntegrityError, ALIASES)
def mac_alias_retargeted(plain):
    """An alias names another anchor."""
    return tampered(make(plain, Rule(seal=("$.a.s",))), once(r"\*one", "*two"))


@ok(ALIASES, exact=False)
def mac_anchor_renamed(plain):
    """An anchor and its alias were renamed: they mean the same."""
    return tampered(make(plain), lambda text: text.replace("one", "uno"))
