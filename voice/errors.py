"""What can go wrong in the voice.

VoiceError
├── SpeechUnavailable   an engine cannot run here, or a setting names none; the message says what to do
├── EngineFailed        an engine broke at its work; another may do it
├── AudioUnreadable     bytes that are no recording of a kind that we know
└── AudioTooLong        a recording or a text beyond the limit
"""


class VoiceError(Exception):
    """Base of all errors that the voice raises on purpose."""


class SpeechUnavailable(VoiceError):
    """No engine for this; the message is for the person who runs the system and says what to do."""


class EngineFailed(VoiceError):
    """An engine broke at its work. The message names the engine, never what was said."""


class AudioUnreadable(VoiceError):
    """Not a recording that can be read; the message is for the person who sent it."""


class AudioTooLong(VoiceError):
    """Too much to listen to or to speak; the message is for the person and says the limit."""
