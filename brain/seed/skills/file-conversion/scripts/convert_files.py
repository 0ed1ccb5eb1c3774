"""Converts the files named in `job.json` of the folder it is started in."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "csv-report" / "scripts"))

from file_conversion.job import run

if __name__ == "__main__":
    run(Path.cwd())
