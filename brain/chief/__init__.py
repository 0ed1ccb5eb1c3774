"""The chief: turns what the person says into rows of the ledger, and rows into answers.

Owns the conversation with the model, its tools, the check that nothing is claimed without a row, and
`POST /chat`. May import gateway.session (turns in, replies out), agentops (the ledger) and brain's own
modules; never the seed. Start with `main`, then `answering` and `tools`.
"""
