# ruff: noqa: S608 - put together from constants of this package and of the state table only
"""Finishing a batch and taking the next one: the two commands of a busy worker as one statement."""

from ledger.once import Command
from ledger.tasks.sql.claiming import CLAIMED, CLAIMS, KEPT, NO_CLAIM, TAKE
from ledger.tasks.sql.parts import shifted, tell
from ledger.tasks.sql.working import ASKED, ASKED_ONE, FINISH, FINISHED, HANDED_IN

_FINISHING = 5
"""Arguments of the first half."""


def _next(steps: str) -> str:
    return shifted(steps, _FINISHING)


def _settle(asked: str) -> Command:
    """A row of what was handed in, if anything was, then one for each claim: `was` tells them apart."""
    return Command(
        f"{asked}, {FINISH}, {_next(TAKE)}, told AS ({tell(FINISHED, _next(CLAIMED))}), {HANDED_IN}",
        f"""SELECT was, {NO_CLAIM} FROM handed_in WHERE EXISTS (SELECT FROM asked)
UNION ALL SELECT NULL, given.* FROM ({_next(CLAIMS)}) given""",
        memory=f"""SELECT json_build_array(json_build_object(
    'was', CASE WHEN EXISTS (SELECT FROM asked) THEN (SELECT was FROM handed_in) END, {_next(KEPT)})) AS rows
FROM taken HAVING count(*) > 0 OR EXISTS (SELECT FROM asked)""",
    )


SETTLE = _settle(ASKED)
"""The five arguments of COMPLETE_BATCH, then the seven of CLAIM_NEXT.

A task that waits only for one of this batch is not among those taken: they are chosen from what was
finished before.
"""
SETTLE_ONE = _settle(ASKED_ONE)
"""The same for one item, whose task, epoch and result are the first three arguments.

Arrays of one would be planned anew each time, which takes longer than all the rest: a plan for any array
counts on ten items, and looks too dear beside one for these.
"""
