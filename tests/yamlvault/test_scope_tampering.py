"""Changes to a file with several scopes, by who has the key of one scope or of none."""

import re

import pytest
from parties import (
    ADMIN,
    ANN,
    BEN,
    PASSERBY,
    SEALED,
    encrypted,
    more,
    opened,
    party,
    scope_of,
    two,
)

import yamlvault
from yamlvault import FormatError, IntegrityError, NoKeyError
from yamlvault.document.splice import splice
from yamlvault.envelope import wrap
from yamlvault.format import mac
from yamlvault.format.keys import DataKey
from yamlvault.format.place import insertion
from yamlvault.format.scope import Map
from yamlvault.source import parse, without_metadata

ATTACKER = party()


@pytest.fixture(scope="module")
def made():
    """A file of two scopes, the first of which has two data keys."""
    text = encrypted(append=True)
    return more(text.replace("ann:\n", "ann:\n  n: new\n"), PASSERBY).text


def put(text, **changes):
    """Return the text with other fields in its scopes, signed by nobody."""
    source = parse(text)
    scopes = list(source.metadata.scopes)
    for name, values in changes.items():
        for number, value in enumerate(values):
            if value is not None:
                scopes[number] = scopes[number]._replace(**{name: value})
    return written(text, source.metadata._replace(scopes=tuple(scopes)))


def written(text, metadata):
    bare = without_metadata(parse(text))
    return splice(bare.text, [insertion(bare.stream, metadata)])


def keys_of(text):
    return [scope.keys for scope in parse(text).metadata.scopes]


def refused(text, *errors, ring=ADMIN.keyring):
    """Check that no way in gives anything: whole, or by a path into each of the scopes."""
    errors = errors or (IntegrityError,)
    with pytest.raises(errors):
        opened(text, ring)
    with pytest.raises(errors):
        yamlvault.loads(text, keyring=ring)
    with pytest.raises(errors):
        yamlvault.loads(text, missing="omit", keyring=ring)


def test_the_file_itself_opens(made):
    """What is changed below is a file that opens, and that nothing but the change spoils."""
    assert put(made) == made
    assert [len(keys) for keys in keys_of(made)] == [2, 1]
    assert "new" in opened(made)


def test_stanzas_of_two_scopes_swapped(made):
    """A data key of another scope is none of this one's, whoever opens it."""
    (old, new), (other,) = keys_of(made)
    swapped = put(made, keys=[
        (old, new._replace(stanzas=other.stanzas)), (other._replace(stanzas=new.stanzas),)
    ])  # fmt: skip
    refused(swapped)
    refused(put(made, keys=[(old._replace(stanzas=new.stanzas), new)]))


def test_data_keys_of_two_scopes_swapped(made):
    """A sealed scalar names a data key of its own scope."""
    (old, new), (other,) = keys_of(made)
    refused(put(made, keys=[(other,), (old, new)]))
    refused(put(made, keys=[(other, new), (old,)]))


def test_a_wrapped_key_of_another_file(made):
    """The data key of another file opens nothing here."""
    (foreign, _), _ = keys_of(more(
        encrypted(append=True).replace("ann:\n", "ann:\n  n: new\n"), PASSERBY
    ).text)  # fmt: skip
    (old, new), _ = keys_of(made)
    refused(put(made, keys=[(old, new._replace(stanzas=foreign.stanzas))]))
    refused(put(made, keys=[(old._replace(stanzas=foreign.stanzas), new)]))


def test_sealed_scalars_of_another_scope(made):
    """A sealed scalar opens in its own scope and at its own place."""
    first, *_, last = SEALED.findall(made.partition("yamlvault:")[0])
    for text in (
        made.replace(last, first),
        made.replace(first, "@", 1).replace(last, first, 1).replace("@", last, 1),
        made.replace("name: shop", f"name: {first}"),
    ):
        refused(text)


def test_a_data_key_without_leave():
    """Who knows the recipients can't add a data key where `append` is not given."""
    text = encrypted()
    refused(attacked(text, append=lambda keys: keys))
    forged = mac.allow_append
    document = parse(text).metadata.document

    def own(keys):
        return (forged(keys[0], DataKey.new().mac_key(document), document), *keys[1:])

    refused(attacked(text, append=own))


def test_a_data_key_in_front():
    """Nor with an own data key in front of the genuine one, and one behind it."""
    text = encrypted()
    source = parse(text)
    document = source.metadata.document
    front = DataKey.new()
    first = mac.allow_append(
        wrap(front, [ADMIN.kek], PASSERBY), front.mac_key(document), document
    )  # fmt: skip
    refused(attacked(text, append=lambda keys: (first, *keys)))


@pytest.mark.parametrize("theirs", ["key", "scope", "file"])
def test_append_of_another(theirs):
    """The leave of one data key is none of another's, nor of one of another file."""
    text = encrypted(rules=[two(append=True)[0], two()[1]])
    (key,), (closed,) = keys_of(text)
    if theirs == "file":
        key = keys_of(encrypted(append=True))[1][0]
    stolen = closed._replace(append=key.append)
    if theirs == "key":
        grown = more(text.replace("ann:\n", "ann:\n  n: new\n"), PASSERBY).text
        old, new = keys_of(grown)[0]
        refused(put(grown, keys=[(old._replace(append=new.append), new)]))
        refused(put(grown, keys=[(new, old)]))
    refused(attacked(put(text, keys=[None, (stolen,)]), number=1, append=lambda keys: keys))


def attacked(text, append, number=0):
    """Return the file as who knows the recipients alone makes it, with all MACs that fit."""
    source = parse(text)
    metadata = source.metadata
    key = DataKey.new()
    scope = metadata.scopes[number]
    wrapped = wrap(key, [one.kek for one in scope.keys[0].stanzas], PASSERBY)
    scope = scope._replace(keys=(*append(scope.keys), wrapped))
    scopes = tuple(scope if n == number else one for n, one in enumerate(metadata.scopes))
    bare = without_metadata(source)
    owners = Map(bare.stream, scopes)
    signed = mac.sign(
        scope, number, owners, key.mac_key(metadata.document), metadata.document
    )  # fmt: skip
    scopes = tuple(signed if n == number else one for n, one in enumerate(scopes))
    return splice(bare.text, [insertion(bare.stream, metadata._replace(scopes=scopes))])


def test_what_append_gives_up():
    """With `append` the same works: that is what the leave says, and all that it says."""
    text = encrypted(append=True)
    changed = attacked(text, append=lambda keys: keys)
    assert opened(changed) == opened(text)


@pytest.mark.parametrize(
    "paths",
    [
        [("$.ann.x",), None],
        [("$.ann", "$.name"), None],
        [("$",), None],
        [("$.ben",), ("$.ann",)],
        [("$.ann",), ("$.ben.z",)],
        [None, ("$.none",)],
        [("$.'ann'",), None],
    ],
)
def test_other_paths(made, paths):
    """What is in which scope is covered by the MACs of each: also of that which is not changed."""
    changed = put(made, paths=paths)
    refused(changed)
    for person, path in ((ANN, "$.ann.n"), (BEN, "$.ben.z")):
        with pytest.raises((IntegrityError, NoKeyError)):
            yamlvault.loads(changed, path=path, keyring=person.keyring)


def test_paths_with_one_root(made):
    """Two scopes of one node are no file of this format."""
    for path in ("$.ann", "$.*"):
        refused(put(made, paths=[None, (path,)]), FormatError)
    refused(put(made, paths=[("$./a/",), None]), FormatError)
    refused(put(made, paths=[("$.",), None]), FormatError)


def test_a_scope_taken_away(made):
    """Without one of the scopes the other does not open: its secrets would be anybody's."""
    metadata = parse(made).metadata
    bare = made.replace("  z: yv1", "  z: not yv1").partition("yamlvault:")[0]
    for number in (0, 1):
        for text in (made, bare + "yamlvault:" + made.partition("yamlvault:")[2]):
            refused(written(text, metadata._replace(scopes=(metadata.scopes[number],))))
    refused(written(made, metadata._replace(scopes=metadata.scopes[::-1])))


def test_a_scope_added(made):
    """A scope of an attacker's own makes the others fail: each covers the paths of all."""
    metadata = parse(made).metadata
    key = DataKey.new()
    wrapped = wrap(key, [ADMIN.kek, ANN.kek, BEN.kek], PASSERBY)
    for path in ("$.name", "$.ann.w", "$"):
        scope = metadata.scopes[1]._replace(paths=(path,), seal=(path,), keys=(wrapped,))
        scopes = (*metadata.scopes, scope)
        bare = without_metadata(parse(made))
        owners = Map(bare.stream, scopes)
        signed = mac.sign(scope, 2, owners, key.mac_key(metadata.document), metadata.document)
        text = written(made, metadata._replace(scopes=(*metadata.scopes, signed)))
        for ring in (ADMIN.keyring, ANN.keyring):
            refused(text, ring=ring)


def test_context_of_an_age_stanza(made):
    """A context that was added by hand is no part of what was signed."""
    (old, new), _ = keys_of(made)
    stanzas = tuple(stanza._replace(context={"env": "prod"}) for stanza in new.stanzas)
    refused(put(made, keys=[(old, new._replace(stanzas=stanzas))]))


def test_stanzas_added_taken_away_or_in_another_order(made):
    """For whom a data key is wrapped is signed by its scope."""
    (old, new), _ = keys_of(made)
    more_stanzas = wrap(DataKey.new(), [ATTACKER.kek], PASSERBY).stanzas
    for stanzas in (new.stanzas[1:], new.stanzas[::-1], new.stanzas + more_stanzas):
        refused(put(made, keys=[(old, new._replace(stanzas=stanzas))]))
        refused(put(made, keys=[(old._replace(stanzas=stanzas), new)]))


def test_data_keys_in_another_order_or_fewer(made):
    """The newest data key is the one that signed; none of the older ones can be left out."""
    (old, new), _ = keys_of(made)
    refused(put(made, keys=[(new, old)]))
    refused(put(made, keys=[(new,)]))
    refused(put(made, keys=[(old,)]))
    refused(put(made, keys=[(old._replace(append=b""), new)]))
    refused(put(made, keys=[(old, new._replace(append=b""))]))


def test_one_data_key_id_twice(made):
    """A data key id stands for one data key in a file."""
    (old, new), (other,) = keys_of(made)
    refused(put(made, keys=[(old, new._replace(id=old.id))]), FormatError)
    refused(put(made, keys=[None, (other._replace(id=old.id),)]), FormatError)
    refused(put(made, keys=[(old._replace(id=new.id), new._replace(id=old.id))]))


def test_macs_of_another_scope(made):
    """The MACs of one scope are none of another's."""
    first, second = parse(made).metadata.scopes
    for name in ("rules", "root"):
        refused(put(made, **{name: [getattr(second, name), getattr(first, name)]}))
    refused(put(made, sections=[{"$.ann": first.root}]))


def test_each_character_of_the_metadata(made):
    """One other character of what a scope says is refused, by who opens it or by everybody."""
    start = made.index("  scopes:")
    fields = re.compile(r'(?:paths|seal|id|append|kek|wrapped|rules|root): \[?"([^"]+)"')
    places = [
        (found.start(1) + offset)
        for found in fields.finditer(made, start)
        for offset in (0, len(found[1]) // 2, len(found[1]) - 1)
    ]
    assert len(places) > 40
    for place in places:
        other = {"A": "B"}.get(made[place], "A")
        text = made[:place] + other + made[place + 1 :]
        with pytest.raises((IntegrityError, FormatError, NoKeyError)):
            opened(text)
        try:  # a stanza that was damaged closes its scope, and no more than that
            left = yamlvault.loads(text, missing="omit", keyring=ADMIN.keyring)
        except (IntegrityError, FormatError, NoKeyError):
            continue
        assert {"ann", "ben"} - left.keys()


def test_the_scope_of_another_is_no_way_in(made):
    """Who opens one scope can neither read nor sign the other."""
    text = encrypted()
    _, foreign = parse(text).metadata.scopes
    scope = scope_of(text)
    assert not set(ANN.kek) & {stanza.kek for stanza in foreign.keys[0].stanzas}
    stolen = put(text, keys=[None, (foreign.keys[0]._replace(stanzas=scope.keys[0].stanzas),)])
    refused(stolen)
    with pytest.raises((IntegrityError, NoKeyError)):
        yamlvault.loads(stolen, path="$.ben.z", keyring=ANN.keyring)
