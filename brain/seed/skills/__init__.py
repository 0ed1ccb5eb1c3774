"""The built-in skills, one Agent Skills folder each: SKILL.md and the scripts that it names.

Nothing here is imported by the worker: a skill runs in a child process of its own. `brain.seed.catalog`
reads the folders, `brain.seed.protocol` says what a script is given and what it answers.
"""
