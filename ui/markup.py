"""Markdown to HTML that cannot do harm, whoever wrote it.

Raw HTML in the source stays visible text, only web and mail links become links, and a picture is shown only
when the caller knows it as a file of the ledger: nothing is loaded from elsewhere.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

MAX_CHARS = 200_000
MAX_LINE_CHARS = 2_000

_WORDS = {"text", "code_inline", "softbreak", "hardbreak"}
_BLANK = Token("softbreak", "", 0)


class _Renderer(RendererHTML):
    """Links leave the panel in a new tab and say nothing of where they come from."""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        """A picture of the ledger, or else its caption as text."""
        token = tokens[idx]
        caption = escape(self.renderInlineAsText(token.children, options, env))
        url = env["pictures"].get(str(token.attrs.get("src", "")))
        return f'<img src="{escape(url)}" alt="{caption}" loading="lazy">' if url else caption

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        """A table that is wider than its place scrolls, by the keyboard too."""
        tokens[idx].attrSet("tabindex", "0")
        return self.renderToken(tokens, idx, options, env)

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        """An outward link."""
        tokens[idx].attrSet("rel", "noopener noreferrer nofollow")
        tokens[idx].attrSet("target", "_blank")
        return self.renderToken(tokens, idx, options, env)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    return parser.enable(["table", "strikethrough"])


def to_line(markdown: str) -> str:
    """The words of a Markdown text in one line, without marks and pictures."""
    blocks = _parser().parse(markdown[:MAX_LINE_CHARS], {})
    leaves = (
        leaf for block in blocks if block.type == "inline" for leaf in [*(block.children or ()), _BLANK]
    )
    return " ".join("".join(leaf.content or " " for leaf in leaves if leaf.type in _WORDS).split())


def to_html(markdown: str, pictures: Mapping[str, str] | None = None) -> str:
    """HTML of a Markdown text.

    Args:
        markdown: cut after `MAX_CHARS`.
        pictures: addresses in this panel by the names under which the text may show them.
    """
    return str(_parser().render(markdown[:MAX_CHARS], {"pictures": pictures or {}}))
