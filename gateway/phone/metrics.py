"""What the telephone counts and measures; Prometheus fetches it with the gateway's other figures."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)

CALLS = Gauge("cos_calls", "Calls that are held right now.")
ENDED = Counter("cos_calls_ended_total", "Calls that are over, by who ended them.", ["by"])
REFUSED = Counter("cos_calls_refused_total", "Calls and streams that were not let in, by why.", ["why"])
BARGE_INS = Counter("cos_barge_ins_total", "Times that a caller spoke over the voice.")
CLEARED = Histogram("cos_barge_in_seconds", "From their first sound to silence.", buckets=_SECONDS)
VENDOR_ERRORS = Counter("cos_speech_vendor_errors_total", "Speech engines that failed.", ["vendor"])
GREETED = Histogram("cos_greeting_seconds", "From a call's start to the first sound.", buckets=_SECONDS)
VOICE_TO_VOICE = Histogram(
    "cos_voice_to_voice_seconds", "From the caller's last sound to the answer's first.", buckets=_SECONDS
)
STAGE = Histogram("cos_voice_stage_seconds", "Where that time went.", ["stage"], buckets=_SECONDS)
RINGS = Counter("cos_rings_total", "Calls that we placed, by how they ended.", ["outcome"])
