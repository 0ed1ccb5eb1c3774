"""Keys and one-time logins. Secrets are shown once; only their SHA-256 is stored."""
