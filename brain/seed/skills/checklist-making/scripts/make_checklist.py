"""Makes the checklist that `job.json` of the folder it is started in asks for."""

from pathlib import Path

from checklist.job import run

if __name__ == "__main__":
    run(Path.cwd())
