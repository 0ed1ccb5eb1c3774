"""Summarises the texts named in `job.json` of the folder it is started in."""

from pathlib import Path

from text_summary.job import run

if __name__ == "__main__":
    run(Path.cwd())
