"""The functions that worker, monitor and pages share, and the news they send."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from outreach.db import repository
from outreach.db.live import RESYNC, LiveChange, listen, notify, parse_payload
from outreach.db.repository import NewAlert, NewPromise, NewSuggestion
from outreach.db.tables import Call, PlannedContact, UserAccount
from outreach.errors import InputError
from tests.world import MORNING, World


def test_a_call_in_all_its_parts(world: World) -> None:
    person = world.person()
    world.call(person, "CA1")
    with world.database.session() as session:
        detail = repository.call_detail(session, "CA1")
        finding = detail.findings[0]
        alert = NewAlert(
            call_sid="CA1",
            kind="threat-visit",
            severity="high",
            raised_at=MORNING,
            finding_id=finding.id,
            latency_ms=700,
        )
        repository.append_alert(session, alert)
        repository.append_suggestion(
            session,
            NewSuggestion(
                call_sid="CA1",
                stage="opening",
                script="opening-zh",
                version="1",
                step="greet",
                digest="sha256:0",
                text="您好",
                shown_at=MORNING,
                disclosures=["recording"],
            ),
        )
        promise = NewPromise(
            case_id=person.case_id,
            made_at=MORNING,
            amount=Decimal("500.00"),
            currency="CNY",
            due_date=date(2026, 12, 1),
            call_sid="CA1",
        )
        repository.append_promise(session, promise)
        assert repository.append_disclosure(session, "CA1", "recording", heard_at=MORNING)
        assert not repository.append_disclosure(session, "CA1", "recording", heard_at=MORNING)
        repository.set_call_summary(session, "CA1", {"outcome": "promise"}, flagged=False)
    with world.database.session() as session:
        detail = repository.call_detail(session, "CA1")
    assert [said.seq for said in detail.utterances] == [0, 1]
    assert [said.speaker for said in detail.utterances] == ["agent", "debtor"]
    assert detail.call.flagged, "an alert flags its call, and a summary does not take that back"
    assert detail.call.summary == {"outcome": "promise"}
    parts = (detail.findings, detail.alerts, detail.suggestions, detail.disclosures, detail.promises)
    assert [len(part) for part in parts] == [1, 1, 1, 1, 1]
    assert detail.promises[0].amount == Decimal("500.00")


def test_an_alert_is_acknowledged_once(world: World) -> None:
    world.call(world.person(), "CA1")
    with world.database.session() as session:
        users = [
            UserAccount(login=login, password_hash="x", role="supervisor", display=login, created_at=MORNING)
            for login in ("one", "two")
        ]
        session.add_all(users)
        new = NewAlert(call_sid="CA1", kind="k", severity="low", raised_at=MORNING)
        alert = repository.append_alert(session, new)
        for user in users:
            repository.acknowledge_alert(session, alert.id, user_id=user.id, now=MORNING)
        assert alert.acknowledged_by == users[0].id
        with pytest.raises(InputError):
            repository.acknowledge_alert(session, 999, user_id=users[0].id, now=MORNING)
        assert repository.find_user(session, "one") is users[0]
        users[0].disabled_at = MORNING
        session.flush()
        assert repository.find_user(session, "one") is None


def test_live_and_recent_calls(world: World) -> None:
    for sid in ("CA1", "CA2"):
        world.call(world.person(), sid)
    with world.database.session() as session:
        repository.update_call(session, "CA1", status="in_progress")
    with world.database.session() as session:
        assert [call.sid for call in repository.list_live_calls(session)] == ["CA1"]
        assert [call.sid for call in repository.list_recent_calls(session)] == ["CA2"]


def test_a_call_reported_twice_is_one_call(world: World) -> None:
    attempt_id = world.call(world.person(), "CA1")
    with world.database.session() as session:
        again = repository.create_call(session, sid="CA1", attempt_id=attempt_id, agent=None, started_at=MORNING)
        assert again.agent == "agent-1"
        assert len(session.scalars(select(Call)).all()) == 1


def test_unknown_things_are_bad_input(world: World) -> None:
    with world.database.session() as session:
        with pytest.raises(InputError):
            repository.get_call(session, "CA404")
        with pytest.raises(InputError):
            repository.case_with_people(session, 404)
    world.call(world.person(), "CA1")
    with world.database.session() as session, pytest.raises(InputError):
        repository.update_call(session, "CA1", colour="red")


def test_refused_contacts_are_listed_with_their_rulings(world: World) -> None:
    refusal = world.refused(world.person(flags=["hospitalised"]))
    with world.database.session() as session:
        (attempt,) = repository.list_refused(session)
        assert attempt.id == UUID(refusal.attempt_id)
        assert repository.case_with_people(session, attempt.case_id).debt.currency == "CNY"


def test_planned_contacts_are_taken_once_most_urgent_first(world: World) -> None:
    person = world.person()
    with world.database.session() as session:
        for priority, wait_secs in ((0, 0), (5, 0), (9, 60)):
            session.add(
                PlannedContact(
                    case_id=person.case_id,
                    debtor_id=person.debtor_id,
                    contact_point_id=person.point_id,
                    channel="voice",
                    purpose="collection",
                    priority=priority,
                    due_at=MORNING + timedelta(seconds=wait_secs),
                    state="queued",
                    details={},
                )
            )
    with world.database.session() as one, world.database.session() as two:
        first, second = (repository.take_planned(session, "w", MORNING) for session in (one, two))
        assert first is not None
        assert second is not None
        assert (first.priority, second.priority) == (5, 0)
    with world.database.session() as session:
        assert repository.take_planned(session, "w", MORNING) is None


async def test_news_arrive_after_the_commit_and_never_after_a_rollback(world: World) -> None:
    news: AsyncIterator[LiveChange | None] = listen(world.database.dsn, idle_secs=0.2)
    assert await anext(news) == RESYNC

    def say(name: str, *, keep: bool) -> None:
        with world.database.session() as session:
            notify(session, LiveChange(call="CA1", kind=name, id="7"))
            if not keep:
                session.rollback()

    await asyncio.to_thread(say, "lost", keep=False)
    await asyncio.to_thread(say, "kept", keep=True)
    change = await anext(news)
    while change is None:
        change = await anext(news)
    assert change == LiveChange(call="CA1", kind="kept", id="7")
    assert await anext(news) is None, "silence is answered with a heartbeat"
    await news.aclose()  # type: ignore[attr-defined]


async def test_a_lost_connection_is_made_again(world: World) -> None:
    news: AsyncIterator[LiveChange | None] = listen(world.database.dsn, idle_secs=0.2)
    assert await anext(news) == RESYNC

    def cut() -> None:
        with world.database.session() as session:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'"
            session.execute(text(query))

    await asyncio.to_thread(cut)
    change = await anext(news)
    while change is None:
        change = await anext(news)
    assert change == RESYNC
    await news.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("payload", ["", "[]", "{}", '{"call": "x"}', "nonsense"])
def test_a_payload_of_another_form_means_read_afresh(payload: str) -> None:
    assert parse_payload(payload) == RESYNC


def test_no_row_without_its_call(world: World) -> None:
    with pytest.raises(InputError), world.database.session() as session:
        repository.append_utterance(
            session,
            repository.NewUtterance(
                call_sid=f"CA{uuid4().hex}",
                speaker="agent",
                start_secs=0,
                end_secs=1,
                text="x",
                clear=True,
                heard_at=MORNING,
            ),
        )
