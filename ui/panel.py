"""What every page is given: the read models, and the means to act for the person."""

from dataclasses import dataclass

from agentops import AgentOpsClient
from ui.board import BoardModel
from ui.conversation import Conversation
from ui.live import Live, Workers
from ui.reading import Following
from ui.rights import Rights
from ui.settings import UiSettings


@dataclass(frozen=True)
class Panel:
    """Made once, by `main.serve`."""

    settings: UiSettings
    ops: AgentOpsClient
    """Reads, with the panel's own reader key."""
    rights: Rights
    """Acts, with the key of the person's session."""
    live: Live
    board: BoardModel
    conversation: Conversation
    workers: Workers
    following: Following
    """What readings are made with."""
