"""What holds for every answer: headers, errors, languages, static files, probes."""

import re
from pathlib import Path

import pytest

import outreach.web
from outreach.errors import (
    CarrierError,
    ClearanceError,
    ConfigError,
    EvidenceError,
    FairlineError,
    InputError,
    NotAvailableError,
    PolicyRefusedError,
    WebhookError,
)
from outreach.web.errors import status_of
from outreach.web.i18n import LANGS, load_catalogue, parse_catalogue, translator
from outreach.web.roles import Role
from tests.unit.outreach.web.conftest import Site

WEB = Path(outreach.web.__file__).parent
PAGES = ["/login", "/live", "/calls", "/account", "/nowhere", "/static/fairline.css", "/healthz"]


async def test_every_answer_carries_the_security_headers(site: Site) -> None:
    async with site.client(Role.SUPERVISOR) as client:
        for path in PAGES:
            answer = await client.get(path)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy, path
            assert "script-src 'self'" in policy, path
            assert "unsafe" not in policy, path
            assert answer.headers["x-content-type-options"] == "nosniff", path
            assert answer.headers["x-frame-options"] == "DENY", path
            assert answer.headers["cache-control"], path


async def test_no_page_holds_a_script_or_style_of_its_own(site: Site) -> None:
    async with site.client(Role.SUPERVISOR) as client:
        for path in ("/login", "/live", "/calls", "/account", "/nowhere"):
            page = (await client.get(path)).text
            assert re.search(r"<script(?![^>]*\bsrc=)", page) is None, path
            assert "<style" not in page, path
            assert re.search(r"\son[a-z]+=", page) is None, path
            assert re.search(r"\sstyle=", page) is None, path


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("input.unknown_call", ""), 404),
        (InputError("input.row", ""), 422),
        (PolicyRefusedError("refused.hours", ""), 409),
        (ClearanceError("clearance.reused", ""), 409),
        (CarrierError("carrier.down", ""), 502),
        (WebhookError("webhook.bad_signature", ""), 400),
        (EvidenceError("evidence.gap", ""), 500),
        (ConfigError("config.missing", ""), 500),
        (NotAvailableError("missing.model", ""), 503),
        (FairlineError("other.thing", ""), 500),
    ],
)
def test_the_table_of_statuses(error: FairlineError, status: int) -> None:
    assert status_of(error) == status


async def test_an_unknown_page_is_a_page_and_an_unknown_address_of_the_api_is_json(site: Site) -> None:
    async with site.client(Role.SUPERVISOR) as client:
        page = await client.get("/nowhere", headers={"accept": "text/html"})
        program = await client.get("/api/nowhere")
    assert (page.status_code, "没有这个页面" in page.text) == (404, True)
    assert program.json()["error"]["code"] == "input.unknown_page"


async def test_a_fault_of_ours_shows_no_traceback(site: Site) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret detail")

    site.app.router.add_api_route("/broken", broken)
    async with site.client(Role.SUPERVISOR) as client:
        answer = await client.get("/broken", headers={"accept": "text/html"})
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "internal.error" in answer.text


async def test_the_language_is_chosen_by_cookie_and_defaults_to_chinese(site: Site) -> None:
    async with site.client(Role.SUPERVISOR) as client:
        assert 'lang="zh-CN"' in (await client.get("/live")).text
        answer = await client.get("/lang/en", params={"next": "/calls"})
        assert answer.headers["location"] == "/calls"
        assert 'lang="en"' in (await client.get("/live")).text
        assert (await client.get("/lang/en", params={"next": "https://evil.test"})).headers["location"] == "/"


def test_every_text_exists_in_both_languages() -> None:
    for key, entry in load_catalogue().texts.items():
        assert set(entry) == set(LANGS), key
        gaps = {lang: set(re.findall(r"\{(\w+)\}", entry[lang])) for lang in LANGS}
        assert gaps["zh"] == gaps["en"], key


def test_every_text_a_template_asks_for_exists_and_every_plain_text_is_used() -> None:
    known = set(load_catalogue().texts)
    sources = [*WEB.rglob("*.html"), *WEB.rglob("*.py")]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    asked = set(re.findall(r"""\bt\(\s*["']([a-z_]+\.[a-z0-9_.]+)["']""", text))
    asked |= set(re.findall(r"""["']([a-z_]+\.[a-z_]+)["'] if """, text))
    groups = set(re.findall(r"""t\.code\(["']([a-z]+)["']""", text)) | {"proof", "error"}
    assert {key for key in asked if key.split(".")[0] in {k.split(".")[0] for k in known}} <= known
    quoted = set(re.findall(r"""["']([a-z_]+\.[a-z0-9_-]+)["']""", text))
    unused = {key for key in known if key.split(".")[0] not in groups and key not in quoted}
    assert unused == set()


@pytest.mark.parametrize(
    "document", ["[]", "a: {zh: 甲}", "a: {zh: 甲, en: ''}", "a: {zh: 甲, en: x, fr: y}", "a: text", "a: {}"]
)
def test_a_lame_catalogue_is_refused(document: str) -> None:
    with pytest.raises(FairlineError) as caught:
        parse_catalogue(document)
    assert caught.value.code == "config.text"


def test_a_missing_text_is_an_error() -> None:
    with pytest.raises(FairlineError, match="no_such"):
        translator("zh")("no_such")


async def test_static_files_are_ours_and_nothing_else(site: Site) -> None:
    async with site.client() as client:
        style = await client.get("/static/fairline.css")
        assert style.headers["content-type"] == "text/css; charset=utf-8"
        assert "immutable" in style.headers["cache-control"]
        for name in ("../app.py", "..%2Fapp.py", "app.py", "texts.yaml", "none.css"):
            assert (await client.get(f"/static/{name}")).status_code == 404


async def test_figures_and_health(site: Site) -> None:
    token = site.signer.new_bearer(site.account(Role.ADMIN).id, site.clock.now())
    async with site.client() as client:
        await client.get("/login")
        assert (await client.get("/healthz")).json() == {"ok": False, "checks": {"database": True, "feed": False}}
        answer = await client.get("/metrics", headers={"authorization": f"Bearer {token}"})
    assert 'fairline_http_requests_total{route="/login",status="200"} 1.0' in answer.text
