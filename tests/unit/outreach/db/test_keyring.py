"""Key files: made once, private, never half-read."""

from pathlib import Path

import pytest

from outreach.db.keyring import NAMES, KeyRing
from outreach.errors import ConfigError


def test_keys_are_made_once_and_private(tmp_path: Path) -> None:
    made = KeyRing.create(tmp_path / "keys")
    files = {path.name: path for path in (tmp_path / "keys").iterdir()}
    assert set(files) == {f"{name}.key" for name in NAMES}
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    assert KeyRing.create(tmp_path / "keys").fingerprints() == made.fingerprints()
    assert KeyRing.load(tmp_path / "keys").fingerprints() == made.fingerprints()


def test_two_installations_share_no_key(tmp_path: Path) -> None:
    one, two = KeyRing.create(tmp_path / "a"), KeyRing.create(tmp_path / "b")
    assert not set(one.fingerprints().values()) & set(two.fingerprints().values())


def test_a_key_ring_prints_fingerprints_only(tmp_path: Path) -> None:
    made = KeyRing.create(tmp_path)
    assert made.master.hex() not in repr(made)
    assert made.fingerprints()["gate"] in repr(made)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        (b"nonsense!", 0o600, "config.key_malformed"),
        (b"c2hvcnQ=", 0o600, "config.key_malformed"),
        (b"", 0o644, "config.key_open"),
        (None, 0o600, "config.key_missing"),
    ],
)
def test_a_bad_key_file_is_named(tmp_path: Path, name: str, content: bytes | None, mode: int, code: str) -> None:
    KeyRing.create(tmp_path)
    path = tmp_path / f"{name}.key"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
        path.chmod(mode)
    with pytest.raises(ConfigError) as caught:
        KeyRing.load(tmp_path)
    assert caught.value.code == code
    assert f"{name}.key" in caught.value.message


def test_a_key_of_another_kind_is_malformed(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    KeyRing.create(tmp_path)
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "gate.key").write_bytes(other)
    with pytest.raises(ConfigError) as caught:
        KeyRing.load(tmp_path)
    assert caught.value.code == "config.key_malformed"
