"""`cos backup` and `cos restore`: one encrypted file that holds all of an installation.

The database as of one moment, the artifacts that it names, what lay in Redis, the keys and the settings. The
file is a tar archive (`archive`) under authenticated encryption in chunks (`sealing`), written and read as a
stream: neither needs more memory or disk for a larger installation. Start reading at `saving`, then
`restoring`.
"""
