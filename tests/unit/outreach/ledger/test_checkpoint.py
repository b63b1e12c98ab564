"""Signed tree heads: round trip, and every malformation one error."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from outreach.errors import EvidenceError
from outreach.ledger import checkpoint
from outreach.ledger.checkpoint import Checkpoint, VerifierKey

ORIGIN = "fairline.example/evidence"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
HEAD = Checkpoint(origin=ORIGIN, size=42, root=bytes(range(32)))
NOTE = checkpoint.sign(HEAD, KEY)
PUBLIC = VerifierKey.of(ORIGIN, KEY)


def test_the_form_is_the_signed_note() -> None:
    origin, size, root, empty, signature, end = NOTE.split("\n")
    assert (origin, size, empty, end) == (ORIGIN, "42", "", "")
    assert base64.b64decode(root) == HEAD.root
    dash, name, encoded = signature.split(" ")
    assert (dash, name) == ("—", ORIGIN)
    assert base64.b64decode(encoded)[:4] == PUBLIC.key_hash


@given(st.from_regex(r"[a-z0-9./-]{1,40}", fullmatch=True), st.integers(0, 10**18), st.binary(min_size=32, max_size=32))
def test_encode_and_decode_are_inverse(origin: str, size: int, root: bytes) -> None:
    head = Checkpoint(origin=origin, size=size, root=root)
    assert checkpoint.verify(checkpoint.sign(head, KEY), VerifierKey.of(origin, KEY)) == head


def test_the_key_text_round_trips() -> None:
    assert VerifierKey.decode(PUBLIC.encode() + "\n") == PUBLIC


def test_signatures_of_witnesses_are_let_be() -> None:
    witness = "— witness.example " + base64.b64encode(b"wwww" + bytes(64)).decode() + "\n"
    assert checkpoint.verify(NOTE + witness, PUBLIC) == HEAD


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        NOTE[:-1],
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("42", "042"),
        NOTE.replace("42", "-42"),
        NOTE.replace("42", "四二"),
        NOTE.replace("42", "9" * 30),
        NOTE.replace("42\n", "42\nextra line\n"),
        NOTE.replace(ORIGIN + "\n", "\n", 1),
        NOTE.replace(ORIGIN + "\n", "two words\n", 1),
        NOTE.replace("AAEC", "AA*C"),
        NOTE.replace("AAEC", ""),
        NOTE.replace("— ", "- "),
        NOTE.replace("\n", "\r\n"),
        NOTE + "— x\n",
        NOTE + "— x AAAA\n",
        NOTE + ("— w " + base64.b64encode(bytes(68)).decode() + "\n") * 20,
        NOTE + "\x00\n",
        "x" * 20_000,
    ],
)
def test_every_malformation_is_one_error(note: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        checkpoint.verify(note, PUBLIC)
    assert caught.value.code == "evidence.checkpoint_malformed"


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(note: str) -> None:
    with pytest.raises(EvidenceError):
        checkpoint.verify(note, PUBLIC)


@given(st.integers(0, len(NOTE) - 1), st.characters(codec="utf-8"))
def test_no_single_change_verifies(at: int, character: str) -> None:
    changed = NOTE[:at] + character + NOTE[at + 1 :]
    if changed == NOTE:
        assert checkpoint.verify(changed, PUBLIC) == HEAD
        return
    with pytest.raises(EvidenceError):
        checkpoint.verify(changed, PUBLIC)


def test_another_size_under_the_same_signature_is_forged() -> None:
    with pytest.raises(EvidenceError) as caught:
        checkpoint.verify(NOTE.replace("\n42\n", "\n41\n"), PUBLIC)
    assert caught.value.code == "evidence.checkpoint_forged"


def test_another_key_of_the_same_name_is_unknown() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(EvidenceError) as caught:
        checkpoint.verify(checkpoint.sign(HEAD, stranger), PUBLIC)
    assert caught.value.code == "evidence.checkpoint_unknown_key"


def test_a_forged_key_hash_does_not_help() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = base64.b64encode(PUBLIC.key_hash + stranger.sign(HEAD.body().encode())).decode()
    with pytest.raises(EvidenceError) as caught:
        checkpoint.verify(f"{HEAD.body()}\n— {ORIGIN} {signature}\n", PUBLIC)
    assert caught.value.code == "evidence.checkpoint_forged"


@pytest.mark.parametrize("text", ["", "name", "a+b", "a+00000000+!!", "a+00000000+AQ==", PUBLIC.encode()[:-4]])
def test_a_malformed_key_is_named(text: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        VerifierKey.decode(text)
    assert caught.value.code == "evidence.key_malformed"


@pytest.mark.parametrize(
    "head",
    [
        Checkpoint(origin="two words", size=1, root=bytes(32)),
        Checkpoint(origin="a\u0378b", size=1, root=bytes(32)),
        Checkpoint(origin=ORIGIN, size=-1, root=bytes(32)),
        Checkpoint(origin=ORIGIN, size=1, root=bytes(31)),
    ],
)
def test_a_head_that_cannot_be_read_back_is_not_signed(head: Checkpoint) -> None:
    with pytest.raises(EvidenceError):
        checkpoint.sign(head, KEY)
