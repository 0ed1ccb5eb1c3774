"""Checks the links that `job.json` of the folder it is started in names."""

from pathlib import Path

from link_check.job import run

if __name__ == "__main__":
    run(Path.cwd())
