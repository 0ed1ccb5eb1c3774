"""The worker: claims tasks from the ledger, does them with skills, and reports.

Owns: one task's way from its files to its result (`work`, `outputs`), the choice of a skill (`choice`), and
the child processes in which skills run (`runner`, `child`). Claiming, leases and endings are those of
`agentops.worker`. May import: agentops, and nothing else of this repository. Start reading at `main`, then
`work`.
"""
