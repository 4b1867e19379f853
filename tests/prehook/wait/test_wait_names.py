"""Names of hosts, in a network with a name server of its own."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from listeners import WAIT
from sessions import eventually, running

UNSHARE = ["unshare", "--net", "--mount"]


def can_unshare():
    tools = all(map(shutil.which, ("unshare", "ip", "mount")))
    return tools and os.geteuid() == 0 and not subprocess.run([*UNSHARE, "true"]).returncode  # noqa: PLW1510


pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(not can_unshare(), reason="needs root, unshare --net --mount, and ip"),
]


@pytest.fixture
def network(waiting, tmp_path):
    """Start prehook-wait in a network of its own."""
    script = str(Path(__file__).with_name("own_network.py"))

    def begin(*arguments, dns="none", hosts="127.0.0.1 localhost\n", program=(WAIT,)):
        (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:30\n")
        (tmp_path / "hosts").write_text(hosts)
        command = [*UNSHARE, sys.executable, script, str(tmp_path), dns, *program]
        return waiting(*arguments, command=command)

    return begin


def test_no_such_host(network):
    """A name that the name server doesn't know is no host."""
    _, lines = network("--timeout", "2s", "tcp://db.example:1").end()
    assert lines[0] == "prehook-wait: waiting for tcp://db.example:1: no such host"
    assert lines[-1] == "hint: is the name right, and known in this network?"


def test_name_server_that_fails(network):
    """A name server that can't say is told apart: the name may be right."""
    _, lines = network("--timeout", "2s", "tcp://db.example:1", dns="failing").end()
    assert lines[-1].endswith(": the name server does not answer")


def test_name_server_that_is_silent(network):
    """A look-up that doesn't end does not hold the end of the wait, and is the reason given."""
    status, lines = network(
        "--timeout", "500ms", "tcp://db.example:1", "file:x", dns="silent"
    ).end()
    assert status == 1
    assert (
        "tcp://db.example:1 (the look-up of the host's name has no answer yet), "
        "file:x (no such file)" in lines[-1]
    )


def test_a_silent_look_up_is_said_while_it_lasts(network):
    """One knows what is waited for while a look-up takes its time."""
    begun = network("--timeout", "1h", "tcp://db.example:1", dns="silent")
    expected = (
        "prehook-wait: waiting for tcp://db.example:1: "
        "the look-up of the host's name has no answer yet"
    )
    begun.await_line(expected)
    begun.process.send_signal(signal.SIGTERM)
    assert begun.end() == (143, [expected])


ONLY_ONE_LISTENS = """\
import os, socket, sys
one = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
one.bind((sys.argv[1], 7000))
one.listen()
one.set_inheritable(True)
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.mark.parametrize("address", ["127.0.0.2", "127.0.0.3", "::1"])
def test_all_addresses_are_tried(network, address):
    """A host is there if any of its addresses takes a connection, of IPv6 or IPv4."""
    hosts = "".join(f"{one} db\n" for one in ("127.0.0.2", "127.0.0.3", "::1"))
    program = (sys.executable, "-c", ONLY_ONE_LISTENS, address, WAIT)
    assert network("tcp://db:7000", hosts=hosts, program=program).end() == (0, [])


ONE_DROPS = """\
import os, socket, sys
kept = []
for address, backlog in ((sys.argv[1], 0), (sys.argv[2], 8)):
    listener = socket.socket()
    listener.bind((address, 7000))
    listener.listen(backlog)
    kept.append(listener)
for _ in range(4):
    queued = socket.socket()
    queued.setblocking(False)
    queued.connect_ex((sys.argv[1], 7000))
    kept.append(queued)
for one in kept:
    one.set_inheritable(True)
os.execv(sys.argv[3], sys.argv[3:])
"""


@pytest.mark.parametrize("order", [1, -1])
def test_an_address_that_drops_leaves_time_for_the_next(network, order):
    """Of two addresses one drops what comes; whichever is tried first, the host is there."""
    addresses = ["127.0.0.2", "127.0.0.3"][::order]
    hosts = "127.0.0.2 db\n127.0.0.3 db\n"
    program = (sys.executable, "-c", ONE_DROPS, *addresses, WAIT)
    begun = network("--timeout", "4s", "tcp://db:7000", hosts=hosts, program=program)
    assert begun.end() == (0, [])


def test_each_reason_has_its_address(network):
    """Where addresses fail for different reasons, it is said which does why."""
    hosts = "127.0.0.2 db\n127.0.0.3 db\n"
    program = (sys.executable, "-c", ONE_DROPS, "127.0.0.2", "127.0.0.4", WAIT)
    _, lines = network("--timeout", "2s", "tcp://db:7000", hosts=hosts, program=program).end()
    reasons = lines[0].partition("tcp://db:7000: ")[2].split(", ")
    assert sorted(reasons) == ["connection refused (127.0.0.3)", "timed out (127.0.0.2)"]


@pytest.mark.skipif(
    not Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").exists(), reason="needs IPv6 to be"
)
def test_a_host_without_ipv6_is_not_blamed_for_it(network, tmp_path):
    """An address of a family that this machine does not have says nothing about the host."""
    (tmp_path / "no-ipv6").touch()
    hosts = "::1 db\n127.0.0.1 db\n"
    _, lines = network("--timeout", "1s", "tcp://db:7000", hosts=hosts).end()
    assert lines[0] == "prehook-wait: waiting for tcp://db:7000: connection refused"


def test_a_connection_to_itself_is_none(network, tmp_path):
    """A port of the range that the system chooses from is not there because it chose it for us."""
    (tmp_path / "ports").write_text("7000 7001")
    status, lines = network("--timeout", "3s", "tcp://127.0.0.1:7000").end()
    assert status == 1
    assert lines[-1].endswith(": connection refused")


def test_it_leaves_no_process(network, tmp_path):
    """The name server of these tests ends with its command."""
    begun = network("--timeout", "100ms", "file:x")
    begun.end()
    tag = str(tmp_path)
    eventually(lambda: not running(tag), "the end of the name server")
