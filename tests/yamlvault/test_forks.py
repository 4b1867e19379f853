"""Forks: what was loaded before one is loaded after it, in the parent and in every child."""

import subprocess
import sys

from places import place  # noqa: F401  a fixture

PREFORK = """
import os, sys, threading
from yamlvault import Keyring, Vault

DATA = {"host": "db.internal", "password": "hunter2"}
# one vault that the parent has used, as `preload_app` of gunicorn or a master of uwsgi does, and
# one that only its children use
used, fresh = Vault(Keyring(timeout=60)), Vault(Keyring(timeout=60))

def load(vault):
    assert vault.load(sys.argv[1], path="$.production") == DATA

def work(threads=()):
    for vault in (used, fresh):
        threads = [threading.Thread(target=load, args=[vault]) for _ in threads]
        for thread in threads:
            thread.start()
        load(vault)
        load(vault)
        for thread in threads:
            thread.join()

load(used)
children = []
for _ in range(3):
    child = os.fork()
    if not child:
        try:
            work()
            grandchild = os.fork()
            if not grandchild:
                work(threads=range(2))
                os._exit(0)
            os._exit(os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1]))
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
    children.append(child)
load(used)
statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
load(used)
print(statuses)
"""


def run(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_workers_that_are_forked(place):  # noqa: F811
    """Three children at once, and their children with threads: all open the file."""
    done = run(PREFORK, place)
    assert done.stdout == "[0, 0, 0]\n", done.stderr


WHILE_A_THREAD_LOADS = """
import os, sys, threading
from yamlvault import Keyring, Vault

asked, answered = threading.Event(), threading.Event()
parent = os.getpid()

def ask(which):
    if os.getpid() == parent:
        asked.set()
        answered.wait()
    return "typed"

vault = Vault(Keyring([], ask=ask))
loading = threading.Thread(target=lambda: vault.keyring.passphrase(new=False))
loading.start()
asked.wait()
child = os.fork()
if not child:
    os._exit(vault.keyring.passphrase(new=False) != "typed")
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
answered.set()
loading.join()
"""


def test_a_fork_while_a_thread_waits_for_a_passphrase():
    """The child does not wait for a thread that it does not have."""
    assert run(WHILE_A_THREAD_LOADS).stdout == "0\n"
