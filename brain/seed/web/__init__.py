"""The web, as far as the person lets a worker into it.

Owns: which hosts may be read (`hosts`), which addresses may be spoken to (`addresses`), fetching within
limits (`fetching`), pages as text (`pages`), the search provider (`searching`). May import: nothing of this
repository but `brain.seed.errors`. Start reading at `fetching`.
"""
