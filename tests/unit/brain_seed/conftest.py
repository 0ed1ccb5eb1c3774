"""The built-in skills' packages, importable as they are when they run."""

import sys

from brain.seed.catalog import BUILT_IN

# A skill's script finds its package beside itself, so the tests look there too.
sys.path[:0] = [
    str(skill / "scripts") for skill in sorted(BUILT_IN.iterdir()) if (skill / "scripts").is_dir()
]
