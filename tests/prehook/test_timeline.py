import contextlib
import copy
import fcntl
import itertools
import json
import os
import re
import signal
import struct
import subprocess
import termios

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessions import PREHOOK, eventually, run
from test_terminal import terminal  # noqa: F401 (a fixture)

from prehook.errors import PrehookError
from prehook.timeline_reading import read

MILLION = 1_000_000


def attempt(step, name, begin, end, result="ok", number=1):
    args = {"step": step, "attempt": number, "result": result, "kind": "run", "place": "hook"}
    return {
        "ph": "X", "name": name, "pid": 1, "tid": 2, "ts": int(begin * MILLION),
        "dur": round((end - begin) * MILLION), "cat": "step", "args": args,
    }  # fmt: skip


def own(name, end, args):
    return {"ph": "X", "name": name, "pid": 1, "tid": 1, "ts": 0, "dur": int(end * MILLION),
            "cat": "start", "args": args}  # fmt: skip


def trace(*steps, result="ok", end=8):
    return {
        "traceEvents": [own("prehook", end, {"result": result}), own("interpreter", 0.5, {}),
                        *steps],
        "displayTimeUnit": "ms",
        "otherData": {"writer": "prehook", "format": 1},
    }  # fmt: skip


SKIPPED = {"ph": "i", "name": "seeds", "pid": 1, "tid": 2, "ts": 5 * MILLION, "s": "t",
           "cat": "step", "args": {"result": "skipped", "reason": "PREHOOK_SKIP"}}  # fmt: skip
USUAL = trace(
    attempt(1, "database", 0.5, 1.5, "failed"),
    attempt(1, "database", 2.5, 4.5, "ok", 2),
    attempt(2, "secrets", 0.5, 1),
    SKIPPED,
    attempt(3, "migrate", 5, 8),
)


def drawn(content, environment=(), *arguments):
    """Return the lines that are drawn of a trace."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    variables = {"PATH": os.environ["PATH"], "COLUMNS": "68", **dict(environment)}
    result = subprocess.run(
        [PREHOOK, "timeline", *(arguments or ["-"])],
        input=data, capture_output=True, check=False, env=variables, timeout=20,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, b"")
    return result.stdout.decode().splitlines()


def test_drawing():
    """There is a row for each step, with its attempts, the pauses between, time and result."""
    assert drawn(USUAL) == [
        "                  0 s             5",
        "                  │               │",
        "start of prehook  ██                           0.50 s",
        "database           ░░░░···███████              4.00 s  ok, attempt 2",
        "secrets            ██                          0.50 s  ok",
        "migrate                           ███████████  3.00 s  ok",
        "seeds                                                  skipped",
        "8.00 s, then CMD starts",
    ]


def test_ascii():
    """Where the locale isn't UTF-8 it is drawn in ASCII, with the same columns."""
    plain = drawn(USUAL)
    table = str.maketrans({"█": "#", "░": "x", "·": ".", "│": "|"})
    for variables in ({"LC_ALL": "C"}, {"LANG": "de_DE.ISO-8859-1"}, {"LC_CTYPE": "POSIX"}):
        assert drawn(USUAL, variables) == [line.translate(table) for line in plain]
    for variables in ({"LC_ALL": "C.UTF-8", "LANG": "C"}, {"LANG": "de_DE.utf8"}, {"LC_ALL": ""}):
        assert drawn(USUAL, variables) == plain


def test_names_in_ascii():
    """What ASCII doesn't have stands there as an escape."""
    lines = drawn(trace(attempt(1, "größe", 1, 2)), {"LC_ALL": "C"})
    assert lines[3].startswith(r"gr\xf6\xdfe ")


@pytest.mark.parametrize("columns", [50, 51, 68, 80, 121, 160])
def test_width(columns):
    """No line is wider than the terminal, however wide its names are."""
    long = trace(attempt(1, "x" * 300, 1, 2), attempt(2, "数据库" * 50, 2, 8, "timeout"))
    for each in (USUAL, long):
        lines = drawn(each, {"COLUMNS": str(columns)})
        assert max(map(len, lines)) <= columns
        assert len({line.rstrip() for line in lines}) == len(lines)


@pytest.mark.parametrize("columns", ["", "0", "-1", "x", "99999999999"])
def test_columns_that_are_no_number(columns):
    """Where COLUMNS says nothing, and there is no terminal, 80 it is."""
    assert drawn(USUAL, {"COLUMNS": columns}) == drawn(USUAL, {"COLUMNS": "80"})


def test_control_characters():
    """What would move the cursor or turn the text around stands there as an escape."""
    lines = drawn(trace(attempt(1, "a\x1b[31m\n\u202eb\x7f\x9b", 1, 2)), {"COLUMNS": "100"})
    assert lines[3].startswith(r"a\x1b[31m\n\u202eb\x7f\x9b ")
    assert all(character.isprintable() for line in lines for character in line)


@pytest.mark.parametrize(
    ("result", "last"),
    [("ok", "8.00 s, then CMD starts"), ("failed", "the start failed after 8.00 s"),
     ("ended", "the start was ended after 8.00 s")],
)  # fmt: skip
def test_what_came_of_it(result, last):
    """The last line has the total, and says what the start has come to."""
    assert drawn(trace(result=result))[-1] == last


def test_instant_start():
    """A start that takes no time is drawn too."""
    content = trace(attempt(1, "quick", 0, 0), end=0)
    assert drawn(content)[-1] == "0.00 s, then CMD starts"


@pytest.mark.parametrize("end", [0.000_01, 0.003, 0.7, 12, 59, 600, 86_400])
def test_axis(end):
    """Ticks are multiples of 1, 2 or 5 times a power of ten, and there are some."""
    labels = drawn(trace(end=end), {"COLUMNS": "100"})[0].removesuffix(" s").split()
    labels.remove("s")
    numbers = [float(label) for label in labels]
    assert numbers[0] == 0
    assert len(numbers) >= 2
    assert re.fullmatch(r"[125]0*", f"{numbers[1] * MILLION:.0f}")
    distances = [after - before for before, after in itertools.pairwise(numbers)]
    assert distances == pytest.approx([numbers[1]] * len(distances))


def test_real_start(tmp_path):
    """What --trace writes is drawn, from a file as well as from stdin."""
    path = tmp_path / "trace"
    run("--trace", str(path), "--name", "one", "true", "--", "prehook", "false", "--", "true")
    lines = drawn(path.read_bytes())
    assert drawn(b"", {}, str(path)) == lines
    assert [line.split()[0] for line in lines[2:]] == ["start", "one", "hook", "the"]
    assert lines[-2].endswith("failed")


def refused(content, *arguments):
    result = run("timeline", *(arguments or ["-"]), stdin=None, input=content)
    assert (result.returncode, result.stdout) == (125, b"")
    lines = result.stderr.decode().splitlines()
    assert [line.split(" ")[0] for line in lines] == ["prehook:", "hint:"]
    return lines[0]


def test_errors_of_usage(tmp_path):
    """One FILE is wanted, and it must be there."""
    assert "a FILE is missing" in run("timeline").stderr.decode()
    assert "more than one FILE" in refused(b"", "a", "b")
    assert "unknown option" in refused(b"", "--colour")
    assert "No such file" in refused(b"", str(tmp_path / "nothing"))
    assert "Is a directory" in refused(b"", str(tmp_path))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"traceEvents": [],}', b"\0"],
)
def test_not_json(content):
    """What isn't JSON is called so, whatever it is."""
    assert refused(content).endswith("stdin is not JSON")


def changed(change):
    whole = copy.deepcopy(USUAL)
    change(whole)
    return whole


@pytest.mark.parametrize(
    "content",
    [
        1, [], {}, {"traceEvents": []}, [USUAL], trace(attempt(1, "a", 1, 2, "good")),
        trace(attempt(1, "a", 1, 2, "ok", 2)), trace(attempt("1", "a", 1, 2)),
        trace(attempt(1, 7, 1, 2)), trace(attempt(1, "a", 2, 1)), trace(attempt(1, "a", -1, 1)),
        trace(result="skipped"),
        changed(lambda whole: whole["otherData"].update(writer="another")),
        changed(lambda whole: whole["otherData"].update(format=2)),
        changed(lambda whole: whole.update(traceEvents={})),
        changed(lambda whole: whole["traceEvents"].pop(0)),
        changed(lambda whole: whole["traceEvents"].append(None)),
        changed(lambda whole: whole["traceEvents"][0].update(ph="B")),
        changed(lambda whole: whole["traceEvents"][0].update(dur=True)),
        changed(lambda whole: whole["traceEvents"][0].update(dur=10**400)),
        changed(lambda whole: whole["traceEvents"][0].pop("ts")),
    ],
)  # fmt: skip
def test_not_a_trace_of_prehook(content):
    """JSON that isn't as prehook writes it is refused, and not drawn in part."""
    assert refused(json.dumps(content).encode()).endswith("stdin is not a trace of prehook")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.data())
def test_any_value_at_any_place(data):
    """Whatever stands in the place of a value, a trace is read or refused."""
    whole = copy.deepcopy(USUAL)
    place, key = whole, data.draw(st.sampled_from(list(whole)))
    while isinstance(place[key], (dict, list)) and place[key] and data.draw(st.booleans()):
        place = place[key]
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
    place[key] = data.draw(JSON)
    with contextlib.suppress(PrehookError):
        read(json.dumps(whole).encode(), "it")


def test_too_large():
    """What has no end isn't read to it."""
    with open("/dev/zero", "rb") as zero:
        result = run("timeline", "-", stdin=zero)
    assert result.returncode == 125
    assert b"too large" in result.stderr


def test_help():
    """The help says what there is to say."""
    result = run("timeline", "--help")
    assert result.returncode == 0
    assert result.stdout.startswith(b"usage: prehook timeline FILE\n")
    assert max(map(len, result.stdout.splitlines())) <= 90


def test_colours(terminal, tmp_path):  # noqa: F811
    """On a terminal there are colours, unless somebody doesn't want any."""
    path = tmp_path / "trace"
    path.write_text(json.dumps(USUAL))
    for variables, colours in (("TERM=xterm NO_COLOR=", True), ("TERM=xterm NO_COLOR=1", False),
                               ("TERM=dumb NO_COLOR=", False)):  # fmt: skip
        session = terminal("env", *variables.split(), PREHOOK, "timeline", str(path))
        session.await_text(b"CMD starts")
        assert session.process.wait(20) == 0
        assert (b"\x1b[3" in session.seen) is colours
        assert (b"\x1b" in session.seen) is colours


def test_interrupt():
    """INT ends one that waits for stdin, as any program that reads."""
    process = subprocess.Popen([PREHOOK, "timeline", "-"], stdin=subprocess.PIPE)
    process.stdin.write(b"{")
    process.stdin.flush()
    unread = lambda: struct.unpack("i", fcntl.ioctl(process.stdin, termios.FIONREAD, b"1234"))  # noqa: E731
    eventually(lambda: unread() == (0,), "stdin read")
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == -signal.SIGINT
    process.stdin.close()


def test_pipe_that_is_closed():
    """`head` behind it isn't answered with a message."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    result = subprocess.run(
        [PREHOOK, "timeline", "--help"], stdout=write_end, stderr=subprocess.PIPE, check=False,
        restore_signals=True,
    )  # fmt: skip
    os.close(write_end)
    assert (result.returncode, result.stderr) == (-signal.SIGPIPE, b"")
