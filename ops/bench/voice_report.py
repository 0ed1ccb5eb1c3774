"""The voice's figures beside its goals."""

from ops.bench.voice import Spread, VoiceFigures

_STAGES = {
    "vad": "silence noticed",
    "stt": "speech to text",
    "turn": "turn decided",
    "brain": "first words",
    "sentence": "first sentence",
    "tts": "first sound",
}


def told(found: VoiceFigures) -> str:
    """The whole run, for people. Times hold for a machine that has nothing else to do."""
    lines = [
        _goal("voice to voice, synthetic", found.synthetic, 500, 800),
        *([_goal("voice to voice, people", found.people, None, 1_200)] if found.people else [_NO_PEOPLE]),
        _goal(f"{found.crowd_size} calls at once ({found.crowd_cpu:.0%} of a core)", found.crowd, None, 900),
        _goal("speech onset to clear", found.clear, None, 250),
        _goal("greeting", found.greeting, None, 400),
        _share("word errors, synthetic", found.synthetic_wer, 0.03),
        *([_share("word errors, people", found.people_wer, 0.05)] if found.people_wer is not None else []),
        f"     {found.split} clips were taken for more than one turn; {found.memory_mb:.0f} MB of memory",
        "     one turn: " + ", ".join(f"{_STAGES[name]} {ms:.0f}" for name, ms in found.stages_ms.items()),
    ]
    return "\n".join(lines)


_NO_PEOPLE = "     no recordings of people: apt-get install pocketsphinx-testdata, or --recordings FOLDER"


def _goal(what: str, found: Spread, p50_ms: int | None, p95_ms: int) -> str:
    good = found.p95_ms <= p95_ms and (p50_ms is None or found.p50_ms <= p50_ms)
    goals = f"p50 {p50_ms}, p95 {p95_ms}" if p50_ms else f"p95 {p95_ms}"
    return (
        f"{_mark(good)} {what:36} p50 {found.p50_ms:6.0f} ms  p95 {found.p95_ms:6.0f} ms  "
        f"of {found.samples:3}  (goal {goals} ms)"
    )


def _share(what: str, found: float, goal: float) -> str:
    return f"{_mark(found <= goal)} {what:36} {found:.1%}  (goal {goal:.0%})"


def _mark(good: bool) -> str:
    return "ok  " if good else "MISS"
