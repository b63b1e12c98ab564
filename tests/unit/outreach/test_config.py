"""Settings: every variable checked, secrets never shown."""

from datetime import timedelta
from pathlib import Path

import pytest

from outreach.config import VARIABLES, Secret, Settings
from outreach.errors import ConfigError


def test_defaults_need_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({})
    assert settings.var_dir == tmp_path / "var"
    assert settings.keys_dir == tmp_path / "var" / "keys"
    assert settings.recordings_dir.parent == settings.pg_dir.parent == settings.var_dir
    assert (settings.asr_model, settings.database_url, settings.clock_offset) == ("embedded", None, timedelta(0))
    assert settings.worker_url == "http://127.0.0.1:8601"


def test_every_variable_is_read(tmp_path: Path) -> None:
    given = {
        "FAIRLINE_DATABASE_URL": "postgres://me:hidden-word@db.example/fairline",
        "FAIRLINE_VAR": "/srv/fairline",
        "FAIRLINE_ASR_MODEL": "small",
        "FAIRLINE_ASR_DEVICE": "cpu",
        "FAIRLINE_ASR_COMPUTE_TYPE": "int8",
        "FAIRLINE_ASR_THREADS": "4",
        "FAIRLINE_SECOND_PASS_MODEL": "large-v3-turbo",
        "FAIRLINE_CLOCK_OFFSET_SECS": "-3600.5",
        "FAIRLINE_HOST": "0.0.0.0",  # noqa: S104 - read, not listened on
        "FAIRLINE_WEB_PORT": "9000",
        "FAIRLINE_WORKER_PORT": "9001",
        "FAIRLINE_CARRIER_PORT": "9002",
        "FAIRLINE_CARRIER_URL": "http://127.0.0.1:9002/",
        "FAIRLINE_PUBLIC_URL": "https://calls.example/hook/",
        "FAIRLINE_CALLER_ID": "+862155550100",
        "FAIRLINE_AGENT_ADDRESS": "+862155550199",
        "FAIRLINE_LINES": "20",
        "FAIRLINE_SECURE_COOKIES": "1",
        "FAIRLINE_INSTITUTION_ZH": "清风银行",
        "FAIRLINE_INSTITUTION_EN": "Clear Wind Bank",
        "FAIRLINE_AGENT_ZH": "工号八零一",
        "FAIRLINE_AGENT_EN": "agent 801",
        "FAIRLINE_SERVICE_PHONE": "95500",
        "FAIRLINE_OVERLAYS": str(tmp_path),
        "FAIRLINE_LEDGER_ORIGIN": "agency.example/log",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "hidden-token",
    }
    assert set(given) == set(VARIABLES)
    settings = Settings.from_environment(given)
    assert settings.database_url == "postgresql+psycopg://me:hidden-word@db.example/fairline"
    assert settings.clock_offset == timedelta(seconds=-3600.5)
    assert (settings.asr_model, settings.second_pass_model) == ("small", "large-v3-turbo")
    assert (settings.asr_device, settings.asr_compute_type, settings.asr_threads) == ("cpu", "int8", 4)
    assert (settings.web_port, settings.worker_port, settings.carrier_port) == (9000, 9001, 9002)
    assert (settings.carrier_url, settings.worker_url) == ("http://127.0.0.1:9002", "https://calls.example/hook")
    assert (settings.lines, settings.service_phone) == (20, "95500")
    assert (settings.institution_zh, settings.institution_en) == ("清风银行", "Clear Wind Bank")
    assert (settings.agent_zh, settings.agent_en) == ("工号八零一", "agent 801")
    assert settings.overlays == tmp_path
    assert settings.carrier_credentials() == ("AC1", Secret("hidden-token"))
    shown = f"{settings.shown()}"
    assert "hidden" not in shown
    assert "db.example" in shown
    assert "hidden-token" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("FAIRLINE_DATABASE_URL", "sqlite:///x", "config.database_url"),
        ("FAIRLINE_CLOCK_OFFSET_SECS", "noon", "config.number"),
        ("FAIRLINE_CLOCK_OFFSET_SECS", "nan", "config.number"),
        ("FAIRLINE_ASR_DEVICE", "gpu", "config.choice"),
        ("FAIRLINE_ASR_COMPUTE_TYPE", "int3", "config.choice"),
        ("FAIRLINE_ASR_THREADS", "0", "config.count"),
        ("FAIRLINE_WEB_PORT", "0", "config.port"),
        ("FAIRLINE_LINES", "0", "config.count"),
        ("FAIRLINE_LINES", "many", "config.count"),
        ("FAIRLINE_WORKER_PORT", "http", "config.port"),
        ("FAIRLINE_CARRIER_PORT", "70000", "config.port"),
        ("FAIRLINE_CARRIER_URL", "ftp://x", "config.url"),
        ("FAIRLINE_PUBLIC_URL", "https://", "config.url"),
        ("FAIRLINE_CALLER_ID", "13800138000", "config.phone"),
        ("FAIRLINE_CALLER_ID", "+1", "config.phone"),
        ("FAIRLINE_OVERLAYS", "no/such/folder", "config.folder"),
        ("FAIRLINE_LEDGER_ORIGIN", "two words", "config.origin"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.from_environment({name: value})
    assert caught.value.code == code
    assert name in caught.value.message


def test_a_secret_has_no_default() -> None:
    with pytest.raises(ConfigError, match="TWILIO_ACCOUNT_SID"):
        Settings.from_environment({"TWILIO_AUTH_TOKEN": "x"}).carrier_credentials()
    with pytest.raises(ConfigError, match="TWILIO_AUTH_TOKEN"):
        Settings.from_environment({"TWILIO_ACCOUNT_SID": "x"}).carrier_credentials()


def test_a_secret_is_compared_by_value_and_printed_as_stars() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1
    assert "a-word" not in f"{Secret('a-word')} {Secret('a-word')!r}"
