"""Pages without script: signing in, and what is shown when there is no page."""

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


def sign_in(title: str, why: str = "", status: int = 401) -> HTMLResponse:
    """How to get in, and why this try did not work."""
    reason = f"<p>{escape(why)}</p>" if why else ""
    body = (
        f"{reason}<p>{strings.LOGIN_HOW}</p><pre><code>{strings.LOGIN_COMMAND}</code></pre>"
        f'<p class="quiet">{strings.LOGIN_OR_RESTART}</p>'
    )
    return page(title, body, status)


def not_found(title: str = strings.NOT_FOUND) -> HTMLResponse:
    """No such page."""
    return page(title, f"<p>{strings.NOT_FOUND_HOW}</p>{_way_back()}", 404)


def broken() -> HTMLResponse:
    """A page that failed while it was made."""
    return page(strings.BROKEN, f"<p>{strings.BROKEN_HOW}</p>{_way_back()}", 500)


def _way_back() -> str:
    return f'<p><a class="button" href="/">{strings.BACK_TO_OVERVIEW}</a></p>'
