"""Sees before the start whether the ports are free, so that the message names who has them."""

import socket
from collections.abc import Mapping

import psutil

from ops.errors import PortTaken


def demand_free(host: str, ports: Mapping[str, int]) -> None:
    """Check the port of every part.

    Raises:
        PortTaken: names each taken port and, where it may be known, the program.
    """
    taken = [f"{port} ({part}{_holder(port)})" for part, port in ports.items() if not _is_free(host, port)]
    if taken:
        free = min(ports.values()) + 100
        raise PortTaken(
            f"Taken by another program: port {', '.join(taken)}. "
            f"Stop that program, or start with --base-port {free if free < 65_000 else 8800}."
        )


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the servers do it: a port that only waits for its last connections to expire is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    try:
        for found in psutil.net_connections("tcp"):
            if found.status == psutil.CONN_LISTEN and found.laddr[1:] == (port,) and found.pid:
                return f", by {psutil.Process(found.pid).name()}, process {found.pid}"
    except psutil.Error:
        pass
    return ""
