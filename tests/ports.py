"""Ports that nobody listens on."""

import os
import socket


def free_port() -> int:
    """One port, chosen by the system."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def free_base_port() -> int:
    """Four free ports in a row; each process that runs tests begins its search elsewhere."""
    first = 21_000 + os.getpid() % 1_000 * 10
    for base in range(first, first + 3_000, 10):
        probes = [socket.socket() for _ in range(4)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", base + offset))
        except OSError:
            continue
        else:
            return base
        finally:
            for probe in probes:
                probe.close()
    raise AssertionError("no four free ports in a row")
