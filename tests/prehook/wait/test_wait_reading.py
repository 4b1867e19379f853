"""A `wait` as it is written in a plan."""

import pytest

from prehook.errors import PrehookError
from prehook.plan.reader import PlanReader
from prehook.wait.reading import read
from prehook.wait.target import masked, statuses
from yamlvault.document.compose import compose
from yamlvault.errors import ConfigError


def task(text):
    return read(PlanReader(text, "plan.yml"), compose(text).documents[0].root, "plan.yml:1")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[]", "a list is expected that is not empty", None),
        ("5432", "a text is expected", "quotes"),
        ("tpc://h:1", 'unknown scheme "tpc"', "did you mean tcp?"),
        ("tcp://h", "the port is missing", "tcp://HOST:PORT"),
        ("tcp://h:99999", "the port is not a number from 1 to 65535", None),
        ("ftp://{{ env.H }}/", 'unknown scheme "ftp"', "did you mean"),
        ("{status: 200}", "the key `url` is missing", None),
        ("{url: http://h, stauts: 200}", "unknown key 'stauts'", "status"),
        ("{url: http://h, status: 99}", '"99" is not a status', "from 200 to 599"),
        ("{url: http://h, status: [200, 2xx]}", '"2xx" is not a status', "range"),
        ("{url: http://h, status: 300-200}", '"300-200" is not a status', None),
        ("{url: http://h, status: []}", "not empty", None),
        ("{url: 'tcp://h:1', status: 200}", "`status` and `headers` are for http", None),
        (
            "{url: 'tcp://{{ env.H }}', headers: {A: b}}",
            "are for http and https, not for tcp",
            None,
        ),
        ("{url: http://h, ca: /x}", "`ca` is for https, not for http", None),
        ("{url: http://h, headers: {A b: c}}", '"A b" is not the name of a header', None),
        ("{url: http://h, headers: {a: b, A: c}}", "the header A stands there twice", None),
        ('{url: http://h, headers: {A: "b\\nC: d"}}', "the header A has a line break", None),
        ("{url: 'http://u:p@h', headers: {authorization: x}}", "a user in the URL", None),
        ("[" + "file:x, " * 65 + "]", "more than 64 targets", "another `wait`"),
    ],
)
def test_refused(text, message, hint):
    """What is wrong whatever the variables are is refused when the plan is read."""
    with pytest.raises(ConfigError) as caught:
        task(text)
    assert message in caught.value.message
    assert caught.value.line == 1
    assert hint is None or hint in caught.value.hint


def test_the_place_is_that_of_the_target():
    """Of several targets the wrong one is named."""
    with pytest.raises(ConfigError) as caught:
        task("- file:x\n- url: http://h\n  status: 20\n")
    assert (caught.value.line, caught.value.column) == (3, 11)


def test_facts():
    """What is explained has no password, no query, and no value of a header or the environment."""
    wait = task(
        """\
- tcp://{{ env.DB_HOST }}:5432
- url: https://user:hunter2@h/x?key=hunter2
  status: [200, 300-399]
  headers: {X-Key: hunter2, X-Two: "{{ env.TWO }}"}
  ca: /etc/ca.pem
"""
    )
    assert wait.facts() == [
        ("target", "tcp://{{ env.DB_HOST }}:5432"),
        ("target", "https://…@h/x?…"),
        ("status", "200, 300-399"),
        ("headers", "X-Key, X-Two"),
        ("ca", "/etc/ca.pem"),
    ]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ env.URL }}", "{{ env.URL }}"),
        ("{{ env.URL | default('http://u:p@h') }}", "{{ … }}"),
        ("http://{{ env.U }}:{{ env.P }}@{{ env.H }}/x", "http://…@{{ env.H }}/x"),
        ("http://{{ env.A/2 }}@h?{{ env.Q }}#f", "http://…@h?…"),
        ("http://h/#?x", "http://h/"),
        ("http://u:1/p@h/x", "http://…@h/x"),
        ("{{ env.U }}@h", "…@h"),
        ("FILE:a\nb@c?d", "FILE:a\\nb@c?d"),
    ],
)
def test_masked(source, shown):
    """Templates are shown as they are written, but not in the place of a password."""
    assert masked(source) == shown


def test_statuses():
    """A single one, and a range with both of its ends."""
    assert statuses(["204", "300-302"]) == [range(204, 205), range(300, 303)]
    with pytest.raises(PrehookError):
        statuses(["٢٠٤"])
