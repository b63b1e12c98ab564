"""Random scenarios in the published form, from a seed: valid against its schema, and hard on the edges (pure).

About half of them permit. Combinations the format gives no meaning to (a bounced call, a text that was `busy`) are left
out; everything else that the schema allows may come up. Labelled and unlabelled addresses are not mixed in one scenario
unless `MIXED_ADDRESSES` says so: an unlabelled contact means "the debtor's only address".
"""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from tests.naive import clocks
from tests.naive.common import DAYS, Item, Scenario, clocks_of
from tests.naive.packs import READERS

MIXED_ADDRESSES = 0.04
FLAGS = [
    "hospitalised",
    "represented",
    "ceased",
    "deceased",
    "disputed",
    "minor",
    "breathing_space",
    "wrong_number",
    "bankrupt",
    "revoked_sms_consent",
    "on_do_not_call",
    "employer_prohibits",
    "lacks_capacity",
    "bereavement",
    "grievance_open",
    "third_party_refused",
]
OTHER_PARTIES = ["third_party", "guarantor", "spouse", "parent", "guardian", "executor", "attorney"]
PURPOSES = ["collection", "reminder", "requested_callback", "location_information", "reply", "opt_out_confirmation"]
OUTBOUND = {
    "voice": [
        "no_answer",
        "conversation",
        "voicemail",
        "busy",
        "not_in_service",
        "wrong_number",
        "declined",
        "dropped",
    ],
    "voicemail": ["delivered", "voicemail", "bounced"],
    "sms": ["delivered", "delivered", "bounced"],
    "email": ["delivered", "delivered", "bounced"],
}
INBOUND = {"voice": ["conversation", "no_answer", "voicemail", "dropped"], "sms": ["delivered"], "email": ["delivered"]}
ADDRESSES = ["M1", "M1", "M2", "H1", "W1", "E1"]
KINDS = ["additional_calls", "inconvenient_time", "artificial_voice"]


def random_question(pack: str, seed: int, index: int) -> Scenario:
    """Scenario number `index` of that seed, without an expectation; the same numbers give the same scenario."""
    prefix = pack.split("-", maxsplit=1)[0]
    return _Draw(Random(f"{pack}/{seed}/{index}"), pack).scenario(f"{prefix}-random-{seed}-{index}")


def random_scenario(pack: str, seed: int, index: int) -> Scenario:
    """The same with the naive reading as its expectation: a complete record of the published form."""
    question = random_question(pack, seed, index)
    rules = READERS[pack](question)
    answer = {
        "expect": "deny" if rules else "permit",
        "rules": rules,
        "note": "random; expectation by the naive reading",
    }
    return question | {"source": "random scenario"} | answer


class _Draw:
    """The draws of one scenario; what is drawn first (zones, instant, attempt) shapes what follows."""

    def __init__(self, rng: Random, pack: str) -> None:
        self.rng, self.pack = rng, pack
        self.zones = clocks.zone_list(rng, pack)
        self.at = clocks.attempt_instant(rng, self.zones)
        self.labels = rng.choices(["none", "all", "mixed"], [50, 50 - 100 * MIXED_ADDRESSES, 100 * MIXED_ADDRESSES])[0]
        self.attempt = self._attempt()

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def text(self, at: datetime) -> str:
        return clocks.text(self.rng, at, self.zones[0])

    def today(self) -> date:
        return self.at.astimezone(clocks_of(self.zones[0])).date()

    def scenario(self, scenario_id: str) -> Scenario:
        debtor = self._debtor()
        history = sorted([*self._history(), *self._dialogue()], key=lambda item: datetime.fromisoformat(item["at"]))
        return {"id": scenario_id, "pack": self.pack, "debtor": debtor, "history": history, "attempt": self.attempt}

    def _label(self, record: Item) -> Item:
        if self.labels == "all" or (self.labels == "mixed" and self.chance(0.5)):
            record["address"] = self.rng.choice(ADDRESSES)
        return record

    def _attempt(self) -> Item:
        rng = self.rng
        party = "debtor" if self.chance(0.86) else rng.choice(OTHER_PARTIES)
        found: Item = {
            "at": self.text(self.at),
            "channel": rng.choices(["voice", "sms", "email"], [66, 21, 13])[0],
            "purpose": rng.choices(PURPOSES, [58, 14, 8, 3, 11, 6])[0],
            "debt": rng.choices(["D1", "D2"], [85, 15])[0],
            "party": party,
        }
        if party in ("third_party", "guarantor") and self.chance(0.5):
            found["purpose"] = "location_information"
        if self.chance(0.12):
            found["place"] = rng.choice(["work", "work", "personal"])
        if self.chance(0.15):
            found["voice"] = rng.choice(["artificial", "artificial", "human"])
        return self._label(found)

    def _debtor(self) -> dict[str, Any]:
        rng = self.rng
        preferences: dict[str, Any] = {
            "no_contact_windows": [self._window() for _ in range(rng.choices([0, 1, 2, 3], [72, 20, 6, 2])[0])],
            "no_channels": rng.sample(["voice", "sms", "email"], rng.choices([0, 1, 2], [89, 9, 2])[0]),
        }
        if self.labels != "none" and self.chance(0.3):
            preferences["no_addresses"] = rng.sample(["M1", "M2", "H1", "W1", "E1"], rng.choice([0, 1, 1, 2]))
        found: dict[str, Any] = {"timezones": self.zones, "flags": self._flags(), "preferences": preferences}
        if self.chance(0.25):
            found["birth_date"] = self._birth_date().isoformat()
        if self.pack == "us-reg-f" or self.chance(0.05):
            region = rng.choice(["US-MA", "US-MA", "US-CA", "US-AZ", None, None, None])
            found |= {"region": region} if region else {}
        if self.chance(0.5 if self.pack == "us-reg-f" else 0.15):
            found["consents"] = [self._consent() for _ in range(rng.choices([0, 1, 2, 3], [5, 60, 25, 10])[0])]
        return found

    def _flags(self) -> list[str]:
        return self.rng.sample(FLAGS, self.rng.choices([0, 1, 2, 3, 5], [81, 14, 3, 1, 1])[0])

    def _birth_date(self) -> date:
        kind = self.rng.choices(["edge", "adult", "child", "leap"], [30, 45, 15, 10])[0]
        if self.today().year == 2026 and abs((self.today() - date(2026, 3, 1)).days) <= 2:
            kind = "leap"
        if kind == "edge":  # the 18th birthday yesterday, today, tomorrow
            born = self.today() + timedelta(days=self.rng.choice([-1, 0, 0, 1]))
            return born.replace(year=born.year - 18, day=28 if (born.month, born.day) == (2, 29) else born.day)
        if kind == "leap":
            return date(self.rng.choice([2008, 2008, 2004, 1980]), 2, 29)
        years = self.rng.randint(20, 70) if kind == "adult" else self.rng.randint(8, 17)
        return date(self.today().year - years, self.rng.randint(1, 12), self.rng.randint(1, 28))

    def _clock(self, around: int, spread: int) -> int:
        return (around + self.rng.randint(-spread, spread)) % 1440

    def _window(self, *, open_night: bool = False) -> dict[str, Any]:
        """A weekly window: around the attempt's minute with both edges exact at times, past midnight, whole days."""
        rng = self.rng
        days = rng.choice([DAYS, DAYS, DAYS[:5], DAYS[5:], rng.sample(DAYS, rng.randint(1, 6))])
        clock = self.at.astimezone(clocks_of(rng.choice(self.zones)))
        minute = clock.hour * 60 + clock.minute
        kind = rng.choices(["around", "edge", "any", "whole", "night"], [22, 28, 30, 2, 18])[0]
        start, end = rng.randrange(1440), rng.randrange(1440)
        if kind == "around":
            start, end = self._clock(minute, 120), self._clock(minute, 120)
        elif kind == "edge":
            start, end = rng.choice([(minute, self._clock(minute, 300)), (self._clock(minute, 300), minute)])
        elif kind == "whole":
            start, end = rng.choice([(0, 1440), (0, 1440), (minute, minute)])
        if kind == "night" or (open_night and self.chance(0.5)):
            start, end = rng.choice([(1260, 1320), (1200, 600), (1320, 480), (360, 480), (1260, 1440), (1140, 1260)])
        if end == 0:
            end = 1440
        if start == end and self.chance(0.8):
            end = start % 1440 + 1
        return {
            "days": list(days),
            "start": f"{start // 60:02d}:{start % 60:02d}",
            "end": f"{end // 60:02d}:{end % 60:02d}",
        }

    def _consent(self) -> Item:
        rng = self.rng
        kind = rng.choice(KINDS)
        if kind != "additional_calls" and self.chance(0.5):
            given = self.at - timedelta(days=rng.randint(1, 200), seconds=rng.randrange(86400))
        else:
            given = clocks.earlier_instant(rng, self.at, self.zones[0], rng.choice(["day", "week", "week", "month"]))
        if self.chance(0.03):
            given = self.at + timedelta(seconds=rng.choice([0, 1, 86400]))
        found: Item = {"kind": kind, "at": self.text(given), "given_to": rng.choice(["collector"] * 3 + ["creditor"])}
        if self.chance(0.4):
            found["debt"] = rng.choice(["D1", "D1", "D1", "D2", "D3"])
        if self.chance(0.3):
            later = [
                self.at,
                self.at + timedelta(seconds=1),
                self.at - timedelta(seconds=1),
                self.at + timedelta(days=30),
            ]
            found["valid_until"] = self.text(rng.choice([*later, given + timedelta(days=rng.randint(1, 9))]))
        if kind == "inconvenient_time" and self.chance(0.9):
            found["window"] = self._window(open_night=True)
        elif kind != "inconvenient_time" and self.chance(0.12):
            found["window"] = self._window()
        return found

    def _history(self) -> list[Item]:
        rng = self.rng
        if self.chance(0.14):
            return self._siege()
        count = rng.choices([0, rng.randint(1, 3), rng.randint(4, 8), rng.randint(9, 20)], [30, 33, 23, 14])[0]
        mode = rng.choice(["day", "week", "week", "month", "month"])
        quiet_outcomes = self.chance(0.7)
        return [self._item(mode, quiet_outcomes) for _ in range(count)]

    def _siege(self) -> list[Item]:
        """Nearly as many, as many, or just more calls to the same person than a limit allows, nobody having spoken."""
        mode = self.rng.choice(["day", "week"])
        found = []
        for _ in range(self.rng.choice([2, 3, 4, 6, 7, 7, 7, 8, 9])):
            item = self._item(mode, True) | {"direction": "outbound", "party": self.attempt["party"]}
            item |= {
                "channel": "voice",
                "outcome": self.rng.choice(["no_answer"] * 6 + ["voicemail", "busy", "dropped"]),
            }
            if self.chance(0.9):
                item["debt"] = self.attempt["debt"]
            found.append(item)
        return found

    def _item(self, mode: str, quiet_outcomes: bool) -> Item:
        rng = self.rng
        direction = "inbound" if self.chance(0.1) else "outbound"
        channel = rng.choices(["voice", "sms", "email", "voicemail"], [72, 14, 6, 8])[0]
        if direction == "inbound":
            channel = "voice" if channel == "voicemail" else channel
            outcome = rng.choice(INBOUND[channel])
        elif channel == "voice" and quiet_outcomes and self.chance(0.85):
            outcome = rng.choice(["no_answer", "no_answer", "voicemail", "busy", "not_in_service"])
        else:
            outcome = rng.choice(OUTBOUND[channel])
        own = self.attempt["party"]
        found: Item = {
            "at": self.text(clocks.earlier_instant(rng, self.at, self.zones[0], mode)),
            "channel": channel,
            "direction": direction,
            "outcome": outcome,
            "debt": rng.choices(["D1", "D2", "D3"], [70, 22, 8])[0],
            "party": own if self.chance(0.8) else rng.choice(["debtor", *OTHER_PARTIES]),
        }
        if self.chance(0.15):
            found["also_debts"] = rng.sample(["D1", "D2", "D3"], rng.choice([0, 1, 1, 2]))
        if self.chance(0.3):
            location = self.attempt["purpose"] == "location_information" and self.chance(0.3)
            found["purpose"] = "location_information" if location else rng.choice(PURPOSES)
        return self._label(found)

    def _dialogue(self) -> list[Item]:
        """Messages just before a reply or a confirmation: written, perhaps answered, perhaps written again."""
        purpose = self.attempt["purpose"]
        if purpose not in ("reply", "opt_out_confirmation") or self.chance(0.25):
            return []
        found: list[Item] = []
        at = self.at - timedelta(seconds=self.rng.choice([60, 600, 1800, 3600, 7200, 86400]))
        for _ in range(self.rng.choice([1, 1, 2, 3, 4])):
            inbound = not found or self.chance(0.5)
            channel = self.attempt["channel"] if self.chance(0.9) else self.rng.choice(["sms", "email", "voice"])
            outcome = "no_answer" if channel == "voice" else "delivered"
            item: Item = {
                "at": self.text(at.astimezone(UTC)),
                "channel": channel,
                "direction": "inbound" if inbound else "outbound",
                "outcome": outcome,
                "debt": self.attempt["debt"] if self.chance(0.9) else "D3",
                "party": self.attempt["party"],
            }
            if not inbound:
                item["purpose"] = self.rng.choice([purpose, purpose, "collection"])
            found.append(self._label(item))
            at = at + (self.at - at) * self.rng.random() * 0.9
            at = at.replace(microsecond=0)
        return found
