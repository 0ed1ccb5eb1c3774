"""What Twilio is told to do with a call: https://www.twilio.com/docs/voice/twiml. Pure."""

from twilio.twiml.voice_response import Connect, VoiceResponse

MEDIA_TYPE = "application/xml"


def connected(stream_url: str, token: str, *, then: str) -> str:
    """Carry the call's sound over our WebSocket, both ways, until one side ends it.

    Args:
        stream_url: Of the WebSocket.
        token: What the stream shows at its start.
        then: Asked for what to do when the stream is over and the caller is still there.
    """
    response, connect = VoiceResponse(), Connect()
    connect.stream(url=stream_url).parameter(name="token", value=token)
    response.append(connect)
    response.redirect(then, method="POST")
    return str(response)


def told(words: str) -> str:
    """Say something with Twilio's own voice, and hang up."""
    response = VoiceResponse()
    response.say(words)
    response.hangup()
    return str(response)


def told_after_tone(words: str) -> str:
    """The same for an answering machine whose tone has just come: a breath first."""
    response = VoiceResponse()
    response.pause(length=1)
    response.say(words)
    response.hangup()
    return str(response)


def ended() -> str:
    """Hang up."""
    response = VoiceResponse()
    response.hangup()
    return str(response)
