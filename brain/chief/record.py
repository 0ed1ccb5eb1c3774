"""Writing the conversation down in the ledger, where the panel, the export and the chief itself read it."""

from collections import deque

import structlog

from agentops import AgentOpsClient, AgentOpsError, ValidationFailed
from agentops.wire import ArtifactId, NewTurn, TurnRecord
from gateway.session.turns import Reply, Turn

PERSON = "person"
CHIEF = "chief"
NOTICE = "notice"
HEARD = "heard"
"""What a caller heard of an answer that was cut off; its `reply_to` is the turn that was answered."""
_MAX_TEXT_CHARS = 100_000
_MAX_KEPT = 200

log = structlog.get_logger(__name__)


class Record:
    """Records turns and replies. What a ledger that is away could not take follows with the next one."""

    def __init__(self, ops: AgentOpsClient) -> None:
        self._ops = ops
        self._late: deque[tuple[str, NewTurn]] = deque(maxlen=_MAX_KEPT)

    async def heard(self, turn: Turn) -> TurnRecord:
        """Record what the person said. Again is harmless.

        Returns:
            The ledger's row, with its place if it is new.

        Raises:
            AgentOpsError: The ledger is away; it is kept for later.
        """
        said = NewTurn(
            id=turn.id,
            role=PERSON,
            channel=turn.channel,
            text=_fitting(turn.text),
            attachments=[ArtifactId(file.artifact_id) for file in turn.attachments],
            said_at=turn.received_at,
        )
        return await self._write(turn.session_id, said)

    async def answered(self, reply: Reply) -> TurnRecord | None:
        """Record the answer. A ledger that is away must not cost the person the answer, so it is kept.

        Returns:
            The ledger's row; None when it is recorded later.
        """
        said = NewTurn(
            id=reply.id,
            role=CHIEF,
            channel=reply.channel,
            text=_fitting(reply.text),
            reply_to=reply.turn_id,
            said_at=reply.at,
        )
        try:
            return await self._write(reply.session_id, said)
        except AgentOpsError as away:
            log.warning("reply.not_recorded", turn_id=reply.turn_id, code=away.code)
            return None

    async def _write(self, session_id: str, said: NewTurn) -> TurnRecord:
        try:
            while self._late:
                await self._post(*self._late[0])
                self._late.popleft()
            return await self._post(session_id, said)
        except AgentOpsError:
            self._late.append((session_id, said))
            raise

    async def _post(self, session_id: str, said: NewTurn) -> TurnRecord:
        try:
            return await self._ops.record_turn(session_id, said)
        except ValidationFailed as refused:
            # A file that is gone must not keep the words out of the record.
            log.warning("turn.recorded_without_files", turn_id=said.id, detail=refused.detail)
            bare = NewTurn(id=said.id, role=said.role, channel=said.channel, text=said.text)
            return await self._ops.record_turn(session_id, bare)


def _fitting(text: str) -> str:
    return text.replace("\x00", "")[:_MAX_TEXT_CHARS]
