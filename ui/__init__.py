"""The panel: what needs the person, what runs, what came back, and the chat, in a browser.

Owns the web pages, the login of a browser and the read models behind the pages. It reads and acts through
`agentops` alone, and talks to the gateway over HTTP; it knows no table, no Redis and no channel.

Start reading at `main.serve`, then `panel.Panel` (what every page is given), `live.Live` (the one
subscription to the ledger's events that all tabs share) and `pages/`.
"""
