"""The HTTP edge: routes by noun, keys, problem details, idempotency. Start at `app`."""
