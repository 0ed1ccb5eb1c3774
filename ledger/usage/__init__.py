"""Usage and budgets: what work has cost, what it may cost, and the stop when that is spent.

Owns the tables usage and budget, and a budget's rows in claim_stop. `standing` is how a budget stands
(pure), `recording` counts, `budgets` sets limits, `sums` reads. Start at `standing`.
"""
