"""Run a command in a network and with files of /etc of its own; started by `unshare`.

own_network.py FOLDER DNS COMMAND…: FOLDER/hosts and FOLDER/resolv.conf take the place of those of
/etc. A name server at 127.0.0.1 says that there is no such name (DNS is `none`), refuses to say
(`failing`), or says nothing (`silent`). If FOLDER/ports is there, it holds the range of ports
that the system chooses from; if FOLDER/no-ipv6 is, there is none.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

ANSWERS = {"none": 0x8183, "failing": 0x8182}  # RFC 1035, 4.1.1: NXDOMAIN, SERVFAIL


def serve(server, mode, parent):
    server.settimeout(0.05)
    while os.getppid() == parent:
        try:
            query, sender = server.recvfrom(512)
        except TimeoutError:
            continue
        if mode in ANSWERS:
            counts = query[4:6] + b"\0" * 6
            end = query.index(b"\0", 12) + 5
            flags = ANSWERS[mode].to_bytes(2, "big")
            server.sendto(query[:2] + flags + counts + query[12:end], sender)
    os._exit(0)


def main(folder, mode, *command):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for name in ("hosts", "resolv.conf"):
        file = Path(folder) / name
        if file.exists():
            subprocess.run(["mount", "--bind", str(file), f"/etc/{name}"], check=True)
    ports = Path(folder) / "ports"
    if ports.exists():
        Path("/proc/sys/net/ipv4/ip_local_port_range").write_text(ports.read_text())
    if (Path(folder) / "no-ipv6").exists():
        Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").write_text("1")
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    parent = os.getpid()
    if os.fork() == 0:
        serve(server, mode, parent)
    os.execv(command[0], command)


main(*sys.argv[1:])
