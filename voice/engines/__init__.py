"""The models that run here: likelihood of speech, end of a turn, speech to text, text to speech.

Each is loaded once a process and shared by all calls; what a call needs of its own is small. Building is slow
and blocks, so it is done in threads by `voice.speech`.
"""
