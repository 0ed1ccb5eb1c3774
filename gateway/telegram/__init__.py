"""Telegram as a channel: messages in, turns out; replies, notices and pictures back.

Owns everything that knows the Bot API. May import `gateway.session`, `gateway.outbound` (the port that
`channel.TelegramChannel` fills), `gateway.errors` and the SDK; no other channel. Start with `channel`.

Only `client` imports aiogram, and only when a channel opens: its models take seconds to build and 150 MB,
which nobody without a bot should pay.
"""
