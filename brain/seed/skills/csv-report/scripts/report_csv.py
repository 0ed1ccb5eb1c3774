"""Reports on the CSV files named in `job.json` of the folder it is started in."""

from pathlib import Path

from csv_report.job import run

if __name__ == "__main__":
    run(Path.cwd())
