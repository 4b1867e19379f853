"""Run a command with all its output thrown away; print its seconds, peak in KiB, and status.

A child's peak counts what its parent had in memory when it forked: this parent has next to nothing.
"""

import os
import sys
import time

start = time.perf_counter()
out = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=out)
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - start, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
