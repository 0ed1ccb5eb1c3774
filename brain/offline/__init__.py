"""A model that needs no account, no network and no graphics card.

Sentence templates first, then a small intent classifier, then honest questions; wrapped as a Strands
model, so that the agent loop and the tools are the same as with a large model. Everything is derived
from the messages: there is no state of its own, so any process can go on with a conversation.

May import `brain.rows` and `brain.messages`, never the chief or the gateway. Start with `model`, then
`planner`.
"""
