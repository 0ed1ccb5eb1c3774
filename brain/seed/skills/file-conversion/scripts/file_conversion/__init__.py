"""Files in another format. Start reading at `job`."""
