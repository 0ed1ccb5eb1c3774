"""The whole OpenAPI, tried by Schemathesis: hostile and odd requests get clear refusals, never a 5xx.

`--schemathesis-s=600` tries for ten minutes instead of a quick pass.
"""

import asyncio
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import QUICK_SCHEMATHESIS_S

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
)


async def tried(url: str, key: str, folder: Path, *options: str) -> tuple[int, str]:
    """Exit code and report of one run of the tool against a ledger."""
    program = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    assert program is not None
    arguments = [
        "run", f"{url}/api/v1/schema/openapi.json",
        "--header", f"Authorization:Bearer {key}",
        "--checks", ",".join(CHECKS),
        "--suppress-health-check", "all",
        "--warnings", "off",
        "--no-color",
        *options,
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        program, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=folder
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output.decode()


@pytest.mark.timeout(0)
async def test_no_request_breaks_the_ledger_or_its_schema(
    ledger_url: str, admin_key: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    seconds = pytestconfig.getoption("--schemathesis-s")
    phases = "coverage,fuzzing" if seconds > QUICK_SCHEMATHESIS_S else "coverage"
    options = ("--phases", phases, "--max-time", str(seconds), "--continue-on-failure")
    code, report = await tried(ledger_url, admin_key, tmp_path, *options)
    assert code == 0, report
    tried_cases = re.search(r"(\d+) generated", report)
    assert tried_cases is not None
    assert int(tried_cases[1]) > 100
