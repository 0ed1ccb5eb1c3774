"""How much of a machine each part gets, and how many of it run."""

import re
from dataclasses import dataclass, replace

from ops.errors import SettingsUnusable

_RULE = re.compile(r"(\w+)=(\d+)(?:-(\d+))?")
MOST_AT_ALL = 50
"""More of one container do not run at Scaleway."""


@dataclass(frozen=True)
class Size:
    """One container of a part."""

    port: int
    health: str
    """The path that answers 200 when it is well."""
    memory_mb: int
    mvcpu: int
    """Thousandths of a processor."""
    least: int
    most: int
    """More than `least` run while there are many requests at once."""
    own_kernel_calls: bool = False
    """Needs calls that the default sandbox of the place does not know: bubblewrap does."""


USUAL = {
    "ledger": Size(8700, "/health/ready", 1024, 500, 1, 4),
    # Takes its work from Redis, not from requests, so nothing outside can see that it needs company.
    "chief": Size(8701, "/health/ready", 1024, 500, 1, 1),
    "gateway": Size(8702, "/health/ready", 2048, 1000, 1, 4),
    # A browser's session lives in the one process that it began with.
    "ui": Size(8703, "/health/ready", 512, 250, 1, 1),
    "seed": Size(8704, "/health/live", 2048, 1000, 1, 1, own_kernel_calls=True),
}
"""In the order in which they are brought: each needs those before it."""


def sized(rules: str) -> dict[str, Size]:
    """The usual sizes with other numbers: `ledger=1-5 chief=2 seed=0`; a part with 0 is left out.

    Raises:
        SettingsUnusable: A rule that cannot be understood.
    """
    sizes = dict(USUAL)
    for rule in rules.split():
        found = _RULE.fullmatch(rule)
        if not found or found[1] not in USUAL:
            raise SettingsUnusable(
                f"DEPLOY_SCALE: {rule!r} is not like ledger=1-5, with one of {', '.join(USUAL)}."
            )
        least, most = int(found[2]), int(found[3] or found[2])
        if not least <= most <= MOST_AT_ALL:
            raise SettingsUnusable(f"DEPLOY_SCALE: {rule!r} does not count upwards to at most {MOST_AT_ALL}.")
        sizes[found[1]] = replace(sizes[found[1]], least=least, most=most)
    return {part: size for part, size in sizes.items() if size.most}
