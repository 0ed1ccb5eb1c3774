"""Telling a notice: on record in the ledger first, then in the stream. Both once."""

import hashlib
from collections.abc import Iterable, Sequence

import msgspec
import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import Artifact, Event, NewTurn
from gateway.notify.audience import Audience, Recipient
from gateway.notify.wording import merged_text
from gateway.session.stream import SessionStream
from gateway.session.turns import Attachment, Notice

log = structlog.get_logger(__name__)


class Teller:
    """Tells notices; to repeat one is harmless."""

    def __init__(self, ops: AgentOpsClient, stream: SessionStream, audience: Audience) -> None:
        self._ops = ops
        self._stream = stream
        self._audience = audience

    async def tell(self, notice: Notice, recipient: Recipient) -> bool:
        """Tell it where the person wants to hear of it now; False when it had been told before.

        Raises:
            AgentOpsError: The ledger cannot take the record just now.
        """
        route = await self._audience.route(recipient)
        notice = msgspec.structs.replace(notice, channel=route.channel, address=route.address)
        await self._record(notice)
        told = await self._stream.notify(notice)
        if told:
            log.info("notice.told", session_id=notice.session_id, kind=notice.kind, task_id=notice.task_id)
        return told

    async def tell_together(self, notices: Sequence[Notice], recipient: Recipient, *, ring: bool) -> None:
        """Tell several as one; a single one as it is.

        Raises:
            AgentOpsError: The ledger cannot take the record just now.
        """
        if len(notices) == 1:
            await self.tell(msgspec.structs.replace(notices[0], ring=ring), recipient)
        elif notices:
            await self.tell(_merged(notices, ring=ring), recipient)

    async def attachments(self, event: Event) -> tuple[Attachment, ...]:
        """What a completed task made, pictures first."""
        if event.type != "task.completed" or event.task_id is None:
            return ()
        made = [one for one in await self._ops.list_artifacts(event.task_id) if one.kind == "output"]
        result = event.payload.get("result")
        named = result.get("artifacts") if isinstance(result, dict) else None
        if isinstance(named, list):
            made = [one for one in made if one.id in named] or made
        return _pictures_first(made)

    async def _record(self, notice: Notice) -> None:
        record = NewTurn(
            id=notice.id,
            role="notice",
            channel="notice",
            text=notice.text,
            attachments=[attachment.artifact_id for attachment in notice.attachments],  # type: ignore[misc]
            task_id=notice.task_id,  # type: ignore[arg-type]
            said_at=notice.at,
        )
        try:
            await self._ops.record_turn(notice.session_id, record)
        except AgentOpsError as error:
            if error.retryable:
                raise
            # The person shall hear of their task even if the ledger will not have the record.
            log.warning("notice.not_recorded", notice_id=notice.id, code=error.code)


def _merged(notices: Sequence[Notice], *, ring: bool) -> Notice:
    """The same notices make the same one, so that it is told once."""
    newest = max(notices, key=lambda notice: notice.at)
    together = hashlib.sha256("\n".join(sorted(notice.id for notice in notices)).encode())
    panel = next((notice.url.rpartition("/")[0] for notice in notices if notice.url), None)
    return Notice(
        id=f"notice-merged-{together.hexdigest()[:24]}",
        session_id=newest.session_id,
        kind="merged",
        text=merged_text(sorted(notices, key=lambda notice: notice.at)),
        ring=ring,
        url=panel,
        at=newest.at,
    )


def _pictures_first(made: Iterable[Artifact]) -> tuple[Attachment, ...]:
    ordered = sorted(made, key=lambda one: not one.media_type.startswith("image/"))
    return tuple(
        Attachment(artifact_id=one.id, name=one.name, media_type=one.media_type, size_bytes=one.size_bytes)
        for one in ordered
    )
