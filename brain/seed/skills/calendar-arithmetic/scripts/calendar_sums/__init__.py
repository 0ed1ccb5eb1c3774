"""Questions about dates, answered in a sentence. Start reading at `job`."""
