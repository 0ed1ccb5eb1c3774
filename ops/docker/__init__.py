"""Images and a composition of them; `healthy` is what their health checks run."""
