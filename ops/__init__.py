"""Running it: the `cos` command, the supervisor of the parts, embedded PostgreSQL and Redis, logging.

May import every part's `main` and `settings`; nobody imports ops. Start reading at `ops.cli`, then
`ops.launcher`.
"""
