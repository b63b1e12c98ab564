"""The rulebook as every account may read it: the law is no secret inside (I/O: renders on first use)."""

from datetime import date
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool

from outreach.errors import InputError
from outreach.web.access import Access, Visitor
from outreach.web.deps import state_of
from outreach.web.pages.common import language_of, page
from outreach.web.roles import EVERYONE
from policy.book import Rulebook
from policy.telling.page import View, render_body

router = APIRouter()

Reader = Annotated[Visitor, Depends(Access(*EVERYONE))]
FIRST_YEAR, LAST_YEAR = 1900, 2199


@router.get("/rulebook")
async def rulebook(request: Request, visitor: Reader, on: str = "") -> Response:
    """The rules of a day (today without `on`), with what they rest on."""
    state = state_of(request)
    book = state.deps.rulebook
    day = _day(on) if on else state.deps.clock.now().date()
    body = await run_in_threadpool(_body, book, language_of(request), day)
    return page(request, "pages/rulebook.html", visitor, body=body)


def _day(text: str) -> date:
    """The day asked for; InputError input.day."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InputError("input.day", "`on` is not a day that exists", hint="write it as YYYY-MM-DD") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InputError("input.day", f"`on` lies outside {FIRST_YEAR} to {LAST_YEAR}", hint="choose another day")
    return day


@lru_cache(maxsize=8)
def _body(book: Rulebook, lang: str, day: date) -> Markup:
    return render_body(View(rulebook=book, lang=lang, day=day, embedded=True))
