"""Limits that the kernel does not keep for a group of processes: memory together, time, output, files."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from brain.seed.sandbox.box import Box
from brain.seed.sandbox.limits import Limits, Stopped

_EVERY_S = 0.1
_CHUNK_BYTES = 65_536


async def watch(box: Box, limits: Limits) -> Stopped:
    """Looks until a limit is passed; cancel it when the command has ended."""
    while True:
        await asyncio.sleep(_EVERY_S)
        if await asyncio.to_thread(_memory_of, box.process.pid) > limits.memory_mb << 20:
            return "memory"
        if await asyncio.to_thread(_is_full, box, limits):
            return "disk"


async def read(stream: asyncio.StreamReader, most_bytes: int, too_much: Callable[[], None]) -> bytes:
    """All of a stream's output, or its beginning."""
    pieces, length = [], 0
    while piece := await stream.read(_CHUNK_BYTES):
        if length < most_bytes:
            pieces.append(piece[: most_bytes - length])
        length += len(piece)
        if length > most_bytes:
            too_much()
    return b"".join(pieces)


def _memory_of(pid: int) -> int:
    """Bytes that a process and its descendants hold; a page that several share counts once."""
    return _share_of(pid) + sum(map(_memory_of, _children_of(pid)))


def _children_of(pid: int) -> list[int]:
    """Asked of the process itself: to look through all of the machine's would cost more than the command."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it has ended
            found += [int(child) for child in task.read_text().split()]
    return found


def _share_of(pid: int) -> int:
    with suppress(OSError):  # it has ended
        for line in Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) << 10
    return 0


def _is_full(box: Box, limits: Limits) -> bool:
    if box.folder is None:
        return False
    if box.in_memory:  # its bytes are limited by the file system, the number of its files is not
        system = os.fstatvfs(box.folder)
        return system.f_files - system.f_ffree > limits.files
    return _is_over(box.folder, limits)


def _is_over(folder: int, limits: Limits) -> bool:
    files, size = 0, 0
    for _, folders, names, descriptor in os.fwalk(".", dir_fd=folder):
        files += len(folders) + len(names)
        for name in names:
            try:
                size += os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_blocks * 512
            except OSError:  # it is gone again
                continue
        if files > limits.files or size > limits.disk_mb << 20:
            return True
    return False
