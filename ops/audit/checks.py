"""The three checks, each a program of its own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.audit.exceptions import CODE, SECRETS, UNREAD
from ops.audit.findings import Finding, reasoned, unknown
from ops.errors import OpsError

OSV = "https://api.osv.dev/v1/query"
_OURS = ("brain", "gateway", "ledger", "ops", "ui", "voice")
_LOCKS = ("requirements.lock", "requirements-dev.lock")
_NO_ANSWER = ("ServiceError", "ConnectionError", "Could not connect", "Max retries exceeded", "timed out")
_PATIENCE_S = 600


class AuditFailed(OpsError):
    """A check could not be run; the text says which, and its last words."""


@dataclass(frozen=True)
class Result:
    """What a check came to."""

    check: str
    problems: tuple[str, ...]
    remark: str = ""
    """What it could not look at."""


def code(root: Path) -> Result:
    """Dangerous code, by bandit."""
    out = _said(root, "bandit", "-q", "-f", "json", "-r", *_OURS, "--exclude", "ledger/piccolo_migrations")
    found = [
        Finding(
            file=one["filename"].removeprefix("./"),
            lines=(one["line_range"][0], one["line_range"][-1]),
            kind=one["test_id"],
            says=one["issue_text"],
        )
        for one in json.loads(out)["results"]
    ]
    return Result("code", tuple(unknown([one for one in found if not reasoned(one, root)], CODE)))


def secrets(root: Path) -> Result:
    """Secrets in any file that is kept, by detect-secrets, which is to ask no vendor about what it finds."""
    kept = _git(root, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    files = [name for name in kept if name and not name.startswith(UNREAD) and _is_text(root / name)]
    found = json.loads(_said(root, "detect_secrets", "--cores", "1", "scan", "--no-verify", *files))[
        "results"
    ]
    told = [
        Finding(file, (one["line_number"], one["line_number"]), one["type"], "looks like a secret")
        for file, ones in found.items()
        for one in ones
    ]
    return Result("secrets", tuple(unknown(told, SECRETS)))


def _is_text(file: Path) -> bool:
    """Whether people write and read it: locks are full of hashes and hold no secret."""
    return file.is_file() and file.suffix != ".lock" and b"\0" not in file.read_bytes()[:8_000]


def packages(root: Path, osv: str = OSV) -> Result:
    """Locked packages with known holes, by pip-audit and the database of OSV."""
    options = ("-s", "osv", "--osv-url", osv, "--disable-pip", "--progress-spinner", "off", "-f", "json")
    locks = [word for lock in _LOCKS for word in ("-r", lock)]
    ran = _ran(root, "pip_audit", *options, *locks)
    if not ran.stdout.strip():
        if any(words in ran.stderr for words in _NO_ANSWER):
            return Result("packages", (), f"not looked at: {osv} does not answer")
        raise AuditFailed(f"pip-audit failed:\n{ran.stderr[-2_000:]}")
    bad = [
        f"{one['name']} {one['version']}: {hole['id']}, {_mended(hole['fix_versions'])}"
        for one in json.loads(ran.stdout)["dependencies"]
        for hole in one.get("vulns", ())
    ]
    return Result("packages", tuple(bad))


def _mended(versions: Sequence[str]) -> str:
    return f"mended in {', '.join(versions)}" if versions else "mended in no version yet"


def _said(root: Path, module: str, *words: str) -> str:
    """What a program prints; a status of 1 means that it has found something."""
    ran = _ran(root, module, *words)
    if ran.returncode not in (0, 1) or not ran.stdout.strip():
        raise AuditFailed(f"{module} failed:\n{ran.stderr[-2_000:]}")
    return ran.stdout


def _git(root: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=root, capture_output=True, text=True, check=True, timeout=_PATIENCE_S
    ).stdout


def _ran(root: Path, module: str, *words: str) -> subprocess.CompletedProcess[str]:
    command: Sequence[str] = (sys.executable, "-m", module, *words)
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
