"""PostgreSQL and Redis as child processes, for a machine that offers neither.

`EmbeddedPostgres` and `EmbeddedRedis` find a server program, keep its data under `COS_HOME` and make it
reachable through a private unix socket only. Imports nothing of ours but `ops.errors`. Start reading at
`ops.embedded.postgres`; docs/adr/0002-embedded-services.md says why it is built this way.
"""
