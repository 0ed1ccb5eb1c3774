"""Workers: who they are, whether they are there, what they hold."""
