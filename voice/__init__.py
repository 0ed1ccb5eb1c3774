"""The telephone: speech in, speech out, and the turns of a conversation in sound.

Owns the pipeline between a line of audio and a handler of what was said, and the voice notes. Imports nothing
of ours; who calls and what is answered is decided by `gateway.phone`. Start reading at `port`, then `call`.
pipecat and the models are imported when `speech.open_speech` is entered, so importing this package is cheap.
"""
