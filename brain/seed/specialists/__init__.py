"""Workers for one trade, raised when a task calls for them and the person agrees.

Owns: what a specialist is (`spec`), who there is on this machine (`roster`), how one is proposed and approved
(`hiring`), and how they are kept: started for work, restarted when they die, stopped when idle (`keeper`), as
processes or containers (`runtimes`, `docker`). May import: `brain.seed`, agentops. Start reading at `spec`,
then `keeper`.
"""
