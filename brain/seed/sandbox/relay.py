"""The program that stands before a command to which hosts were granted. Uses the standard library alone.

Started inside the box as `python relay.py DOOR PORT COMMAND…`: it listens on the box's own loopback, because
that is where programs look for a proxy, becomes the command, and leaves a child that carries what comes to
the door. It is no guard: what is behind the door is.
"""

import os
import select
import socket
import sys

_CHUNK_BYTES = 65_536
_WAITING = 64


def main() -> None:
    """Listens, leaves the carrier behind, and becomes the command."""
    door, port, *command = sys.argv[1:]
    listener = socket.create_server(("127.0.0.1", int(port)), backlog=_WAITING)
    if os.fork() == 0:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):  # else the command's end would not be seen on its pipes
            os.dup2(nowhere, standard)
        _carry(listener, door)
        os._exit(0)
    listener.close()
    try:
        os.execvp(command[0], command)  # noqa: S606  (this is the command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(127)


def _carry(listener: socket.socket, door: str) -> None:
    """For ever: the box ends with its command, and this with the box."""
    other: dict[socket.socket, socket.socket] = {}
    while True:
        ready, _, _ = select.select([listener, *other], [], [])
        for one in ready:
            if one is listener:
                _pair(listener, door, other)
            elif one in other:
                _pass_on(one, other)


def _pair(listener: socket.socket, door: str, other: dict[socket.socket, socket.socket]) -> None:
    near, _ = listener.accept()
    far = socket.socket(socket.AF_UNIX)
    try:
        far.connect(door)
    except OSError:
        near.close()
        far.close()
        return
    other[near], other[far] = far, near


def _pass_on(one: socket.socket, other: dict[socket.socket, socket.socket]) -> None:
    """A piece of what came; at its end both are closed once each has said its last."""
    peer = other[one]
    try:
        piece = one.recv(_CHUNK_BYTES)
        if piece:
            peer.sendall(piece)
            return
        peer.shutdown(socket.SHUT_WR)
    except OSError:
        peer.close()
        other.pop(peer, None)
    other.pop(one)
    if peer not in other:
        one.close()
        peer.close()


if __name__ == "__main__":
    main()
