"""Projects, tasks, their claims and gates. Start at `states`, then `sql`, then `claims`."""
