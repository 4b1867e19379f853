"""The metadata (docs/format.md, 2)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import yaml

from vectors.making import Rule, make, ok, other, own, refused
from vectors.tampering import (
    LAST_BITS,
    moved_metadata,
    once,
    tampered,
)
from yamlvault import (
    DocumentError,
    FormatError,
    IntegrityError,
    NotEncryptedError,
)
from yamlvault.format.sealed import to_b64

if TYPE_CHECKING:
    from yamlvault.format.metadata import Metadata


@ok()
def metadata_block(plain):
    """The last key of a block mapping."""
    return make(plain)


@ok(exact=False)
def metadata_first(plain):
    """The first key: the place does not count."""
    return moved_metadata(make(plain).decode(), "name:").encode()


@ok(exact=False)
def metadata_in_middle(plain):
    """Between two sections."""
    return moved_metadata(make(plain).decode(), "staging:").encode()


@ok(b"# nothing but a comment\n")
def metadata_only_document(plain):
    """A stream without documents got a document of metadata."""
    return make(plain)


@ok(b"{}\n")
def metadata_in_empty_flow(plain):
    """The only key of a flow mapping: the mapping is data, the key is not."""
    return make(plain)


@ok(b'{"a": "x", "b": {"c": [1, true, null, "y"]}}\n')
def metadata_json(plain):
    """A JSON document of one line, and JSON still."""
    data = make(plain)
    json.loads(data)
    return data


@ok(b'{\n  "a": "x",\n  "b": {\n    "c": [1, 2]\n  }\n}\n')
def metadata_json_lines(plain):
    """A JSON document of several lines, and JSON still."""
    data = make(plain)
    json.loads(data)
    return data


@ok(b"a: 1\n---\nb: 2\n")
def metadata_last_document(plain):
    """The stream has two documents: the metadata is a third."""
    return make(plain)


@ok(b"- a\n- b\n", exact=False)
def metadata_document_in_flow(plain):
    """The document of the metadata was rewritten in flow style."""
    text = make(plain).decode()
    data, meta = text.split("---\n")
    return f"{data}---\n{json.dumps(yaml.safe_load(meta))}\n".encode()


@ok(exact=False)
def metadata_all_in_flow(plain):
    """The whole file was converted to JSON. Plaintext numbers keep their text."""
    return json.dumps(yaml.safe_load(make(plain))).encode()


@ok(exact=False)
def metadata_plain_scalars(plain):
    """The quotes in the metadata were taken away, its fields put in another order."""
    return yaml.safe_dump(yaml.safe_load(make(plain)), sort_keys=True).encode()


@ok()
def metadata_context(plain):
    """A stanza has a context. An age KEK binds none, so it opens all the same."""
    return make(plain, metadata=with_context)


def with_context(metadata: Metadata) -> Metadata:
    """Give the first stanza a context."""
    (scope,) = metadata.scopes
    (key,) = scope.keys
    stanza = key.stanzas[0]._replace(context={"service": "shop", "a": "é"})
    key = key._replace(stanzas=(stanza, *key.stanzas[1:]))
    return metadata._replace(scopes=(scope._replace(keys=(key,)),))


@refused(IntegrityError)
def metadata_context_changed(plain):
    """The context of a stanza was changed: the root MAC covers it."""
    return tampered(make(plain, metadata=with_context), once('"shop"', '"ship"'))


@refused(FormatError)
def metadata_missing_format(plain):
    """Without the field `format`."""
    return tampered(make(plain), once("  format: 1\n", ""))


@refused(FormatError)
def metadata_unknown_format(plain):
    """Format 2."""
    return tampered(make(plain), once("format: 1", "format: 2"))


@refused(FormatError)
def metadata_unknown_format_only(plain):
    """Format 2, and nothing else that this version knows: the format is looked at first."""
    return tampered(make(plain), once("format: 1.*", "format: 2\n  shards: 7\n"))


@refused(FormatError)
def metadata_format_float(plain):
    """`1.0` is not the integer 1."""
    return tampered(make(plain), once("format: 1", "format: 1.0"))


@refused(FormatError)
def metadata_missing_field(plain):
    """A scope without `seal`."""
    return tampered(make(plain), once(r"      seal: .*?\n", ""))


@refused(FormatError)
def metadata_unknown_field(plain):
    """A field more than the format knows."""
    return tampered(make(plain), once("  document:", '  comment: "x"\n  document:'))


@refused(FormatError)
def metadata_unknown_field_in_stanza(plain):
    """A stanza with a field more than the format knows."""
    return tampered(make(plain), once("(              wrapped:)", '              x: "y"\n\\1'))


@refused(DocumentError)
def metadata_duplicate_field(plain):
    """`document` twice: a mapping with duplicate keys."""
    return tampered(make(plain), once("(  document: .*?\n)", r"\1\1"))


@refused(DocumentError)
def metadata_twice(plain):
    """The whole key twice, as after a merge."""
    text = make(plain).decode()
    return (text + text[text.index("yamlvault:") :]).encode()


@refused(FormatError)
def metadata_truncated(plain):
    """The file ends behind `keys:`."""
    return tampered(make(plain), once("      keys:.*", "      keys:\n"))


@refused(FormatError)
def metadata_truncated_in_mac(plain):
    """The file ends in the middle of the root MAC, whose quote was closed."""
    return tampered(make(plain), once(r'(root: "[\w-]{20}).*', '\\1"\n'))


@refused(FormatError)
def metadata_null(plain):
    """The key has no value."""
    return tampered(make(plain), once("yamlvault:.*", "yamlvault:\n"))


@refused(FormatError)
def metadata_no_scope(plain):
    """`scopes` is empty."""
    return tampered(make(plain), once("  scopes:.*", "  scopes: []\n"))


@refused(FormatError)
def metadata_scopes_mapping(plain):
    """`scopes` is a mapping."""
    return tampered(make(plain), once("  scopes:.*", "  scopes: {}\n"))


@refused(FormatError)
def metadata_no_keys(plain):
    """`keys` is empty."""
    return tampered(
        make(plain), once("      keys:.*      sections", "      keys: []\n      sections")
    )


@refused(FormatError)
def metadata_no_stanzas(plain):
    """`stanzas` is empty."""
    change = once("          stanzas:.*      sections", "          stanzas: []\n      sections")
    return tampered(make(plain), change)


@refused(FormatError)
def metadata_key_id_twice(plain):
    """Two data keys have the same id."""

    def doubled(metadata: Metadata) -> Metadata:
        (scope,) = metadata.scopes
        return metadata._replace(scopes=(scope._replace(keys=scope.keys * 2),))

    return make(plain, metadata=doubled)


@refused(FormatError)
def metadata_key_id_long(plain):
    """A data key id of 12 characters."""
    return tampered(make(plain), once(r'- id: "', '- id: "AAAA'))


@refused(FormatError)
def metadata_document_id_short(plain):
    """A document id of 15 bytes."""
    return tampered(make(plain), once(r'document: "[\w-]+"', f'document: "{to_b64(bytes(15))}"'))


@refused(IntegrityError)
def metadata_document_id_other(plain):
    """Another document id."""
    return tampered(make(plain), once(r'document: "[\w-]+"', f'document: "{to_b64(bytes(16))}"'))


@refused(FormatError)
def metadata_b64_padding(plain):
    """base64 with `=` behind it."""
    return tampered(make(plain), once(r'(root: "[\w-]+)"', r'\1="'))


@refused(FormatError)
def metadata_b64_alphabet(plain):
    """A character of the other alphabet of base64."""
    return tampered(make(plain), once(r'root: "[\w-]', 'root: "+'))


@refused(FormatError)
def metadata_b64_unused_bits(plain):
    """The last character of a MAC has unused bits set."""

    def change(text: str) -> str:
        found = re.search(r'root: "[\w-]+([\w-])"', text)
        return text[: found.start(1)] + found[1].translate(LAST_BITS) + text[found.end(1) :]

    return tampered(make(plain), change)


@ok(exact=False)
def metadata_format_quoted(plain):
    """The format is the text `1`, in quotes."""
    return tampered(make(plain), once("format: 1", "format: '1'"))


@refused(FormatError)
def metadata_tag(plain):
    """A tag in the metadata."""
    return tampered(make(plain), once('document: "', 'document: !!str "'))


@refused(FormatError)
def metadata_anchor(plain):
    """An anchor in the metadata."""
    return tampered(make(plain), once('document: "', 'document: &a "'))


@refused(FormatError)
def metadata_alias(plain):
    """An alias in the metadata."""
    changes = once("name: ", "name: &a "), once(r'document: "[^"]+"', "document: *a")
    return tampered(make(plain), *changes)


@refused(NotEncryptedError)
def metadata_tagged_key(plain):
    """The key of the metadata has a tag: it is a key of the data."""
    return tampered(make(plain), once("yamlvault:", "!!str yamlvault:"))


@refused(IntegrityError)
def metadata_seal_changed(plain):
    """What a writer seals was changed: the next secret would stay plaintext."""
    return tampered(make(plain), once(r'seal: \["\$"\]', 'seal: ["$.name"]'))


@refused(IntegrityError)
def metadata_paths_changed(plain):
    """The scope has other roots."""
    change = once(r'paths: \["\$"\]', 'paths: ["$.name", "$.production", "$.staging"]')
    return tampered(make(plain), change)


@refused(IntegrityError)
def metadata_kek_changed(plain):
    """A stanza names another KEK: the next secret would be encrypted for that."""
    return tampered(make(plain, Rule(keks=(own(),))), once(r'kek: "[^"]+"', f'kek: "{other()}"'))


@refused(IntegrityError)
def metadata_stanza_added(plain):
    """A stanza more, for somebody else."""
    lines = f'            - kek: "{other()}"\n              wrapped: "AAAA"\n'
    return tampered(make(plain), once("      rules:", f"{lines}      rules:"))


@refused(NotEncryptedError)
def metadata_missing(plain):
    """Sealed scalars, but no metadata."""
    return tampered(make(plain), once("yamlvault:.*", ""))


@refused(NotEncryptedError)
def metadata_in_first_document(plain):
    """The key stands in the first of two documents, where no reader looks for it."""
    return make(plain) + b"---\na: b\n"
