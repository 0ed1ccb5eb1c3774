"""Skills that workers make themselves: checked, tested in the sandbox, registered, used by all.

Owns: what a made skill's folder consists of (`folders`), the check of its code (`checking`), its test and its
calls in the sandbox (`trying`), and the shelf on which all workers find it (`shelf`). May import:
`brain.seed.sandbox`, `brain.seed.catalog`, `brain.seed.web`, agentops. Start reading at `shelf`.
"""

from brain.seed.making.folders import Draft, MadeSkill
from brain.seed.making.shelf import SkillCard, SkillShelf
from brain.seed.making.wishes import skill_tools

__all__ = ["Draft", "MadeSkill", "SkillCard", "SkillShelf", "skill_tools"]
