"""Keeping the collector of garbage from stopping everybody.

What a process has loaded by the time it serves stays for good: some hundred thousand objects, which each full
collection looks through while nobody is answered, for a tenth of a second. Set aside, it is not looked at.
"""

import gc


def settle() -> None:
    """Set aside all that there is; called when a process is ready to serve, with its models loaded."""
    gc.freeze()
