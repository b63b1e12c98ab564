"""Sealed columns open for their own person and column only."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.db.vault import PersonKey, Vault, VaultError

VAULT = Vault(bytes(range(32)))
REF, OTHER_REF = UUID(int=1), UUID(int=2)
PERSON = PersonKey(REF, VAULT.new_data_key(REF))
OTHER = PersonKey(OTHER_REF, VAULT.new_data_key(OTHER_REF))


@given(st.text())
def test_what_is_sealed_opens_again(text: str) -> None:
    assert VAULT.open(PERSON, "name", VAULT.seal(PERSON, "name", text)) == text


def test_the_same_text_is_never_sealed_alike() -> None:
    assert VAULT.seal(PERSON, "name", "张三") != VAULT.seal(PERSON, "name", "张三")


SEALED = VAULT.seal(PERSON, "name", "张三")


@pytest.mark.parametrize(
    ("person", "column", "sealed"),
    [
        (OTHER, "name", SEALED),
        (PERSON, "address", SEALED),
        (PersonKey(OTHER_REF, PERSON.data_key), "name", SEALED),
        (PERSON, "name", SEALED[:-1]),
        (PERSON, "name", SEALED[:-1] + bytes([SEALED[-1] ^ 1])),
        (PERSON, "name", b"\x02" + SEALED[1:]),
        (PERSON, "name", b""),
    ],
)
def test_nothing_else_opens(person: PersonKey, column: str, sealed: bytes) -> None:
    with pytest.raises(VaultError) as caught:
        VAULT.open(person, column, sealed)
    assert caught.value.code == "vault.sealed"


def test_another_master_key_opens_nothing() -> None:
    with pytest.raises(VaultError):
        Vault(bytes(32)).open(PERSON, "name", SEALED)


def test_an_erased_person_cannot_be_opened_or_linked() -> None:
    erased = PersonKey(REF, None)
    for use in (
        lambda: VAULT.open(erased, "name", SEALED),
        lambda: VAULT.seal(erased, "name", "x"),
        lambda: VAULT.opening_key(erased, "person"),
    ):
        with pytest.raises(VaultError) as caught:
            use()
        assert caught.value.code == "vault.erased"


def test_opening_keys_differ_by_person_and_subject() -> None:
    keys = {VAULT.opening_key(who, subject) for who in (PERSON, OTHER) for subject in ("person", "attempt:1")}
    assert len(keys) == 4
    assert VAULT.opening_key(PERSON, "person") in keys


def test_the_address_index_is_equal_for_equal_addresses_under_one_key() -> None:
    assert VAULT.address_index("+8613800138000") == VAULT.address_index("+8613800138000")
    assert VAULT.address_index("+8613800138000") != VAULT.address_index("+8613800138001")
    assert VAULT.address_index("+8613800138000") != Vault(bytes(32)).address_index("+8613800138000")


def test_a_master_key_has_its_length_and_is_never_printed() -> None:
    with pytest.raises(VaultError):
        Vault(b"short")
    assert repr(VAULT) == "Vault(********)"
