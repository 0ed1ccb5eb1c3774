"""Answers the question about dates in `job.json` of the folder it is started in."""

from pathlib import Path

from calendar_sums.job import run

if __name__ == "__main__":
    run(Path.cwd())
