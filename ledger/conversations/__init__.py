"""The record of what was said, by session."""
