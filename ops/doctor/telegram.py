"""Telegram: the token, and whether updates arrive the way that the settings want."""

from ops.doctor.findings import Finding, Ground, bad, good, hint, off
from ops.errors import TelegramRefused
from ops.telegram import BotApi, WebhookInfo, token_of

AREA = "telegram"
MANY_WAITING = 100


async def check(ground: Ground) -> list[Finding]:
    """Asks the Bot API twice; changes nothing there."""
    token = token_of(ground.told)
    if token is None:
        return [off(AREA, "bot", "no TELEGRAM_BOT_TOKEN; `cos telegram setup` helps")]
    api = BotApi(token, ground.told.get("TELEGRAM_API_BASE", BotApi.base))
    try:
        account, webhook = await api.account(), await api.webhook()
    except TelegramRefused as error:
        return [bad(AREA, "bot", "the token cannot be used", str(error))]
    wanted = ground.told.get("TELEGRAM_WEBHOOK_URL", "")
    return [
        good(AREA, "bot", f"@{account.username}"),
        updates(wanted, webhook, runs=ground.state is not None),
    ]


def updates(wanted: str, webhook: WebhookInfo, *, runs: bool) -> Finding:
    """How updates arrive.

    Args:
        wanted: TELEGRAM_WEBHOOK_URL; empty means polling.
        webhook: What Telegram says.
        runs: Whether a gateway runs, which sets or drops the webhook at its start.
    """
    if webhook.last_error_message and wanted == webhook.url:
        advice = "Telegram must reach this address over https with a certificate that it trusts."
        return bad(AREA, "updates", f"the last delivery failed: {webhook.last_error_message}", advice)
    if wanted != webhook.url:
        said = f"Telegram sends to {webhook.url or 'nobody'}, and the settings want {wanted or 'polling'}"
        advice = "Restart the gateway; it sets the webhook, or drops it, at its start."
        return bad(AREA, "updates", said, advice) if runs else hint(AREA, "updates", said, advice)
    waiting = webhook.pending_update_count
    if waiting > MANY_WAITING:
        return hint(AREA, "updates", f"{waiting} updates wait", "Is the gateway running? `cos logs gateway`")
    return good(AREA, "updates", f"by {'webhook' if wanted else 'polling'}, {waiting} wait")
