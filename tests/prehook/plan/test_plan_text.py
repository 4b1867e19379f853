"""Texts that name variables: what they expand to, and what is refused."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prehook.errors import PrehookError
from prehook.render.template import render_text
from prehook.text import Text

PLACE = "docker/prehook.yml:12"
ENV = {"HOST": "db.internal", "PORT": "5432", "EMPTY": "", "items": "few", "ODD": "{{ env.PORT }}"}


def text(source, **settings):
    return Text(source, PLACE, **settings)


@pytest.mark.parametrize(
    ("source", "expanded"),
    [
        ("plain } }} text", "plain } }} text"),
        ("tcp://{{ env.HOST }}:{{env.PORT}}", "tcp://db.internal:5432"),
        ("{{ env.NONE | default('x y') }}", "x y"),
        ('{{ env.NONE|default("it\'s") }}', "it's"),
        ("{{ env.HOST | default('x') }}", "db.internal"),
        ("a{{ env.EMPTY | default('x') }}", "a"),
        ("{{ env.EMPTY | default('x', true) }}", "x"),
        ("{{ env.NONE | default(env.HOST) }}", "db.internal"),
        ("{{ env['HOST'] }}", "db.internal"),
        ("{{ env.items }}", "few"),
        ("{{ env.ODD }}", "{{ env.PORT }}"),
        ("{{ env.ODD | trim }}", "{{ env.PORT }}"),
        ("{{ env.HOST | upper }}", "DB.INTERNAL"),
        ("{% if env.PORT == '5432' %}yes{% endif %}", "yes"),
        ("{# nothing #}x\n", "x\n"),
        ("{{ '{{' }}", "{{"),
        ("{ {{ env.PORT }} }", "{ 5432 }"),
    ],
)
def test_expansion(source, expanded):
    """Variables, defaults and all else that Jinja has are put in, once."""
    one = text(source)
    one.check()
    assert one.expand(ENV) == expanded


pieces = st.sampled_from(
    ["{{ env.HOST }}", "{{env.EMPTY}}", "{{ env.NONE|default('x') }}", "{", "}", "{ {", "a b", "%"]
)


@given(st.lists(pieces, max_size=6).map("".join))
def test_short_way(source):
    """What is expanded without Jinja is what Jinja makes of it."""
    one = text(source, may_be_empty=True)
    try:
        one.check()
    except PrehookError:
        return
    assert one.expand(ENV) == render_text(source, {"env": ENV})


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ env.HOST", "not a Jinja template: "),
        ("{{{ env.HOST }}}", "not a Jinja template: "),
        ("{{ }}", "not a Jinja template: "),
        ("{% if %}", "not a Jinja template: "),
        ("{{ env.HOST | shout }}", "not a Jinja template: No filter named 'shout'."),
        ("{{ environ.HOST }}", '"environ" is not defined'),
        ("{{ secrets.key }}", '"secrets" is not defined'),
        ("{% include 'a' %}", "a text that stands in no file can't include others"),
        ("{% extends env.HOST %}", "a text that stands in no file can't include others"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "not a Jinja template"),
        ("{{ " + "env.A + " * 400 + "1 }}", "not a Jinja template"),
    ],
)
def test_check(source, message):
    """What can't be expanded, whatever the variables are, is known beforehand."""
    with pytest.raises(PrehookError) as caught:
        text(source).check()
    assert caught.value.message.startswith(f"{PLACE}: {message}")
    assert caught.value.exit_status == 125


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("{{ env.HOTS }}", 'environment variable "HOTS" is not set', 'did you mean "HOST"?'),
        ("{{ env.HOTS|upper }}", 'environment variable "HOTS" is not set', 'did you mean "HOST"?'),
        ("{{ env.XYZ }}", 'environment variable "XYZ" is not set', "default('…')"),
        ("{{ env.EMPTY }}", "nothing is left of this text: what it names is empty", "default("),
        ("{{ env.HOST | int('x') + 1 }}", "TypeError in an expression", None),
        ("{{ none }}", "an expression is null", "default('')"),
        ("{{ env.__class__.__mro__ }}", "not allowed in a template: access", None),
        ("{{ env.update(A='x') }}", "not allowed in a template", None),
    ],
)
def test_failure(source, message, hint):
    """What fails is told with the place and never with a value."""
    one = text(source)
    one.check()
    with pytest.raises(PrehookError) as caught:
        one.expand({**ENV, "HOST": "s3cret"})
    assert caught.value.message.startswith(f"{PLACE}: {message}")
    if hint:
        assert hint in caught.value.hint
    assert "s3cret" not in caught.value.message + str(caught.value.hint)
    assert caught.value.__cause__ is None


def test_empty():
    """Only a text that may be empty can come out empty."""
    assert text("{{ env.EMPTY }}", may_be_empty=True).expand(ENV) == ""


def test_no_jinja():
    """Plain names of variables, with a default or without, are expanded without Jinja."""
    code = """
import sys
from prehook.text import Text
for source in ("a", "{{ env.A }}", "{{ env.B | default('x') }}"):
    one = Text(source, "here")
    one.check()
    one.expand({"A": "1"})
assert "jinja2" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
