"""What the budget's crash run is judged by: plain SQL over attempts and the carrier's own list, none of it the gate's.

Every function answers a number of wrong rows; all of them must be zero. Days are counted by PostgreSQL in the person's
zone, and the caps of `CAPS` are written from the text of the rules, not read from the rulebook.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

RANG = ("no_answer", "conversation", "voicemail", "declined", "dropped", "delivered")
NOT_ANSWERED = ("no_answer", "voicemail", "busy", "not_in_service", "declined", "delivered")
ANY_CONTACT = (*RANG, "busy", "wrong_number")
ALL_MEDIA = ("voice", "sms", "email")


@dataclass(frozen=True, kw_only=True)
class Cap:
    """At most `limit` counted contacts in `days` calendar days of one person, of one debt or of one address (`per`).

    It binds contacts with people of `region` (ISO 3166-2, or a country), and for a country also those made for a
    creditor there; empty binds all.
    """

    rule: str
    region: str
    channels: tuple[str, ...]
    outcomes: tuple[str, ...]
    limit: int
    days: int
    per: str = "person"


CAPS = (
    Cap(rule="house, a day", region="", channels=ALL_MEDIA, outcomes=ANY_CONTACT, limit=5, days=1),
    Cap(rule="house, a week", region="", channels=ALL_MEDIA, outcomes=ANY_CONTACT, limit=15, days=7),
    Cap(rule="cn-daily-call-cap", region="CN", channels=("voice",), outcomes=(*RANG, "busy"), limit=3, days=1),
    Cap(
        rule="cn-number-daily-cap",
        region="CN",
        channels=("voice",),
        outcomes=NOT_ANSWERED,
        limit=6,
        days=1,
        per="address",
    ),
    Cap(
        rule="us-7in7",
        region="US",
        channels=("voice",),
        outcomes=(*RANG, "wrong_number"),
        limit=7,
        days=7,
        per="debt",
    ),
    Cap(
        rule="us-post-conversation-7d",
        region="US",
        channels=("voice",),
        outcomes=("conversation",),
        limit=1,
        days=7,
        per="debt",
    ),
    Cap(
        rule="us-ma-2in7",
        region="US-MA",
        channels=("voice", "sms"),
        outcomes=(*RANG, "wrong_number"),
        limit=2,
        days=7,
        per="debt",
    ),
    Cap(rule="uk, attempts a day", region="GB", channels=ALL_MEDIA, outcomes=ANY_CONTACT, limit=3, days=1),
    Cap(rule="uk, conversations a day", region="GB", channels=("voice",), outcomes=("conversation",), limit=1, days=1),
    Cap(rule="in-daily-call-cap", region="IN", channels=("voice",), outcomes=ANY_CONTACT, limit=3, days=1),
)
"""The caps of the run. A contact whose outcome nobody knows yet counts."""

_ATTEMPTS = """
    SELECT a.id, a.debtor_id, a.state, a.outcome, a.intended_at AS at,
           COALESCE(i.place, 9223372036854775807) AS place,
           (a.intended_at AT TIME ZONE d.timezones[1])::date AS day,
           CASE :per WHEN 'debt' THEN a.debt_id WHEN 'address' THEN a.contact_point_id ELSE 0 END AS subject,
           a.channel = ANY(:channels)
               AND (d.region LIKE :region || '%' OR (length(:region) = 2 AND c.jurisdiction = :region)) AS bound,
           a.channel = ANY(:channels) AND ({outcome} IS NULL OR {outcome} = ANY(:outcomes)) AS counts
    FROM attempt a JOIN debtor d ON d.id = a.debtor_id JOIN debt ON debt.id = a.debt_id
        JOIN creditor c ON c.id = debt.creditor_id LEFT JOIN intents i ON i.attempt_id = a.id {carrier}
    WHERE {made}
"""
_INTENTS = """
    CREATE TEMPORARY TABLE intents AS
    SELECT (convert_from(body, 'UTF8')::json -> 'data' ->> 'attempt')::uuid AS attempt_id, index AS place
    FROM ledger_entry WHERE kind = 'attempt.intended'
"""
_OVER = """
    SELECT c.* FROM counted c CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE o.place < c.place) AS before, count(*) FILTER (WHERE o.bound) AS altogether
        FROM counted o
        WHERE o.counts AND o.debtor_id = c.debtor_id AND o.subject = c.subject
          AND o.day > c.day - :days AND o.day <= c.day
    ) AS window_of_c
    WHERE c.bound AND (before >= :limit OR altogether > :limit) ORDER BY c.place
"""
_WINDOW = """
    SELECT o.* FROM counted o JOIN counted c ON o.debtor_id = c.debtor_id AND o.subject = c.subject
    WHERE c.id = :id AND o.day > c.day - :days AND o.day <= c.day ORDER BY o.place
"""
_OUR_RECORD = _ATTEMPTS.format(
    carrier="", made="a.state NOT IN ('refused', 'voided') AND NOT a.budget_released", outcome="a.outcome"
)
_CARRIERS_LIST = _ATTEMPTS.format(
    carrier="JOIN paper_carrier p ON p.attempt_id = a.id", made="p.dialled", outcome="p.outcome"
)
_UNITS = """
    SELECT a.id, a.debtor_id, a.budget_day AS day, unit ->> 'counter' AS counter,
           (unit ->> 'window_days')::int AS days, (unit ->> 'limit')::int AS most
    FROM attempt a, jsonb_array_elements(a.budget_units) unit
    WHERE NOT a.budget_released AND (a.outcome IS NULL OR unit -> 'outcomes' ? a.outcome)
"""
_OVER_UNITS = """
    SELECT count(*) FROM counted c WHERE (
        SELECT count(*) FROM counted o
        WHERE o.debtor_id = c.debtor_id AND o.counter = c.counter AND o.day > c.day - c.days AND o.day <= c.day
    ) > c.most
"""
_DISAGREEMENTS = """
    SELECT count(*) FROM (
        SELECT debtor_id, counter, local_day AS day, charged - released AS units FROM budget WHERE charged <> released
    ) book FULL JOIN (
        SELECT debtor_id, counter, day, count(*) AS units FROM counted GROUP BY debtor_id, counter, day
    ) record USING (debtor_id, counter, day)
    WHERE book.units IS DISTINCT FROM record.units
"""
_UNBUDGETED = """
    SELECT count(*) FROM paper_carrier p LEFT JOIN attempt a ON a.id = p.attempt_id
    WHERE p.dialled AND (a.id IS NULL OR a.budget_released OR a.state IN ('refused', 'voided'))
"""
_GAPS = """
    SELECT (SELECT COALESCE(max(index) + 1, 0) - count(*) FROM ledger_entry)
         + (SELECT count(*) FROM attempt a LEFT JOIN ledger_entry e ON e.index = a.ledger_index WHERE e.index IS NULL)
"""


def over_cap(connection: Connection, *, dialled: bool = False) -> tuple[dict[str, int], list[str]]:
    """By rule, attempts made when their window held the limit: by our record, or (`dialled`) by the carrier's list.

    Also those at the end of a window that holds too many, in whatever order they came. Who came first says the evidence
    log, not a clock: workers' clocks differ and jump, and a contact that did not count frees a place for one whose
    worker's clock is behind. Each attempt found is also told in words, with its window.
    """
    found, told = {}, []
    connection.execute(text("DROP TABLE IF EXISTS intents"))
    connection.execute(text(_INTENTS))
    for cap in CAPS:
        values: dict[str, object] = {
            "region": cap.region,
            "channels": list(cap.channels),
            "outcomes": list(cap.outcomes),
            "per": cap.per,
        }
        with _counted(connection, _CARRIERS_LIST if dialled else _OUR_RECORD, values, "debtor_id, subject, day"):
            over = connection.execute(text(_OVER), {"days": cap.days, "limit": cap.limit}).all()
            found[cap.rule] = len(over)
            for row in over[:3]:
                window = connection.execute(text(_WINDOW), {"id": row.id, "days": cap.days})
                told.append(f"{cap.rule}: {row.id} in " + "; ".join(str(tuple(one)) for one in window))
    return found, told


def over_cap_units(connection: Connection) -> tuple[int, int]:
    """Units beyond the limit noted with them, for every counter that was charged; and rows of the book that differ."""
    with _counted(connection, _UNITS, {}, "debtor_id, counter, day"):
        return _number(connection, _OVER_UNITS, {}), _number(connection, _DISAGREEMENTS, {})


def unbudgeted_dials(connection: Connection) -> int:
    """Contacts the carrier made for which no charged attempt is on record."""
    return _number(connection, _UNBUDGETED, {})


def log_gaps(connection: Connection) -> int:
    """Entries missing from the evidence log, and attempts without an entry."""
    return _number(connection, _GAPS, {})


class _counted:  # noqa: N801 - reads as a statement
    """A temporary table `counted` of the query's rows, for the block."""

    def __init__(self, connection: Connection, query: str, values: dict[str, object], index: str) -> None:
        self._connection, self._query, self._values, self._index = connection, query, values, index

    def __enter__(self) -> None:
        self._connection.execute(text("CREATE TEMPORARY TABLE counted AS " + self._query), self._values)
        self._connection.execute(text(f"CREATE INDEX ON counted ({self._index})"))
        self._connection.execute(text("ANALYZE counted"))

    def __exit__(self, *_: object) -> None:
        self._connection.execute(text("DROP TABLE counted"))


def _number(connection: Connection, query: str, values: dict[str, object]) -> int:
    return int(connection.execute(text(query), values).scalar_one())
