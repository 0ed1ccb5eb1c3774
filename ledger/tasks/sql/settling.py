# ruff: noqa: S608 - put together from constants of this package and of the state table only
"""Finishing a batch and taking the next one: the two commands of a busy worker as one statement."""

from ledger.once import Command
from ledger.tasks.sql.claiming import CLAIMED, CLAIMS, KEPT, TAKE
from ledger.tasks.sql.parts import shifted, tell
from ledger.tasks.sql.working import ASKED, ASKED_ONE, FINISH, FINISHED, OUTCOMES

WAS = "was_"
"""Before the name of what tells of an item, beside the claims."""
_FINISHING = 5
"""Arguments of the first half."""
_OUTCOME = ("task_id", "epoch", "done", "number", "claim_epoch", "status", "version", "anothers")


def _next(steps: str) -> str:
    return shifted(steps, _FINISHING)


def _settle(asked: str) -> Command:
    """Line by line beside each other: the outcomes in their order, the claims in theirs."""
    return Command(
        f"""{asked}, {FINISH}, {_next(TAKE)}, told AS ({tell(FINISHED, _next(CLAIMED))}),
outcome AS (SELECT o.*, row_number() OVER () AS n FROM ({OUTCOMES}) o),
given AS (SELECT c.*, row_number() OVER () AS n FROM ({_next(CLAIMS)}) c)""",
        f"""SELECT {", ".join(f"outcome.{name} AS {WAS}{name}" for name in _OUTCOME)}, given.*
FROM outcome FULL JOIN given USING (n) ORDER BY n""",
        keep=", ".join(f"{WAS}{name}" for name in _OUTCOME) + f", {KEPT}",
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
