"""What the checks find and is meant to be so, each with its reason.

For dangerous code, the reason mostly stands beside the line: ruff has the same checks, and its `# noqa: S…`
counts here as well.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A finding that is all right.

    Attributes:
        file: Of the repository.
        kind: As the checking program calls it.
        why: The reason.
    """

    file: str
    kind: str
    why: str


CODE = (
    Known("ledger/once.py", "B608", "Made of placeholders alone; their numbers are ours."),
    Known("ops/audit/checks.py", "B404", "It starts the programs that check."),
    Known("ops/audit/checks.py", "B603", "Argument lists; the files' names are git's."),
    Known("ops/audit/checks.py", "B607", "git is found by name on purpose."),
    Known("ops/bench/telegram.py", "B105", "Of a bot and a webhook that the bench plays itself."),
    Known("ops/embedded/binaries.py", "B404", "It asks pg_config and the servers for their versions."),
    Known("ops/embedded/binaries.py", "B603", "Argument lists of programs that were found by name."),
    Known("ops/phone_calls.py", "B405", "It reads what our own gateway has just written."),
    Known("ui/sessions.py", "B107", "An empty default: then a secret is made and kept."),
)
_MADE_UP = "Made up for the test; it opens nothing."
_SHOWN = "Shows the form of an address; it opens nothing."
SECRETS = (
    Known(".env.example", "Basic Auth Credentials", _SHOWN),
    Known("docs/phone.md", "Twilio API Key", "Shows the form of an account's name."),
    Known("gateway/telegram/webhook.py", "Secret Keyword", "The name of a header."),
    Known("ops/bench/telegram.py", "Secret Keyword", "Of a webhook that the bench plays itself."),
    Known("ops/bench/voice_vendor.py", "Secret Keyword", "For a vendor that the bench plays itself."),
    Known("ledger/people/pairings.py", "Base64 High Entropy String", "The alphabet of pairing codes."),
    Known("ledger/settings.py", "Basic Auth Credentials", _SHOWN),
    Known("ops/kubernetes/data/postgres.yaml", "Basic Auth Credentials", _SHOWN),
    Known(
        "ops/kubernetes/example/ingress.yaml", "Secret Keyword", "The name of a secret, not what is in it."
    ),
    Known("ui/strings/__init__.py", "Secret Keyword", "Words of a form that asks for a password."),
)
UNREAD = (
    "tests/",  # whatever looks like a secret there is made up: tests start without any account
    "brain/offline/vocab.txt",  # 30,000 parts of words, published with the model that knows them
)
"""What is not looked at for secrets: beginnings of names."""
