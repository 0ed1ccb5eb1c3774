"""A call from the browser: begun by the composer's microphone, shown above it with what is being said."""

from nicegui.element import Element

from ui import strings


class CallBar(Element, component="call_bar.js"):
    """Nothing until somebody calls; then the state, the words as they come, and how to end it.

    Args:
        url: of the call's WebSocket, on this host.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self.props["url"] = url
        self.props["words"] = {
            "live": strings.CALL_LIVE,
            "states": dict(strings.CALL_STATES),
            "faults": dict(strings.CALL_FAULTS),
            "failed": strings.CALL_FAILED,
            "mute": strings.CALL_MUTE,
            "unmute": strings.CALL_UNMUTE,
            "end": strings.CALL_END,
            "close": strings.CALL_CLOSE,
            "person": strings.YOU,
            "chief": strings.CHIEF,
        }
