"""Sections: loaded data by attribute, and none of it in a repr."""

import copy
import json
import logging
import pickle
import pprint
import traceback

import pytest
import yaml

import yamlvault
from yamlvault import Section

DATA = {
    "database": {"host": "db", "password": "hunter2", "hosts": [{"name": "a"}, ["b", {"c": 1}]]},
    "api-token": "hunter2",
    "items": "hunter2",
    "_private": 1,
    5432: "port",
    None: "null",
}


@pytest.fixture
def section():
    return Section(copy.deepcopy(DATA))


def test_attributes(section):
    """Keys of mappings are attributes at every depth, in lists too."""
    assert section.database.password == "hunter2"
    assert section.database.hosts[0].name == "a"
    assert section.database.hosts[1][1].c == 1
    assert section._private == 1


def test_items(section):
    """What is no identifier, or a method's name, is read by its key."""
    assert section["api-token"] == section["items"] == section.get("items") == "hunter2"
    assert section[5432] == "port"
    assert section[None] == "null"
    assert callable(section.items)
    assert isinstance(section["database"], Section)


def test_what_is_not_there(section):
    """An attribute is an AttributeError that knows a near name, a key a KeyError."""
    with pytest.raises(AttributeError, match="no key `pasword`: is `password` meant"):
        _ = section.database.pasword
    with pytest.raises(AttributeError, match=r"no key `pasword`$"):
        _ = Section({}).pasword
    with pytest.raises(AttributeError) as caught:
        _ = section.database.pasword
    shown = "".join(traceback.format_exception(caught.value))
    assert shown.count("password") == 1
    assert "Did you mean" not in shown
    with pytest.raises(KeyError):
        _ = section["pasword"]
    assert getattr(section, "pasword", None) is None
    assert not hasattr(section, "__html__")


def test_it_is_read_only(section):
    """Neither attributes nor items can be set, added or deleted."""
    with pytest.raises(AttributeError):
        section.new = 1
    with pytest.raises(AttributeError):
        section.database = 1
    with pytest.raises(AttributeError):
        del section.database
    with pytest.raises(TypeError):
        section["database"] = 1
    with pytest.raises(TypeError):
        del section["database"]
    assert isinstance(section.database.hosts, tuple)
    with pytest.raises(TypeError, match="unhashable"):
        hash(section)


def test_nothing_shows_a_value(section, caplog):
    """Whatever prints it, prints keys."""
    logging.getLogger().warning("%s %r", section, [section])
    shown = [repr(section), str(section), f"{section}", pprint.pformat(section), caplog.text]
    shown += [repr(section.database), repr(section.items()), repr({"x": section})]
    assert all("hunter2" not in one for one in shown)
    assert repr(section.database) == "<Section: host, password, hosts>"


def test_as_a_mapping(section):
    """Length, membership, iteration, unpacking and equality are those of a mapping."""
    assert len(section) == 6
    assert "database" in section
    assert "pasword" not in section
    assert list(section) == list(DATA)
    assert section == DATA
    assert section == Section(DATA)
    assert section != {**DATA, "more": 1}
    assert section != 1
    assert {**section.database}["password"] == "hunter2"
    assert dict(section)["database"] == DATA["database"]
    match section:
        case {"database": {"host": host}}:
            assert host == "db"
        case _:
            pytest.fail("it matches no pattern")


@pytest.mark.parametrize(
    "twin", [copy.copy, copy.deepcopy, Section, lambda one: pickle.loads(pickle.dumps(one))]
)
def test_copies(section, twin):
    """A copy is an equal section."""
    other = twin(section)
    assert type(other) is Section
    assert other == section
    assert other.database.hosts[0].name == "a"


def test_dumping_is_a_decision():
    """JSON and YAML refuse it unless they are told how; then they write all of it."""
    section = Section({"a": {"b": [{"c": "hunter2"}]}})
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(section)
    with pytest.raises(yaml.YAMLError):
        yaml.safe_dump(section)
    assert json.loads(json.dumps(section, default=dict)) == {"a": {"b": [{"c": "hunter2"}]}}


@pytest.mark.parametrize("data", [None, [], "x", 1])
def test_other_data(data):
    """Only a mapping has keys; the value is not quoted."""
    with pytest.raises(TypeError, match=f"made of a mapping, not of {type(data).__name__}"):
        Section(data)


def test_a_section_that_contains_itself(recipient, keyring):
    """YAML can say so, and a view has no end where its data has none."""
    text = yamlvault.encrypt("a: &a\n  self: *a\n  b: 1\n", keks=[recipient])
    section = Section(yamlvault.loads(text, keyring=keyring))
    assert section.a.self.self.b == 1
    assert repr(section.a.self) == "<Section: self, b>"


def test_completion_knows_the_keys(section):
    """`dir()`, which shells complete by, has keys and methods."""
    assert {"database", "api-token", "items", "get"} <= set(dir(section))
