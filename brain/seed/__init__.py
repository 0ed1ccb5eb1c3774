"""The worker: claims tasks from the ledger, does them with skills, and reports.

Owns: the loop that claims (`loop`), the keeping of leases (`leases`), one task's way from claim to end
(`work`), the choice of a skill (`choice`), and the child processes in which skills run (`runner`, `child`).
May import: agentops, and nothing else of this repository. Start reading at `main`, then `loop`.
"""
