"""What thinks: the model that the settings name, steady, with its fallbacks behind it."""

from brain.models import Mind, mind
from brain.settings import ModelSettings

__all__ = ["Mind", "open_mind"]


def open_mind(settings: ModelSettings) -> Mind:
    """Imports what the model needs, which takes a second.

    Raises:
        ModelUnavailableError: It cannot be built; the message says what to install or set.
    """
    return mind(settings)
