"""The models that answer, and what they are told."""

from dataclasses import dataclass

from strands.models import Model

from brain.models import OFFLINE
from gateway.session.turns import CALLS


@dataclass(frozen=True)
class Mind:
    """One model, as a turn uses it."""

    model: Model
    name: str
    prompt: str

    @property
    def thinks(self) -> bool:
        """Whether it is a language model; one of templates costs nothing and follows no text."""
        return thinks(self.model)


@dataclass(frozen=True)
class Minds:
    """The models that answer, and what they are told."""

    talking: Model
    """For conversation."""
    commands: Model
    """For slash commands, which mean the same whichever model talks."""
    name: str
    """Of the talking one, as COS_MODEL spells it."""
    prompt: str
    """For what is read."""
    voice: Model | None = None
    """For what is heard; None: the talking one."""
    voice_name: str = ""
    voice_prompt: str = ""
    """For what is heard; empty: the same."""

    def on(self, channel: str) -> Mind:
        """The one for a channel: on calls, answers are heard and not read."""
        if channel not in CALLS:
            return Mind(self.talking, self.name, self.prompt)
        return Mind(
            self.voice or self.talking, self.voice_name or self.name, self.voice_prompt or self.prompt
        )


def thinks(model: Model) -> bool:
    """Whether it is a language model, by its own word: it may stand behind another."""
    config = model.get_config()
    return not (isinstance(config, dict) and config.get("model_id") == OFFLINE)
