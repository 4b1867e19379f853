"""Gaps: what `missing="omit"` leaves out, and what it never leaves out."""

import pytest
import yaml
from hypothesis import event, given, settings
from hypothesis import strategies as st
from parties import ADMIN, ANN, BEN, PASSERBY, SEALED, encrypted, two

import yamlvault
from yamlvault import IntegrityError, KeyPathError, NoKeyError, ScopeRule
from yamlvault.gap import Gap
from yamlvault.opening import Lock
from yamlvault.source import parse

VALUES = {"name": "shop", "ann": {"x": 1, "y": "two"}, "ben": {"z": "three"}}


def omitting(data, ring, **options):
    return yamlvault.loads(data, missing="omit", keyring=ring, **options)


def test_each_gets_its_own_part(parser):
    """Who opens one scope gets it and what is in no scope, and nothing of the others."""
    text = encrypted()
    assert omitting(text, ANN.keyring) == {key: VALUES[key] for key in ("name", "ann")}
    assert omitting(text, BEN.keyring) == {key: VALUES[key] for key in ("name", "ben")}
    assert omitting(text, ADMIN.keyring) == VALUES
    assert omitting(text, ANN.keyring, path="$.ann.x") == 1


def test_by_default_nothing_is_left_out():
    """Without `omit` a closed scope is an error that names it."""
    with pytest.raises(NoKeyError, match=r"scope \$\.ben: "):
        yamlvault.loads(encrypted(), keyring=ANN.keyring)


def test_who_opens_nothing():
    """Where no scope opens there is an error, and not an empty part."""
    for path in (None, "$", "$.ann", "$.name"):
        with pytest.raises(NoKeyError):
            omitting(encrypted(), PASSERBY, path=path)
    whole = yamlvault.encrypt("a: 1\n", keks=[ADMIN.kek])
    with pytest.raises(NoKeyError):
        omitting(whole, ANN.keyring)


def test_a_path_into_a_closed_scope():
    """What a path names is given or an error: it is never silently nothing."""
    for path in ("$.ben", "$.ben.z", "$.*.z"):
        with pytest.raises(NoKeyError, match=r"scope \$\.ben"):
            omitting(encrypted(), ANN.keyring, path=path)
    with pytest.raises(KeyPathError, match="names nothing"):
        omitting(encrypted(), ANN.keyring, path="$.ann.none")


def test_what_is_changed_is_never_left_out():
    """A scope that opens and was changed is an error, and no gap."""
    text = encrypted(rules=[one._replace(seal=one.paths) for one in two()])
    with pytest.raises(IntegrityError):
        omitting(text.replace("ann:\n", "ann:\n  evil: 1\n"), ANN.keyring)
    shown = omitting(text.replace("ben:\n", "ben:\n  evil: 1\n"), ANN.keyring)
    assert "evil" not in str(shown)


@pytest.mark.parametrize("text", ["ann: {x: 1}\nben: [&b {z: 2}]\n", "ann: {x: 1}\nben: &b [2]\n"])
@pytest.mark.parametrize("alias", ["{k: *b}", "{<<: *b}", "[[*b]]"])
def test_an_alias_of_what_is_closed(text, alias):
    """An alias in an open scope of what is in a closed one is an error with the place."""
    made = encrypted(text.replace("ann: {x: 1}\n", "") + f"ann: {alias}\n", [
        ScopeRule((ADMIN.kek,), ("$.ben",), ("$.ben",)),
        ScopeRule((ADMIN.kek,), ("$.ann",), ("$.ann",)),
    ])  # fmt: skip
    source = parse(made)
    with pytest.raises(NoKeyError, match=r"is an alias of what stands in scope \$\.ben"):
        Gap(Lock(source), {0})
    Gap(Lock(source), {1})
    Gap(Lock(source), {0, 1})
    Gap(Lock(source), {})


def test_many_aliases_of_many_nodes():
    """The time does not grow with the aliases times the nodes behind them."""
    nodes = "".join(f"  - v{number}\n" for number in range(4000))
    aliases = "".join(f"  - *o{number % 50}\n" for number in range(4000))
    anchors = "".join(f"{' ' * depth}- &o{depth}\n" for depth in range(50))
    text = f"ann: [1]\nben: [2]\nopen:\n{anchors}{' ' * 50}- x\n{nodes}more:\n{aliases}"
    source = parse(encrypted(text.replace("\n  - v", "\n   - v"), [
        ScopeRule((ADMIN.kek,), (f"$.{name}",), (f"$.{name}",)) for name in ("ann", "ben")
    ]))  # fmt: skip
    lock = Lock(source)
    calls = []
    owner = lock.map.owner
    lock.map.owner = lambda node: calls.append(1) or owner(node)
    Gap(lock, {1})
    assert len(calls) <= 3 * len(source.stream.nodes)


def test_documents_and_lists(parser):
    """Items and whole documents are left out; the rest keeps its order."""
    text = "- 1\n- [2]\n- {a: 3}\n---\n- 4\n- 5\n"
    rules = [ScopeRule((ANN.kek,), ("$[0]",)), ScopeRule((BEN.kek,), ("$[1]", "$[2]"))]
    made = encrypted(text, [rule._replace(seal=rule.paths) for rule in rules])
    load = yamlvault.loads_all
    assert load(made, missing="omit", keyring=ANN.keyring) == [[1], [4]]
    assert load(made, missing="omit", keyring=BEN.keyring) == [[[2], {"a": 3}], [5]]


def test_an_unknown_word():
    """`missing` has two values."""
    with pytest.raises(ValueError, match="'error' or 'omit'"):
        yamlvault.loads(encrypted(), missing="ignore", keyring=ADMIN.keyring)


TREES = st.recursive(
    st.integers(0, 99) | st.text("ab :#é", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=4)
    ),
    max_leaves=12,
)


def nodes_of(data, path=()):
    yield path
    if isinstance(data, dict):
        for key, value in data.items():
            yield from nodes_of(value, (*path, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from nodes_of(value, (*path, number))


def key_path(path):
    return "$" + "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path)


def without(data, closed, path=()):
    """Return the data without the nodes whose nearest scope is closed."""
    if isinstance(data, dict):
        pairs = [(key, (*path, key)) for key in data]
        return {key: without(data[key], closed, at) for key, at in pairs if not closed(at)}
    if isinstance(data, list):
        return [
            without(item, closed, (*path, number))
            for number, item in enumerate(data)
            if not closed((*path, number))
        ]
    return data


@settings(deadline=None, max_examples=120)
@given(
    data=st.dictionaries(st.sampled_from("abcdef"), TREES, min_size=1), choice=st.data(),
    flow=st.sampled_from([True, False, None]),
)  # fmt: skip
def test_exactly_the_scopes_that_open(data, choice, flow):
    """Whatever the scopes are, each reader gets its own and what is in none, and no more."""
    every = list(nodes_of(data))
    roots = choice.draw(st.lists(st.sampled_from(every), unique=True, min_size=2, max_size=5))
    who = {}
    for root in sorted(roots, key=len):
        around = next((root[:n] for n in range(len(root) - 1, -1, -1) if root[:n] in who), None)
        allowed = sorted({ANN.kek, BEN.kek} if around is None else who[around] - {ADMIN.kek})
        chosen = choice.draw(st.sets(st.sampled_from(allowed))) if allowed else set()
        who[root] = chosen | {ADMIN.kek}
    rules = [ScopeRule(tuple(sorted(keks)), (key_path(root),)) for root, keks in who.items()]
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True)
    # an empty collection has no scalar to seal, but its scope is there all the same
    rules = [rule._replace(seal=rule.paths) for rule in rules]
    made = encrypted(text, rules)
    assert len(SEALED.findall(made)) == _covered(text, who)

    def is_closed(kek):
        def closed(path):
            near = next((path[:n] for n in range(len(path), -1, -1) if path[:n] in who), None)
            return near is not None and kek not in who[near]

        return closed

    assert omitting(made, ADMIN.keyring) == data
    for person in (ANN, BEN):
        closed = is_closed(person.kek)
        if closed(()) or not any(person.kek in keks for keks in who.values()):
            event("nothing opens")
            with pytest.raises(NoKeyError):
                omitting(made, person.keyring)
            continue
        event("a part opens")
        assert omitting(made, person.keyring) == without(data, closed)


def _covered(text, who):
    """Count the scalars that stand in a scope."""
    count = 0
    for path, value in _leaves(yaml.safe_load(text)):
        inside = any(path[:n] in who for n in range(len(path) + 1))
        count += inside and not isinstance(value, (dict, list))
    return count


def _leaves(data, path=()):
    if isinstance(data, (dict, list)):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _leaves(value, (*path, key))
    else:
        yield path, data
