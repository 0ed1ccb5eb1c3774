"""What `make audit` asks of this repository: dangerous code, secrets in files, packages with known holes.

Each check is another's program; ours is what of its findings is known, and why (`exceptions`). A known one
that is not found any more is an error, too. May import: nothing of the parts. Start reading at `__main__`.
"""
