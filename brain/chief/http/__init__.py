"""The chief over HTTP: `POST /chat`, the same as a stream, and OpenAI's chat completions in front of it.

All three put a turn into the session stream and hear the reply there, as every channel does. Start with
`app`, then `exchange`.
"""

from brain.chief.http.app import ChatServices, create_app

__all__ = ["ChatServices", "create_app"]
