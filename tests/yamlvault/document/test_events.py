"""Parse events, and refusals that quote nothing of the file."""

import pytest

from yamlvault.document.events import PARSERS, parse
from yamlvault.errors import DocumentError

SECRET = "hunter2"

MALFORMED = [
    f"{SECRET}: [",
    f"a: [{SECRET}, b\nc: d\n",
    f"a: '{SECRET}\n",
    f'a: "{SECRET}\\q"\n',
    f"a: {SECRET}: b\n",
    f"a: @{SECRET}\n",
    f"a: `{SECRET}`\n",
    f"a: %{SECRET}\n",
    f"a: !{SECRET}!x b\n",
    f"a: &{SECRET}! b\n",
    f"a: *{SECRET}! b\n",
    f"%TAG {SECRET}\n---\na\n",
    f"%YAML {SECRET}\n---\na\n",
    f"%YAML 9.{SECRET}\n---\na\n",
    f"a: |{SECRET}\n  b\n",
    f"a:\n\t{SECRET}: b\n",
    f"a: '{SECRET}' x\n",
    f"- a\n{SECRET}: b\n",
    f"a: &x &{SECRET} b\n",
    f"{{a: {SECRET}, ]\n",
    f'a: "\\UFFFFFFFF{SECRET}"\n',
    f"a: !<{SECRET}\n",
    f"a: !<{SECRET}^> b\n",
    f"a: b\n {SECRET}\n  c: d\n",
    f"a: 1\n  {SECRET}: 2\n",
]


def refusal(text, parser):
    """Return the error that a text gives, or None."""
    try:
        list(parse(text, parser))
    except DocumentError as error:
        return error
    return None


@pytest.mark.parametrize("parser", sorted(PARSERS))
def test_refusals_have_no_excerpt(parser):
    """The message, the hint and the cause name the grammar and the place, never the text."""
    errors = [error for error in (refusal(text, parser) for text in MALFORMED) if error]
    assert len(errors) >= len(MALFORMED) - 4  # what this parser lets through
    for error in errors:
        assert SECRET not in f"{error!r} {error} {error.hint} {error.__cause__}"
        assert error.message.startswith("not valid YAML")
        assert error.__suppress_context__
        assert error.line is None or (error.line >= 1 and error.column >= 1)


@pytest.mark.parametrize("parser", sorted(PARSERS))
def test_events_come_in_their_order(parser):
    """The events are PyYAML's, from the start of the stream to its end."""
    names = [type(event).__name__.removesuffix("Event") for event in parse("a: [1]\n", parser)]
    assert names == [
        "StreamStart",
        "DocumentStart",
        "MappingStart",
        "Scalar",
        "SequenceStart",
        "Scalar",
        "SequenceEnd",
        "MappingEnd",
        "DocumentEnd",
        "StreamEnd",
    ]


@pytest.mark.parametrize("parser", sorted(PARSERS))
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [\n", (2, 1)),
        ("a: 1\nb: @x\n", (2, 4)),
        ("é\U0001f511: @x\n", (1, 5)),
        ("a: 'x\n", (2, 1)),
    ],
)
def test_the_place_is_in_characters(text, place, parser):
    """Lines and columns count characters from 1, behind emoji too."""
    with pytest.raises(DocumentError) as caught:
        list(parse(text, parser))
    assert (caught.value.line, caught.value.column) == place


@pytest.mark.parametrize("parser", sorted(PARSERS))
def test_tabs_get_a_hint(parser):
    """Who indents with tabs is told so."""
    with pytest.raises(DocumentError) as caught:
        list(parse("a:\n\tb: 1\n", parser))
    assert "tabs" in caught.value.hint


def test_the_default_is_the_fastest_parser():
    """Without a name it is libyaml where PyYAML has it."""
    event = next(iter(parse("a")))
    assert next(iter(parse("a", "libyaml" if "libyaml" in PARSERS else "pure"))).__class__ is (
        event.__class__
    )
