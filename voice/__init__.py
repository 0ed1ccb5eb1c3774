"""The telephone: speech in, speech out, and the turns of a conversation in sound.

Owns the pipeline between a stream of audio frames and a handler of what was said. Imports nothing of
ours; what a call means is decided by `gateway.phone`. Empty until the telephone is connected.
"""
