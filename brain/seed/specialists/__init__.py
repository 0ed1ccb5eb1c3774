"""Workers for one trade, raised when a task calls for them and the person agrees.

Owns: what a specialist is (`spec`), who there is on this machine (`roster`), how one is proposed and approved
(`hiring`), whether there is work for one (`demand`), and how they are kept: started for work, restarted when
they die, stopped when idle or by hand (`keeper`), as processes (`runtimes`), containers (`docker`), or on
Scaleway (`serverless`, `scaleway`). May import: `brain.seed`, agentops. Start reading at `spec`, then
`keeper`.
"""
