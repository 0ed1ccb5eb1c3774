"""`python -m ops.audit`: exit code 1 when a check finds what is not known."""

import resource
import sys
from pathlib import Path

from ops.audit import checks

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run all three; what each found and the work it was, one line for one problem."""
    bad = False
    for check in (checks.code, checks.secrets, checks.packages):
        before = _worked_s()
        result = check(ROOT)
        bad = bad or bool(result.problems)
        came_to = result.remark or ("MISS" if result.problems else "clean")
        sys.stdout.write(f"{result.check:<9} {came_to} ({_worked_s() - before:.0f} s of work)\n")
        sys.stdout.writelines(f"  {problem}\n" for problem in result.problems)
    return int(bad)


def _worked_s() -> float:
    """What the programs that ended so far have taken of the processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
