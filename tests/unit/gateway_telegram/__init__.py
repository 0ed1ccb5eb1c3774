"""Telegram's pure parts: text, parts, commands, pace, access, settings."""
