"""How well a model does the chief's work, measured: `cos eval`.

Conversations from YAML files run through the real chief, its real tools and a ledger in memory; every turn is
judged by what was called, with what, and by what the person heard. New conversations need no code. Start
with `conversations` (the format), then `running` and `judging`; docs/evals.md is for whoever writes files.
"""
