"""URLs of targets."""

import pytest

from prehook.errors import PrehookError
from prehook.wait.address import parse


@pytest.mark.parametrize(
    ("url", "shown", "host", "port"),
    [
        ("tcp://db:5432", "tcp://db:5432", "db", 5432),
        ("tcp://my_db.internal.:1", "tcp://my_db.internal.:1", "my_db.internal.", 1),
        ("tcp://[fe80::1%25eth0]:65535", "tcp://[fe80::1%25eth0]:65535", "fe80::1%eth0", 65535),
        ("http://bücher.example/", "http://bücher.example/", "xn--bcher-kva.example", 80),
        ("https://u@api", "https://api", "api", 443),
        ("https://u:p@w@api/x?y", "https://api/x", "api", 443),
        ("https://u:1/p@api/x", "https://u:1/…", "u", 1),
    ],
)
def test_network(url, shown, host, port):
    """The host is what the system looks up; what is shown has no user, password or query."""
    address = parse(url)
    assert (address.shown, address.host, address.port) == (shown, host, port)


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("http://api", "api", "/"),
        ("http://api:80/x", "api", "/x"),
        ("https://api:80/x?y=/?#z", "api:80", "/x?y=/?"),
        ("http://bücher.example:8080?é", "xn--bcher-kva.example:8080", "/?%C3%A9"),
        ("http://[::1]/", "[::1]", "/"),
        ("http://[fe80::1%eth0]:81", "[fe80::1]:81", "/"),
    ],
)
def test_web(url, authority, path):
    """Host has no default port and no zone, the path is ASCII, and a fragment is not sent."""
    address = parse(url)
    assert (address.authority, address.path) == (authority, path)


@pytest.mark.parametrize(
    ("url", "path", "shown"),
    [
        ("file:run/ready", "run/ready", "file:run/ready"),
        ("file:/run/ready", "/run/ready", "file:/run/ready"),
        ("file:///run/a%20b?c#d@e", "/run/a%20b?c#d@e", "file:///run/a%20b?c#d@e"),
        ("unix:a b\n", "a b\n", "unix:a b\\n"),
        ("unix:" + "é" * 53 + "x", "é" * 53 + "x", "unix:" + "é" * 53 + "x"),
    ],
)
def test_paths(url, path, shown):
    """A path is taken as it stands, nothing decoded, and shown on one line."""
    address = parse(url)
    assert (address.path, address.shown) == (path, shown)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "no scheme"),
        ("tcp", "no scheme"),
        ("tcp:db:1", "no scheme"),
        ("gopher://x", "unknown scheme"),
        ("tcp://db:0", "the port is not"),
        ("tcp://db:65536", "the port is not"),
        ("tcp://db:٣", "the port is not"),
        ("tcp://db:+1", "the port is not"),
        ("tcp://db:1/x", "only a host and a port"),
        ("tcp://::1:5432", "the host is malformed"),
        ("tcp://[::1]5432", "the host is malformed"),
        ("tcp://[::g]:1", "not an IPv6 address"),
        ("tcp://[::1%]:1", "the zone"),
        ("tcp://a..b:1", "not a valid name"),
        ("tcp://a b:1", "a blank"),
        ("tcp://a\x7fb:1", "a blank or a control"),
        ("tcp://\udcff:1", "a blank or a control"),
        ("tcp://" + "ä" * 64 + ":1", "not a valid name"),
        ("tcp://" + "a" * 64 + ":1", "not a valid name"),
        ("tcp://a%62:1", "not a valid name"),
        ("http://", "the host is missing"),
        ("http:///x", "the host is missing"),
        ("http://h:/x", "the port is missing"),
        ("http://h/a\r\nX: y", "a blank or a control"),
        ("file:", "has no path"),
        ("file://", "has no path"),
        ("file://localhost/x", "has a host"),
        ("file:a\0b", "a null byte"),
        ("unix:" + "é" * 54, "at most 107 bytes"),
    ],
)
def test_refused(url, message):
    """What can't be a target is refused, without the URL in the message."""
    with pytest.raises(PrehookError) as caught:
        parse(url)
    assert message in caught.value.message
    assert "\n" not in caught.value.message
