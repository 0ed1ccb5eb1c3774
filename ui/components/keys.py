"""Keys of the ledger: made, renewed and revoked with the person's own right; secrets are shown once."""

from datetime import UTC, datetime

from agentops import AgentOpsClient
from agentops.wire import Key, MintedKey, NewKey, RotateKey, Scope
from ui.components.elements import KeyedList, Moment, Part, el, on_click
from ui.components.forms import Sure, Values, choice, field, on_form, submit
from ui.components.frame import Frame
from ui.strings import settings as words

MAX_KEYS = 200


class KeySection:
    """The keys, loaded for this tab alone: who may not see them does not."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._minted: MintedKey | None = None
        self._denied = el("p", "empty-line", words.NOT_FOR_READERS)
        self._denied.set_visibility(False)
        with el("div", "keys") as self._all:
            self._secret = Part(el("div", role="status"), self._draw_secret)
            self._living = self._list()
            with el("details", "fold") as self._past:
                self._past_title = el("summary", "", "")
                self._ended = self._list()
            with on_form(el("form", "form"), self._create):
                field(words.KEY_NAME, "name", required=True)
                choice(words.KEY_SCOPE, "scope", words.SCOPES, value=Scope.READER.value)
                submit(words.KEY_NEW)

    def _list(self) -> KeyedList[Key]:
        rows = el("ul", "entries")
        return KeyedList[Key](rows, key=lambda key: key.id, draw=self._draw_key, classes="entry entry-line")

    async def load(self) -> None:
        """Read and show them."""
        found: list[Key] = []

        async def read(ops: AgentOpsClient) -> None:
            found.extend(await ops.list_keys())

        allowed = await self._frame.act(read)
        self._all.set_visibility(allowed)
        self._denied.set_visibility(not allowed)
        self._show(found)

    def _show(self, keys: list[Key]) -> None:
        keys = sorted(keys, key=lambda key: key.created_at, reverse=True)
        ended = [key for key in keys if not _lives(key)]
        self._living.show([key for key in keys if _lives(key)][:MAX_KEYS])
        self._ended.show(ended[:MAX_KEYS])
        self._past.set_visibility(bool(ended))
        self._past_title.text = words.SHOW_REVOKED.format(n=len(ended))

    def _draw_key(self, key: Key) -> None:
        el("span", "strong", key.name)
        el("span", "quiet", words.SCOPES.get(key.scope, key.scope))
        with el("span", "quiet"):
            if key.last_used_at:
                el("span", text=f"{words.KEY_USED} ")
                Moment(key.last_used_at)
            else:
                el("span", text=words.KEY_UNUSED)
        with el("span", "entry-end"):
            if not _lives(key):
                el("span", "quiet", words.KEY_REVOKED if key.revoked_at else words.KEY_EXPIRED)
            elif key.id == self._frame.key_id:
                el("span", "quiet", words.KEY_YOURS)
            else:
                self._draw_acts(key)

    def _draw_acts(self, key: Key) -> None:
        quiet = "button-quiet"
        Sure(
            words.ROTATE,
            words.ROTATE_SURE,
            words.ROTATE_YES,
            lambda: self._rotate(key),
            name=key.name,
            classes=quiet,
        )
        Sure(
            words.REVOKE,
            words.REVOKE_SURE,
            words.REVOKE_YES,
            lambda: self._revoke(key),
            name=key.name,
            classes=quiet,
        )

    def _draw_secret(self) -> None:
        if self._minted is None:
            return
        with el("div", "gate secret"):
            el("p", text=words.KEY_SHOWN.format(name=self._minted.name))
            el("code", "code", self._minted.secret, tabindex=0)
            on_click(el("button", "button", words.KEY_SHOWN_DONE, type="button"), self._forget_secret)

    # --- acting

    async def _create(self, values: Values) -> None:
        wanted = NewKey(name=values.get("name", ""), scope=Scope(values.get("scope", "")))

        async def create(ops: AgentOpsClient) -> None:
            self._minted = await ops.create_key(wanted)

        await self._frame.act(create)
        await self._show_secret()

    async def _rotate(self, key: Key) -> None:
        async def rotate(ops: AgentOpsClient) -> None:
            self._minted = await ops.rotate_key(key.id, RotateKey())

        await self._frame.act(rotate)
        await self._show_secret()

    async def _revoke(self, key: Key) -> None:
        await self._frame.act(lambda ops: ops.revoke_key(key.id), words.REVOKED)
        await self.load()

    async def _show_secret(self) -> None:
        """After the list: redrawn behind it, it would close a question that was opened meanwhile."""
        try:
            await self.load()
        finally:
            self._secret.show(self._minted)

    def _forget_secret(self) -> None:
        self._minted = None
        self._secret.show(None)


def _lives(key: Key) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > datetime.now(UTC))
