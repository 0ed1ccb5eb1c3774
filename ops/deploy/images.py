"""Builds the parts' images and brings them to the registry, by Docker or what stands in for it."""

import asyncio
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from ops.deploy.settings import DeploySettings
from ops.deploy.wanted import image
from ops.errors import DeployFailed, ProgramMissing

ROOT = Path(__file__).resolve().parents[2]
_DOCKERFILE = Path("ops/docker/Dockerfile")


async def release_of(root: Path = ROOT) -> str:
    """What the images of this working tree are called: its commit.

    Raises:
        DeployFailed: It has changes that no commit holds, or is no working tree; the text says what to do.
    """
    code, said = await _run(["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"])
    if code:
        raise DeployFailed("This is no git working tree: name the release yourself, with --release.")
    if said.endswith("-dirty"):
        raise DeployFailed(
            "There are changes that are in no commit, so nobody could find this release again. "
            "Commit them, or name the release yourself, with --release."
        )
    return said


async def built(
    parts: Iterable[str], settings: DeploySettings, release: str, engine: str, tell: Callable[[str], None]
) -> None:
    """Log in, build each part's image for the place's processors, push it.

    Raises:
        ProgramMissing: No such engine.
        DeployFailed: A step failed; the text ends with what it said.
    """
    if shutil.which(engine) is None:
        raise ProgramMissing(f"Building images needs {engine}: install it, or name another with --engine.")
    if not (ROOT / _DOCKERFILE).is_file():
        raise DeployFailed(
            "Images are built from a clone of the project; this installation has no Dockerfile."
        )
    host = settings.registry.partition("/")[0]
    login = [engine, "login", host, "--username", "nologin", "--password-stdin"]
    await _done(login, stdin=settings.secret_key.get_secret_value())
    for part in parts:
        name = image(settings.registry, part, release)
        tell(f"{part}: building")
        await _done(build_command(engine, part, name))
        tell(f"{part}: pushing")
        await _done([engine, "push", name])


def build_command(engine: str, part: str, name: str) -> list[str]:
    """How one image is built, in the project's own folder."""
    what = ["--file", str(_DOCKERFILE), "--target", part, "--tag", name]
    return [engine, "build", "--platform", "linux/amd64", *what, "."]


async def _done(words: list[str], stdin: str = "") -> None:
    code, said = await _run(words, stdin)
    if code:
        tail = "\n".join(said.splitlines()[-15:])
        raise DeployFailed(f"`{' '.join(words[:2])}` ended with {code}:\n{tail}")


async def _run(words: list[str], stdin: str = "") -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *words,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await process.communicate(stdin.encode() or None)
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    return process.returncode or 0, said.decode(errors="replace").strip()
