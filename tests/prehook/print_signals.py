"""Print `ready`, then each signal; one that asks to end ends it, with 0, unless told `stay`."""

import signal
import sys

TAKEN = {
    getattr(signal, f"SIG{name}")
    for name in ("TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "WINCH")
}

ENDING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT}


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, TAKEN)
    say("ready")
    while True:
        signo = signal.sigwait(TAKEN)
        say(signal.Signals(signo).name)
        if signo in ENDING and "stay" not in sys.argv:
            return


main()
