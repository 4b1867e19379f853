"""The bar that a batch shows on a terminal."""

from __future__ import annotations

import pytest
from terminal import Terminal

COUNT = 50


@pytest.fixture
def many(ready):
    """A session with many encrypted files, one of them damaged in the middle."""
    for number in range(COUNT):
        (ready.folder / f"secrets{number:02}.yml").write_text(f"a: {number}\n")
    ready.file.unlink()
    ready.ok("encrypt", *sorted(ready.files())[1:])
    damaged = ready.folder / "secrets25.yml"
    damaged.write_text(damaged.read_text().replace("a: yv1.", "b: yv1."))
    return ready


def screen(text: str) -> list[str]:
    """Return the lines that a terminal shows: a carriage return starts the line anew."""
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip(" "))
    return lines


def on_a_terminal(session, *words, columns=80, **environment):
    everything = session.environment | {"TERM": "xterm", "NO_COLOR": "1"} | environment
    with Terminal([session.program, *words], session.folder, everything, columns) as terminal:
        return terminal.end()


@pytest.mark.parametrize(
    ("words", "done"), [(["rotate"], "rotated"), (["rewrap", "--fresh"], "rewrapped")]
)
def test_lines_above_the_bar_are_whole(many, words, done):
    """Each message is a line of its own, errors and hints too, and no bar is left behind."""
    status, text = on_a_terminal(many, *words, ".")
    assert status == 1
    assert f"\r{COUNT // 2} of {COUNT} files |" in text
    lines = screen(text)
    error = next(line for line in lines if line.startswith("yamlvault: secrets25.yml: "))
    hint = lines[lines.index(error) + 1]
    assert hint.startswith("hint: ")
    expected = [f"secrets{number:02}.yml: {done}" for number in range(COUNT)]
    expected[25:26] = [error, hint]
    assert lines == [*expected, f"{COUNT - 1} of {COUNT} files {done}, 1 failed", ""]


def test_a_passphrase_is_asked_for_on_a_line_of_its_own(session):
    """The bar makes way for the prompt."""
    names = ["a-secrets.yml", "b-secrets.yml"]
    for name in names:
        (session.folder / name).write_text("a: 1\n")
    secret = {"YAMLVAULT_PASSPHRASE": "p-marker"}
    session.ok("encrypt", "--kek", "passphrase:", *names, env=secret)
    everything = session.environment | {"TERM": "xterm", "NO_COLOR": "1"}
    with Terminal([session.program, "rotate", *names], session.folder, everything, 80) as terminal:
        shown = screen(terminal.until("Passphrase: "))
        assert shown[-1] == "Passphrase:"
        terminal.type("p-marker\n")
        status, text = terminal.end()
    assert status == 0, text
    assert "a-secrets.yml: rotated" in screen(text)
    assert "marker" not in text


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {}])
def test_no_bar_where_it_would_be_no_bar(many, environment):
    """A terminal that can't go back in a line, and a pipe, get the lines alone."""
    if environment:
        _, text = on_a_terminal(many, "rotate", ".", **environment)
        text = text.replace("\r\n", "\n")
    else:
        text = many.run("rotate", ".").stderr
    assert "\r" not in text
    assert len(text.splitlines()) == COUNT + 2


def test_no_bar_for_one_file(many):
    """One file needs no bar."""
    _, text = on_a_terminal(many, "rotate", "secrets00.yml")
    assert text == "secrets00.yml: rotated\r\n"


def test_a_narrow_terminal(many):
    """Where the bar has no room, the lines are whole all the same."""
    _, text = on_a_terminal(many, "rotate", ".", columns=20)
    assert f"{COUNT - 1} of {COUNT} files rotated, 1 failed" in screen(text)
