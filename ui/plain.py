"""Pages without script: signing in, and what is shown when there is no page."""

from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

from ui import strings, theme

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{tab}</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{stylesheet}">
</head>
<body class="plain">
<main class="plain-card">
<p class="wordmark">{app}</p>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""

_PASSWORD_FORM = f"""<form class="form" action="/login" method="post">
<label class="labelled"><span class="label">{strings.PASSWORD_LABEL}</span>
<input class="field" type="password" name="password" autocomplete="current-password" required></label>
<button class="button" type="submit">{strings.SIGN_IN}</button>
</form>"""


@dataclass(frozen=True)
class Ways:
    """How people may come in besides by a one-time link; what the sign-in page offers."""

    password: bool = False
    provider: str = ""
    """The host of the OpenID provider; empty: none."""


LINKS_ALONE = Ways()


def page(title: str, body: str, status: int = 200) -> HTMLResponse:
    """A whole page; `body` is markup of ours."""
    content = _PAGE.format(
        title=escape(title),
        tab=escape(strings.titled(title)),
        app=strings.APP,
        body=body,
        stylesheet=theme.stylesheet_path(),
    )
    return HTMLResponse(content, status, headers={"Cache-Control": "no-store"})


def sign_in(title: str = "", why: str = "", status: int = 401, *, ways: Ways = LINKS_ALONE) -> HTMLResponse:
    """How to get in, and why this try did not work; without a title it is the first."""
    title = title or (strings.LOGIN_NEEDED if ways == LINKS_ALONE else strings.LOGIN_TITLE)
    parts = [f"<p>{escape(why)}</p>"] if why else []
    if ways.provider:
        name = escape(strings.SIGN_IN_WITH.format(provider=ways.provider))
        parts.append(f'<p><a class="button button-main" href="/login/openid">{name}</a></p>')
    if ways.password:
        parts.append(_PASSWORD_FORM)
    if ways != LINKS_ALONE:
        parts.append(f"<h2>{strings.LOGIN_OR_LINK}</h2>")
    parts.append(f"<p>{strings.LOGIN_HOW}</p><pre><code>{strings.LOGIN_COMMAND}</code></pre>")
    parts.append(f'<p class="quiet">{strings.LOGIN_OR_RESTART}</p>')
    return page(title, "".join(parts), status)


def not_found(title: str = strings.NOT_FOUND) -> HTMLResponse:
    """No such page."""
    return page(title, f"<p>{strings.NOT_FOUND_HOW}</p>{_way_back()}", 404)


def broken() -> HTMLResponse:
    """A page that failed while it was made."""
    return page(strings.BROKEN, f"<p>{strings.BROKEN_HOW}</p>{_way_back()}", 500)


def _way_back() -> str:
    return f'<p><a class="button" href="/">{strings.BACK_TO_OVERVIEW}</a></p>'
