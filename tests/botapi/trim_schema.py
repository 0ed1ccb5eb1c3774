"""Cuts the part in use out of the full Bot API schema: `python tests/botapi/trim_schema.py FULL.json`.

Descriptions go, and every definition that none of `METHODS` nor an update can reach.
"""

import json
import sys
from pathlib import Path
from typing import Any

METHODS = (
    "answerCallbackQuery",
    "deleteMessage",
    "deleteWebhook",
    "editMessageCaption",
    "editMessageReplyMarkup",
    "editMessageText",
    "getFile",
    "getMe",
    "getMyCommands",
    "getUpdates",
    "getWebhookInfo",
    "sendChatAction",
    "sendDocument",
    "sendMediaGroup",
    "sendMessage",
    "sendPhoto",
    "sendVoice",
    "setMessageReaction",
    "setMyCommands",
    "setWebhook",
)
TRIMMED = Path(__file__).with_name("schema.json")


def trim(full: dict[str, Any]) -> dict[str, Any]:
    """Returns `{"definitions", "params", "returns", "update"}`, the middle two by method."""
    everything = full["definitions"]["Everything"]["properties"]
    roots = {
        "params": {name: everything["params"]["properties"][name] for name in METHODS},
        "returns": {name: everything["returns"]["properties"][name] for name in METHODS},
        "update": everything["update"],
    }
    reached: dict[str, Any] = {}
    waiting = _references(roots)
    while waiting:
        name = waiting.pop()
        reached[name] = full["definitions"][name]
        waiting |= _references(reached[name]) - reached.keys()
    return {"definitions": _without_descriptions(reached), **_without_descriptions(roots)}


def written(schema: dict[str, Any]) -> str:
    """One definition a line, so that a new version of the API shows in a diff."""
    sections = []
    for name, content in sorted(schema.items()):
        if name == "update":
            sections.append(f'"{name}": {_line(content)}')
            continue
        lines = ",\n".join(f'"{key}": {_line(value)}' for key, value in sorted(content.items()))
        sections.append(f'"{name}": {{\n{lines}\n}}')
    return "{\n" + ",\n".join(sections) + "\n}\n"


def _references(node: object) -> set[str]:
    found: set[str] = set()
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            found.add(node["$ref"].rsplit("/", 1)[-1])
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            found |= _references(item)
    return found


def _without_descriptions(node: Any) -> Any:
    if isinstance(node, dict):
        # A property may itself be called "description"; the annotation is always a string.
        return {
            key: _without_descriptions(value)
            for key, value in node.items()
            if not (key == "description" and isinstance(value, str))
        }
    if isinstance(node, list):
        return [_without_descriptions(item) for item in node]
    return node


def _line(node: object) -> str:
    return json.dumps(node, sort_keys=True, separators=(",", ":"))


if __name__ == "__main__":
    TRIMMED.write_text(written(trim(json.loads(Path(sys.argv[1]).read_text("utf-8")))), "utf-8")
