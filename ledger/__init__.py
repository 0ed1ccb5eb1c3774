"""The ledger: projects, tasks, gates, artifacts and every event about them, behind an HTTP API.

Owns the tables and the only writes to them. May import the SDK's wire types and nothing else of ours.
Start reading at `ledger.tasks.states` (the life of a task), then `ledger.tasks.sql` (the statements that
move it), then `ledger.main` (how the process is put together).
"""
