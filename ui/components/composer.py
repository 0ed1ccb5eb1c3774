"""Where the person writes: text and files, sent as one form, so that nothing typed is lost on an error."""

from nicegui.element import Element

from ui import strings, wording


class Composer(Element, component="composer.js"):
    """The chat's input. It posts to the panel by itself; the draft survives a reload of the page.

    Args:
        url: where the form goes.
        max_bytes: more than this in files is refused before anything is sent.
    """

    def __init__(self, url: str, max_bytes: int) -> None:
        super().__init__()
        self.props["url"] = url
        self.props["max-bytes"] = max_bytes
        self.props["words"] = {
            "label": strings.MESSAGE,
            "hint": strings.MESSAGE_HINT,
            "attach": strings.ATTACH,
            "remove": strings.REMOVE,
            "call": strings.CALL,
            "send": strings.SEND,
            "sending": strings.SENDING,
            "drop": strings.DROP_HERE,
            "notSent": strings.NOT_SENT,
            "empty": strings.EMPTY_MESSAGE,
            "offline": strings.NO_CONNECTION,
            "tooBig": strings.TOO_BIG,
            "limit": wording.size(max_bytes),
        }

    def suggest(self, text: str) -> None:
        """Put a text into the field, for the person to change or send."""
        self.run_method("suggest", text)
