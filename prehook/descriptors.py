"""Descriptors that are none of CMD's business."""

import posix


def close_script(path: str) -> None:
    """Close the descriptor by which sh has read the launcher.

    dash marks it close-on-exec only when it has to move it up from below 10: where 3 to 9 were
    all taken, it would reach CMD.
    """
    try:
        script = posix.stat(path)
        found = [int(name) for name in posix.listdir("/proc/self/fd")]
    except OSError:
        return
    for descriptor in found:
        if descriptor >= 10 and _is_file(descriptor, script):
            posix.close(descriptor)


def _is_file(descriptor: int, file: posix.stat_result) -> bool:
    try:
        found = posix.fstat(descriptor)
    except OSError:  # the one that listdir had open
        return False
    return (found.st_dev, found.st_ino) == (file.st_dev, file.st_ino)
