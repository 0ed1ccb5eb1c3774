"""The queues that one would take instead, each set up as its own documentation says."""
