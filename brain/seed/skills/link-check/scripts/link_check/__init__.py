"""Which links still work. Start reading at `job`."""
