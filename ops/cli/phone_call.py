"""What `cos call` calls, and what it prints of a call."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from ops.cli.base import print_table

if TYPE_CHECKING:
    from ops.phone_calling import Called
    from ops.phone_figures import Stages
    from ops.remote import Remote
    from ops.settings import OpsSettings

_COLUMNS = ("quiet", "text", "turn", "words", "phrase", "sound")
_LEGEND = (
    "Milliseconds from the last sound to the answer's first, as the caller hears it; then by the gateway's "
    "clock: silence noticed, speech to text, turn decided, the chief's first words, enough of them to speak, "
    "first sound, and their sum."
)
_UNTOLD = (
    "Where the time went is not known: without a key to it (LEDGER_API_KEY), or while others call, a gateway "
    "does not tell."
)


def called_at(settings: "OpsSettings", gateway: str) -> "tuple[Remote | None, str]":
    """The installation, if there is a key to it, and where its gateway listens.

    Raises:
        NotRunning: No gateway is named, and nothing runs here.
    """
    from ops.remote import Remote

    if not gateway:
        remote = Remote.of(settings)
        # It may have been started with other ports than the settings have now, as by `cos up --base-port`.
        return remote, remote.state.gateway if remote.state else settings.url("gateway")
    # What runs on this machine is another installation: its key and its ledger say nothing of that one.
    return (Remote.of(settings) if settings.ledger_api_key else None), gateway.rstrip("/")


def print_call(found: "Called") -> None:
    """For people."""
    if found.transcript:
        typer.echo("\n".join(found.transcript))
    rows = [
        [one.file, _ms(one.answered_after_s), *_staged(one.stages), _ms(one.cleared_after_s)]
        for one in found.said
    ]
    if len(rows) != 1 and found.turns:
        rows.append([f"mean of {found.turns}", None, *_staged(found.stages), None])
    print_table(["said", "answer", *_COLUMNS, "sum", "cleared"], rows, nothing="")
    typer.echo(_LEGEND if found.stages or any(one.stages for one in found.said) else _UNTOLD)
    greeted = "never" if found.greeted_after_s is None else f"{_ms(found.greeted_after_s)} ms after the start"
    typer.echo(f"Greeted {greeted}; the call took {found.lasted_s:.0f} s. What was heard: {found.heard}")


def _staged(stages: "Stages | None") -> Sequence[int | None]:
    """The stages in their order, and their sum."""
    if stages is None:
        return [None] * (len(_COLUMNS) + 1)
    told = (stages.vad_s, stages.stt_s, stages.turn_s, stages.brain_s, stages.sentence_s, stages.tts_s)
    return [_ms(seconds) for seconds in (*told, stages.voice_to_voice_s)]


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(1000 * seconds)
