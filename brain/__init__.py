"""What thinks: the chief that talks to the person, and the seeds that do the work.

Owns the choice of the model (`models`), the model that needs no account (`offline`), the chief and the
seed. Chief and seed never import each other: they meet in the ledger. Start with `chief.main` or
`seed.main`.
"""
