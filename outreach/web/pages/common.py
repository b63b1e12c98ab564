"""What every page shares: language, the frame's values, safe redirects."""

from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse

from outreach.web.access import Visitor
from outreach.web.deps import state_of
from outreach.web.i18n import DEFAULT_LANG, LANGS, translator
from outreach.web.roles import OVERSIGHT, Role

LANG_COOKIE = "fairline_lang"


def language_of(request: Request) -> str:
    """The language chosen in the cookie, else the default."""
    chosen = request.cookies.get(LANG_COOKIE, "")
    return chosen if chosen in LANGS else DEFAULT_LANG


def page(request: Request, template: str, visitor: Visitor | None, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render a page inside the frame."""
    state = state_of(request)
    lang = language_of(request)
    account = visitor.account if visitor is not None else None
    body = state.templates.get_template(template).render(
        t=translator(lang),
        lang=lang,
        langs=LANGS,
        account=account,
        csrf=visitor.csrf if visitor is not None else "",
        oversees=account is not None and account.role in OVERSIGHT,
        recogniser=state.deps.options.recogniser,
        path=request.url.path,
        **values,
    )
    return HTMLResponse(body, status_code=status)


def home_of(role: Role) -> str:
    """Where a role begins."""
    return "/live" if role in OVERSIGHT else "/account"


def local_path(target: str | None, fallback: str) -> str:
    """`target` when it is a path on this site, else `fallback`: nobody is sent elsewhere by a link."""
    if not target:
        return fallback
    parts = urlsplit(target)
    safe = not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if safe and not any(ord(char) < 32 or char == "\\" for char in target) else fallback
