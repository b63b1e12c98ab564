"""The rulebook inside the web application: for every account, for a day, in both languages, within the frame."""

import re

import pytest

from outreach.web.roles import Role
from tests.unit.outreach.web.conftest import Site


@pytest.mark.parametrize("role", list(Role))
async def test_every_account_reads_the_law_and_finds_the_way(site: Site, role: Role) -> None:
    async with site.client(role) as client:
        account = (await client.get("/account")).text
        answer = await client.get("/rulebook")
    assert account.count('href="/rulebook"') == 2
    assert answer.status_code == 200
    assert 'aria-current="page">规则库' in answer.text
    assert "cn-quiet-hours" in answer.text
    assert site.deps.rulebook.digest in answer.text


async def test_nobody_outside_reads_it(site: Site) -> None:
    async with site.client() as client:
        answer = await client.get("/rulebook", headers={"accept": "text/html"})
    assert answer.headers["location"] == "/login?next=/rulebook"


async def test_the_language_switch_of_the_frame_changes_the_page(site: Site) -> None:
    async with site.client(Role.COMPLIANCE) as client:
        chinese = (await client.get("/rulebook")).text
        await client.get("/lang/en", params={"next": "/rulebook"})
        english = (await client.get("/rulebook")).text
    assert "夜间不得联系" in chinese
    assert "No contact at night" in english
    headings = re.findall(r"<h[1-4][^>]*>(.*?)</h[1-4]>", english, re.DOTALL)
    assert not [text for text in headings if re.search("[\u4e00-\u9fff]", text)]


async def test_the_day_can_be_chosen(site: Site) -> None:
    async with site.client(Role.COMPLIANCE) as client:
        before = (await client.get("/rulebook", params={"on": "2026-01-29"})).text
        today = (await client.get("/rulebook")).text
    assert 'name="on" value="2026-01-29"' in before
    assert f'name="on" value="{site.clock.now().date().isoformat()}"' in today
    state = re.compile(r'id="cn--cn-no-private-devices" data-state="(\w+)"')
    assert [state.search(text)[1] for text in (before, today) if state.search(text)] == ["not_yet", "in_force"]  # type: ignore[index]


@pytest.mark.parametrize("day", ["2026-02-30", "soon", "0001-01-01", "9999-12-31", "20260229"])
async def test_a_day_that_is_none_is_told(site: Site, day: str) -> None:
    async with site.client(Role.AGENT) as client:
        answer = await client.get("/rulebook", params={"on": day}, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "input.day"


async def test_the_page_keeps_to_the_content_policy(site: Site) -> None:
    async with site.client(Role.ADMIN) as client:
        page = (await client.get("/rulebook")).text
        style = re.search(r'href="(/static/rulebook\.css\?v=\w+)"', page)
        script = re.search(r'src="(/static/rulebook\.js\?v=\w+)"', page)
        assert style is not None
        assert script is not None
        assert (await client.get(style[1])).headers["content-type"] == "text/css; charset=utf-8"
        assert (await client.get(script[1])).headers["content-type"] == "text/javascript; charset=utf-8"
        assert (await client.get("/static/alone.css")).status_code == 404
        assert (await client.get("/static/rulebook_body.html")).status_code == 404
    assert re.search(r"<script(?![^>]*\bsrc=)", page) is None
    assert re.search(r"\sstyle=|\son[a-z]+=\"|<style", page) is None
