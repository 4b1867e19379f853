"""Documents of all kinds."""

from __future__ import annotations

import re

from vectors.making import Rule, make, ok, refused
from vectors.tampering import (
    once,
    tampered,
)
from yamlvault import (
    DocumentError,
    IntegrityError,
    NotEncryptedError,
)


def document(name: str, plain: bytes, how: str, *rules: Rule) -> None:
    """Add a file that opens to `plain`."""

    def maker(data):
        return make(data, *rules)

    maker.__name__, maker.__doc__ = f"document_{name}", how
    ok(plain)(maker)


document("bom", b"\xef\xbb\xbfa: x\nb: {c: y}\n", "With a byte order mark.")
document("crlf", b"a: x\r\nb:\r\n  c: |\r\n    one\r\n    two\r\n", "Lines end with CR LF.")
document("no_final_newline", b"a: x\nb: y", "The last line has no line break.")
document("block_without_newline", b"a: x\nb: |\n  y", "A block scalar ends with the file.")
document("multi", b"a: 1\n---\n- b\n- c: d\n--- e\n", "Three documents.")
document("sequence_root", b"- a\n- b: c\n  d: e\n- - f\n", "The root is a sequence.")
document("scalar_root", b"just a text\n", "The root is a scalar.")
document("scalar_root_block", b"--- |\n  one\n  two\n", "The root is a block scalar.")
document("end_marker", b"---\na: x\nb: [y]\n...\n", "With `---` and `...`.")
document("directive", b"%YAML 1.1\n---\na: x\n", "With a %YAML directive.")
document("comments", b"# a\na: x # b\n\n  # c\nb: 'y # no' # d\n# e\n", "With comments.")
document(
    "anchors",
    b"a: &x !!str 1\nb: !!str &y 2\nc: &z\n  d: 3\ne: [*x, *y, *z]\n",
    "Anchors before and behind tags, and aliases.",
)
document("anchor_again", b"a: &x 1\nb: *x\nc: &x 2\nd: *x\n", "An anchor's name is used again.")
document(
    "merge",
    b"base: &base\n  a: 1\n  b: 2\nc:\n  <<: *base\n  b: 3\nd:\n  <<: [*base, {e: 4}]\n",
    "Merge keys.",
)
document(
    "block_scalars",
    b"a: |\n  one\n   two\n\n  three\nb: >-\n  one\n  two\n\nc: |+\n  one\n\nd: |2-\n    one\n"
    b"e:\n- |\n  one\n- >\n  two\nf: last\n",
    "Literal and folded, with all indicators.",
)
document(
    "several_lines",
    b"a: one\n  two\n\n  three\nb: 'one\n  two'\nc: \"one\n  two \\\n  three\"\n",
    "Plain and quoted scalars of several lines.",
)
document(
    "flow",
    b"a: {b: c, d: [e, 'f', \"g\", http://h], h: {}}\ni: [\n  j, k: l,\n  m\n]\n",
    "Flow collections.",
)
document(
    "flow_dash",
    b"[-, ---, --, -x, {a: -, b: '-'}, c]\n",
    "Plain dashes in a flow collection, which are scalars only where they stand.",
)
document(
    "quoted", b"a: \"\\ttab \\u2713 \\\"q\\\"\"\nb: 'it''s'\nc: ''\nd: \"\"\n", "Quoted scalars."
)
document("unicode", "ключ: значение\né: ☃\n😀: 'smile 😀'\n".encode(), "Not ASCII.")
document(
    "empty_values",
    b"a:\nb: ~\nc: null\nd: ''\ne:\n-\n- x\nf: {g: , h: }\n",
    "Empty scalars: where no text stands nothing is sealed.",
)
document(
    "types",
    b"a: [1, 0x1f, 0o14, 1_000, 1.5, .inf, 1e3, true, off, 2026-11-24]\n"
    b"b: {1: x, true: y, 1.5: z}\nc: 2026-11-24T11:23:16Z\nd: 190:20:30\n",
    "Scalars that are not texts, some of them in plaintext.",
    Rule(seal=("$.a", "$.c")),
)
document(
    "tags",
    b"a: !!str 1\nb: !!binary aGVsbG8=\nc: ! 2\nd: !<tag:yaml.org,2002:str> 3\ne: !!set {x}\n",
    "Explicit tags.",
)
document(
    "tag_directive",
    b"%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1\nb: [!e!str 2]\n",
    "Tags with a handle of their own.",
)
document("explicit_keys", b"? a\n: x\n? |\n  b\n: y\n", "Keys with `?`.")
document("deep", b"a: {b: {c: {d: {e: [[[[x]]]]}}}}\n", "Nested deeply.")


@ok(exact=False)
def document_reindented(plain):
    """Four spaces instead of two, items indented."""
    text = make(plain).decode()
    head, tail = text.split("yamlvault:")
    return f"{head.replace('  ', '    ').replace('- ', '    - ')}yamlvault:{tail}".encode()


BLOCKS = b"a:\n  b: |\n    one\n     two\n  c: x\n"


@ok(b'a: {b: "one\\n two\\n", c: x}\n', exact=False)
def document_block_to_flow(plain):
    """A sealed block scalar stands in a flow collection now."""
    data = make(BLOCKS).decode()
    sealed = re.findall(r"yv1\.[\w.-]+", data)
    return f"a: {{b: {sealed[0]}, c: {sealed[1]}}}\n{data[data.index('yamlvault:') :]}".encode()


@ok(b"a:\n  b: x y\n  c: z\n", exact=False)
def document_flow_to_block(plain):
    """A plain scalar of a flow collection stands in a block collection now."""
    data = make(b"a: {b: x\n  y, c: z}\n").decode()
    sealed = re.findall(r"yv1\.[\w.-]+", data)
    return f"a:\n  b: {sealed[0]}\n  c: {sealed[1]}\n{data[data.index('yamlvault:') :]}".encode()


@refused(IntegrityError, b"%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1\n")
def document_tag_directive_changed(plain):
    """The %TAG that the tag of a sealed scalar goes through names something else."""
    return tampered(make(plain), once("2002:", "2002:in"))


@refused(NotEncryptedError)
def document_plaintext(plain):
    """Never encrypted."""
    return plain


@refused(DocumentError)
def document_not_utf8(plain):
    """A byte that is not UTF-8."""
    return make(plain).replace(b"name:", b"n\xe9me:")


@refused(DocumentError)
def document_not_yaml(plain):
    """A bracket that is not closed."""
    return make(plain).replace(b"name:", b"name: [")


@refused(DocumentError)
def document_conflict_markers(plain):
    """What `git merge` leaves in a conflict."""
    change = once(r"(  host: yv1[^\n]+\n)", "<<<<<<< ours\n\\1=======\n\\1>>>>>>> theirs\n")
    return tampered(make(plain), change)


@refused(DocumentError)
def document_duplicate_key(plain):
    """A key twice."""
    return tampered(make(plain), once("(  host: [^\n]+\n)", r"\1\1"))


@refused(DocumentError)
def document_unknown_alias(plain):
    """An alias without an anchor."""
    return tampered(make(plain), once("(  host: )[^\n]+", r"\1*nothing"))
