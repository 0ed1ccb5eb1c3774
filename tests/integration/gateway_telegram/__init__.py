"""The Telegram channel over real HTTP, against the Bot API server of tests/botapi."""
