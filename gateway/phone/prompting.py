"""Tells the voice, during a call, what words to listen for."""

import asyncio
from collections.abc import Iterable

from agentops import AgentOpsClient
from gateway.session.turns import Reply
from gateway.vocabulary import names_in, vocabulary
from voice.port import Call


class Prompter:
    """Of one call."""

    def __init__(self, ops: AgentOpsClient, session_id: str) -> None:
        self._ops = ops
        self._session_id = session_id
        self._call: asyncio.Future[Call] = asyncio.get_running_loop().create_future()
        self._phrases: list[str] = []
        self._heard = ""

    def begin(self, call: Call) -> None:
        """The caller is let in."""
        if not self._call.done():
            self._call.set_result(call)

    async def run(self) -> None:
        """Once the caller is let in, tell what the ledger knows."""
        call = await self._call
        self._add(call, await vocabulary(self._ops, self._session_id))

    def answered(self, said: str, reply: Reply) -> None:
        """The names in an answer may be said next; but those in what was heard may have been misheard."""
        self._heard += f" {said}"
        if self._call.done():
            self._add(self._call.result(), names_in(reply.text, besides=self._heard))

    def _add(self, call: Call, phrases: Iterable[str]) -> None:
        new = [one for one in dict.fromkeys(phrases) if one not in self._phrases]
        if new:  # what is told anew is made ready anew
            self._phrases = [*new, *self._phrases]
            call.listen_for(self._phrases)
