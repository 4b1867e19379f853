"""What file system something is on, by what the kernel says of it."""

from __future__ import annotations

import os

_IN_MEMORY = (b"tmpfs", b"ramfs")


def is_in_memory(folder: str | int) -> bool:
    """Tell whether a folder is on a file system that never writes what is in it to a disk.

    Args:
        folder: Its path, or a descriptor of it: what the answer is about can't be another one then.
    """
    device = os.stat(folder).st_dev
    number = f"{os.major(device)}:{os.minor(device)}".encode()
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            lines = file.readlines()
    except OSError:
        return False  # macOS: nothing there says it
    for line in lines:  # proc(5): … 0:22 / /run rw,nosuid shared:5 - tmpfs tmpfs rw
        fields, _, rest = line.partition(b" - ")
        if fields.split(b" ")[2] == number:
            return rest.split(b" ")[0] in _IN_MEMORY
    return False
