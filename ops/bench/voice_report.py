"""The voice's figures beside its goals."""

from collections.abc import Iterator

from ops.bench.voice import Crowd, Spread, VoiceFigures

_STAGES = {
    "vad": "silence noticed",
    "stt": "speech to text",
    "turn": "turn decided",
    "brain": "first words",
    "sentence": "first sentence",
    "tts": "first sound",
}
_NO_PEOPLE = "     no recordings of people: apt-get install pocketsphinx-testdata, or --recordings FOLDER"


def told(found: VoiceFigures) -> str:
    """The whole run, for people. Times hold for a machine that has nothing else to do."""
    return "\n".join(_lines(found))


def _lines(found: VoiceFigures) -> Iterator[str]:
    yield _goal("voice to voice, synthetic", found.synthetic, 500, 800)
    yield _goal("voice to voice, people", found.people, None, 1_200) if found.people else _NO_PEOPLE
    yield _crowd("", found.crowd, 900)
    if found.by_vendor and found.by_vendor_twice:
        yield _crowd(", vendor's speech", found.by_vendor, 750)
        yield _crowd(", vendor's speech", found.by_vendor_twice, 750)
    yield _goal("speech onset to clear", found.clear, None, 250)
    yield _goal("greeting", found.greeting, None, 400)
    yield _share("word errors, synthetic", found.synthetic_wer, 0.03)
    if found.people_wer is not None:
        yield _share("word errors, people", found.people_wer, 0.05)
    names = found.names
    yield f"     names: {names.after} of {names.of} are heard, {names.before} before the ledger had them"
    yield (
        f"     {found.split} clips were taken for more than one turn, {found.rejoined} pauses were answered "
        f"and joined again, {found.unanswered} clips had no answer, {found.bridged} turns began with "
        f"“one moment”; the gateway takes {found.memory_mb:.0f} MB"
    )
    yield "     one turn: " + ", ".join(f"{_STAGES[name]} {ms:.0f}" for name, ms in found.stages_ms.items())
    for one in found.misheard:
        yield f"     said “{one.said}”, heard “{one.heard}”"


def _goal(what: str, found: Spread, p50_ms: int | None, p95_ms: int) -> str:
    good = found.p95_ms <= p95_ms and (p50_ms is None or found.p50_ms <= p50_ms)
    goals = f"p50 {p50_ms}, p95 {p95_ms}" if p50_ms else f"p95 {p95_ms}"
    return (
        f"{_mark(good)} {what:36} p50 {found.p50_ms:6.0f} ms  p95 {found.p95_ms:6.0f} ms  "
        f"of {found.samples:3}  (goal {goals} ms)"
    )


def _crowd(whose: str, found: Crowd, p95_ms: int) -> str:
    by = "" if found.gateways == 1 else f" by {found.gateways} gateways"
    line = _goal(f"{found.callers} calls at once{by}{whose}", found.wait, None, p95_ms)
    return f"{line}, {found.cpu:.0%} of a core, {found.bridged} late, {found.unanswered} unanswered"


def _share(what: str, found: float, goal: float) -> str:
    return f"{_mark(found <= goal)} {what:36} {found:.1%}  (goal {goal:.0%})"


def _mark(good: bool) -> str:
    return "ok  " if good else "MISS"
