"""The worker: claims tasks from the ledger, does them, and reports.

Without a model, by rules: the choice of a skill (`choice`), its run in a child process (`runner`, `child`),
and one task's way from its files to its result (`work`, `outputs`). With one: `agent`, made when the first
task wants it (`thinking`), with the sandbox (`sandbox`), skills that it makes (`making`), the web (`web`) and
specialists that it raises (`specialists`). Both leave a `transcript`. Claiming, leases and endings are those
of `agentops.worker`. May import: agentops, `brain.models`, `brain.settings`. Start reading at `main`.
"""
