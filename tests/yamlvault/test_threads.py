"""Threads that load at once get what one alone gets."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from places import DATA, place  # noqa: F401  a fixture

import yamlvault
from yamlvault import Keyring, Vault

THREADS = 8


def together(call, times=3):
    """Return what threads get that begin at the same moment."""
    barrier = Barrier(THREADS, timeout=60)

    def run():
        barrier.wait()
        return [call() for _ in range(times)]

    with ThreadPoolExecutor(THREADS) as pool:
        runs = [pool.submit(run) for _ in range(THREADS)]
        return [result for one in runs for result in one.result()]


def test_one_vault_in_many_threads(place):  # noqa: F811
    """A keyring that was never used before is used by all of them."""
    vault = Vault(Keyring(timeout=60))
    assert together(lambda: vault.load(place, path="$.production")) == [DATA] * 3 * THREADS
    assert len(vault.keyring.clients) <= 1


def test_a_load_each(place):  # noqa: F811
    """Each thread calls the function, which makes a keyring of its own."""
    found = together(lambda: yamlvault.load(place, path="$.production"), 1)
    assert found == [DATA] * THREADS


def pipe(data):
    """Return the descriptor of a pipe with some bytes in it, which nobody writes to any more."""
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    return reader


def test_an_identity_from_a_pipe(monkeypatch, recipient, identity):
    """It can be read once: the first thread does it, for all."""
    reader = pipe(identity.encode())
    monkeypatch.setenv("YAMLVAULT_AGE_KEY_FILE", f"/dev/fd/{reader}")
    text = yamlvault.encrypt("a: 1\n", keks=[recipient])
    vault = Vault(Keyring())
    assert together(lambda: vault.loads(text)) == [{"a": 1}] * 3 * THREADS
    os.close(reader)


def test_a_passphrase_from_a_pipe(monkeypatch):
    """It can be read once: the first thread does it, for all."""
    reader = pipe(b"hunter3\n")
    monkeypatch.setenv("YAMLVAULT_PASSPHRASE_FD", str(reader))
    keyring = Keyring()
    assert together(lambda: keyring.passphrase(new=False)) == ["hunter3"] * 3 * THREADS
    os.close(reader)


def test_a_person_is_asked_once():
    """All threads wait for the one who types the passphrase."""
    asked, others = [], Event()

    def ask(which):
        asked.append(which)
        others.wait(0.2)  # gives them time to ask, too, if they were to
        return "typed"

    keyring = Keyring([], ask=ask)
    assert together(lambda: keyring.passphrase(new=False)) == ["typed"] * 3 * THREADS
    assert asked == ["old"]
