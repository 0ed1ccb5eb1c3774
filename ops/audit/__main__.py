"""`python -m ops.audit`: exit code 1 when a check finds what is not known."""

import sys
from pathlib import Path

from ops.audit import checks

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run all three; what each found, one line for one problem."""
    bad = False
    for check in (checks.code, checks.secrets, checks.packages):
        result = check(ROOT)
        bad = bad or bool(result.problems)
        sys.stdout.write(f"{result.check:<9} {result.remark or ('MISS' if result.problems else 'clean')}\n")
        sys.stdout.writelines(f"  {problem}\n" for problem in result.problems)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
