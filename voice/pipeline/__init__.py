"""A call as a pipecat pipeline: microphone → (a vendor's STT) → ear → talker → (a vendor's TTS) → mouth.

`playback` is what the talker and the mouth both know: which sentences were given, sent and heard.
"""
