"""People, their contacts and preferences; how strangers are let in. Start at `people`, then `pairings`."""
