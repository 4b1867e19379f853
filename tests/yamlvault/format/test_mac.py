"""The MACs of a scope, compared with HMACs made by hand from section 5."""

import hashlib
import hmac

import pytest

from yamlvault.document.compose import compose
from yamlvault.errors import IntegrityError
from yamlvault.format import mac
from yamlvault.format.encoding import encode, lp, path_of, u32
from yamlvault.format.metadata import Scope, Stanza, WrappedKey
from yamlvault.format.scope import Map

KEY, OTHER_KEY, DOCUMENT = bytes(32), bytes(31) + b"\1", bytes(range(16))
TEXT = "name: shop\na:\n  b: 1\nc: [2]\n"
STANZA = Stanza("age:x", b"w", {"n": "v", "m": "u"})
KEYS = (WrappedKey("AAAAAAAA", (STANZA,)),)
SCOPE = Scope(("$",), ("$.a", "$.c"), KEYS)


def by_hand(*parts):
    return hmac.digest(KEY, b"".join(parts), hashlib.sha256)


def texts(*elements):
    return u32(len(elements)) + b"".join(lp(element) for element in elements)


def signed(text=TEXT, scope=SCOPE, key=KEY):
    return mac.sign(scope, 0, Map(compose(text), [scope]), key, DOCUMENT)


def verify(scope, text=TEXT, key=KEY, document=DOCUMENT):
    mac.verify(scope, 0, Map(compose(text), [scope]), key, document)


def test_section():
    """The MAC of a section is over the document id, its path and its content."""
    node = compose(TEXT).documents[0].root.values[1]
    head = lp(b"yamlvault.v1.section") + lp(DOCUMENT)
    expected = by_hand(head, lp(path_of(node)), lp(encode(node)))
    assert signed().sections["$.a"] == expected
    assert list(signed().sections) == ["$.a", "$.c"]


def test_root():
    """The root MAC is over the number of documents and the root with stand-ins for sections."""
    root = compose(TEXT).documents[0].root
    stand_ins = {id(node): b"#" for node in root.values[1:]}
    roots = lp(path_of(root)) + lp(encode(root, stand_ins))
    expected = by_hand(lp(b"yamlvault.v1.root"), lp(DOCUMENT), u32(1), lp(roots), lp(b""))
    assert signed().root == expected


def test_rules():
    """The MAC of the rules is over paths, seal, keys with their stanzas, and `append`."""
    context = texts(lp(b"m") + lp(b"u"), lp(b"n") + lp(b"v"))
    stanza = lp(b"age:x") + lp(b"w") + context
    key = lp(b"AAAAAAAA") + lp(b"") + texts(stanza)
    meta = texts(b"$") + texts(b"$") + texts(b"$.a", b"$.c") + texts(key)
    assert signed().rules == by_hand(lp(b"yamlvault.v1.rules"), lp(DOCUMENT), lp(meta))


@pytest.mark.parametrize(
    "text",
    [
        "c: [2]\na: {b: 1}\nname: 'shop'\n",
        "# c\nname:   shop\na:\n    b: 1 # c\nc:\n- 2\n",
        "%YAML 1.1\n---\nname: !!str shop\na: &x {b: 1}\nc: [!!int '2']\n...\n",
    ],
)
def test_layout_order_and_anchors_are_free(text):
    """Key order, styles, comments and names of anchors change no MAC."""
    assert mac.differences(signed(), 0, Map(compose(text), [SCOPE]), KEY, DOCUMENT) == []
    verify(signed(), text)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("name: shop\na:\n  b: 2\nc: [2]\n", ["$.a"]),
        ("name: shop\na:\n  b: '1'\nc: [2]\n", ["$.a"]),
        ("name: shop\na:\n  d: 1\nc: [2]\n", ["$.a"]),
        ("name: shop\na: !x\n  b: 1\nc: [2]\n", ["$.a"]),
        ("name: shop\na:\n  b: 1\nc: [2, 2]\n", ["$.c"]),
        ("name: shop\na:\n  b: 3\nc: []\n", ["$.a", "$.c"]),
        ("name: show\na:\n  b: 1\nc: [2]\n", [""]),
        ("nome: shop\na:\n  b: 1\nc: [2]\n", [""]),
        ("a:\n  b: 1\nc: [2]\n", [""]),
        ("name: shop\na:\n  b: 1\n", ["", "$.c"]),
        ("name: shop\na:\n  b: 1\nc: 2\n", ["", "$.c"]),
        ("name: shop\na:\n  b: 1\nc: [2]\nd: []\n", ["", "$.d"]),
        ("name: shop\na:\n  b: 1\nd: [2]\n", ["", "$.c", "$.d"]),
        ("name: shop\na:\n  b: 1\nc: [2]\n---\n", [""]),
        ("name: shop\nc: [2]\na: [2]\n", ["$.a"]),
    ],
)
def test_differences(text, changed):
    """What was changed is named: sections by their label, the root by the empty text."""
    found = mac.differences(signed(), 0, Map(compose(text), [SCOPE]), KEY, DOCUMENT)
    assert sorted(found) == changed
    with pytest.raises(IntegrityError, match="is not what was encrypted") as caught:
        verify(signed(), text)
    assert ("section $." in caught.value.message) == (changed != [""])


@pytest.mark.parametrize(
    "change",
    [
        {"paths": ("$", "$.a")},
        {"seal": ("$.a",)},
        {"seal": ("$.c", "$.a")},
        {"keys": (WrappedKey("AAAAAAAB", (STANZA,)),)},
        {"keys": (WrappedKey("AAAAAAAA", (STANZA, STANZA)),)},
        {"keys": (WrappedKey("AAAAAAAA", (STANZA._replace(kek="age:y"),)),)},
        {"keys": (WrappedKey("AAAAAAAA", (STANZA._replace(wrapped=b"W"),)),)},
        {"keys": (WrappedKey("AAAAAAAA", (STANZA._replace(context={"n": "v"}),)),)},
        {"keys": (WrappedKey("AAAAAAAA", (STANZA,), bytes(32)),)},
        {"rules": bytes(32)},
    ],
)
def test_changed_rules(change):
    """Whatever the metadata says of a scope is covered, and named as the metadata."""
    scope = signed()._replace(**change)
    found = mac.differences(scope, 0, Map(compose(TEXT), [scope]), KEY, DOCUMENT)
    assert mac.RULES in found
    with pytest.raises(IntegrityError):
        verify(scope)


@pytest.mark.parametrize("change", [{"root": bytes(32)}, {"sections": {"$.a": bytes(32)}}])
def test_changed_macs(change):
    """A MAC that is not the one of what stands there is refused, or one that is missing."""
    with pytest.raises(IntegrityError):
        verify(signed()._replace(**change))


def test_swapped_sections():
    """A section's MAC covers its path: that of another section with the same content fails."""
    text = "a: [1]\nb: [1]\n"
    scope = signed(text)
    swapped = {"$.a": scope.sections["$.b"], "$.b": scope.sections["$.a"]}
    with pytest.raises(IntegrityError):
        verify(scope._replace(sections=swapped), text)


@pytest.mark.parametrize(("key", "document"), [(OTHER_KEY, DOCUMENT), (KEY, bytes(16))])
def test_another_key_or_document(key, document):
    """Nothing holds under another key or in another document."""
    with pytest.raises(IntegrityError):
        verify(signed(), key=key, document=document)


def test_append():
    """More data keys are refused without the leave of the holder of each older one."""
    one, two, three = (WrappedKey(letter * 8, (STANZA,)) for letter in "ABC")
    own = bytes(range(32))
    first = mac.allow_append(one, KEY, DOCUMENT)
    assert first.append == by_hand(lp(b"yamlvault.v1.append"), lp(DOCUMENT))
    second = mac.allow_append(two, OTHER_KEY, DOCUMENT)
    mac.verify_append([one], [KEY], DOCUMENT)
    mac.verify_append([first, two], [KEY, OTHER_KEY], DOCUMENT)
    mac.verify_append([first, second, three], [KEY, OTHER_KEY, own], DOCUMENT)
    for keys, mac_keys, document in (
        ([one, two], [KEY, OTHER_KEY], DOCUMENT),
        ([first, two], [OTHER_KEY, KEY], DOCUMENT),
        ([first, two], [KEY, OTHER_KEY], bytes(16)),
        ([one._replace(append=bytes(32)), two], [KEY, OTHER_KEY], DOCUMENT),
        ([one._replace(append=first.append[:-1]), two], [KEY, OTHER_KEY], DOCUMENT),
        ([first, two, three], [KEY, OTHER_KEY, own], DOCUMENT),
        ([first, two._replace(append=first.append), three], [KEY, OTHER_KEY, own], DOCUMENT),
        ([one, second, three], [KEY, OTHER_KEY, own], DOCUMENT),
    ):
        with pytest.raises(IntegrityError, match="data key was added"):
            mac.verify_append(keys, mac_keys, document)
