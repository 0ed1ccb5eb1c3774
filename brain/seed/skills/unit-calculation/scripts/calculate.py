"""Calculates what the task in `job.json` of the folder it is started in asks for."""

from pathlib import Path

from calculation.job import run

if __name__ == "__main__":
    run(Path.cwd())
