"""Commands that nobody has read, run where they can do no harm.

Owns: the sandbox around code that a model or a stranger wrote. `Sandbox.open` finds what the machine offers:
bubblewrap (namespaces), else Landlock with a system-call filter, else `SandboxUnavailable`. May import:
`brain.seed.errors`, and nothing else of this repository. Start reading at `sandbox`, then `bubblewrap`.
"""

from brain.seed.sandbox.errors import SandboxUnavailable
from brain.seed.sandbox.limits import Limits, Ran, Stopped
from brain.seed.sandbox.sandbox import Sandbox

__all__ = ["Limits", "Ran", "Sandbox", "SandboxUnavailable", "Stopped"]
