"""The evidence log from the database to the auditor's desk, and every attack on it by name."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from outreach.db.keyring import KeyRing
from outreach.db.tables import Call, LedgerEntry, Utterance
from outreach.errors import EvidenceError, InputError
from outreach.ledger import checkpoint, merkle, store
from outreach.ledger.archive import read_export, write_export
from outreach.ledger.checkpoint import VerifierKey
from outreach.ledger.entry import Entry
from outreach.ledger.export import Signer, export_call, export_log, public_key_file, record_call
from outreach.ledger.verify import verify_export
from tests.world import MORNING, ORIGIN, World

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def exports(module_world: World) -> tuple[Files, Files]:
    """A log of two calls with a checkpoint after the first, and the bundle of the second call."""
    world = module_world
    world.call(world.person(), "CA1")
    export_log(world.database, world.signer, MORNING)
    world.call(world.person(), "CA2")
    later = MORNING + timedelta(hours=1)
    return export_log(world.database, world.signer, later), export_call(world.database, world.signer, "CA2", later)


@pytest.fixture
def log_files(exports: tuple[Files, Files]) -> Files:
    """The files of the log export, to be attacked."""
    return dict(exports[0])


@pytest.fixture
def call_files(exports: tuple[Files, Files]) -> Files:
    """The files of the call bundle, to be attacked."""
    return dict(exports[1])


@pytest.fixture
def public_key(keys: KeyRing) -> str:
    """The auditor's own copy of the public key."""
    return public_key_file(Signer(origin=ORIGIN, key=keys.ledger)).decode()


def code(files: Files, key: str | None = None) -> str | None:
    report = verify_export(files, key)
    assert report.verified == (report.failure is None)
    return None if report.failure is None else report.failure.code


def test_a_whole_log_verifies(public_key: str, log_files: Files) -> None:
    report = verify_export(log_files, public_key)
    assert report.verified, report.failure
    assert (report.kind, report.key_trusted, report.size, report.open_attempts) == ("log", True, 8, [])
    assert [step["step"] for step in report.steps] == [1, 2, 3, 4, 5, 6]
    assert "checkpoints/000000000004.txt" in log_files


def test_a_call_bundle_verifies(public_key: str, call_files: Files) -> None:
    report = verify_export(call_files, public_key)
    assert report.verified, report.failure
    assert (report.kind, report.size) == ("call", 8)
    assert [step["step"] for step in report.steps] == [1, 2, 7, 8, 9]
    assert "吗" in call_files["transcript.json"].decode()


def test_without_an_own_key_the_report_says_so(log_files: Files) -> None:
    report = verify_export(log_files)
    assert report.verified
    assert not report.key_trusted


def lines(files: Files, name: str = "entries.jsonl") -> list[bytes]:
    return files[name].splitlines(keepends=True)


def with_lines(files: Files, changed: list[bytes]) -> Files:
    """An attacker who also makes the list of leaf hashes fit."""
    leaves = b"".join(merkle.leaf_hash(line.rstrip(b"\n")).hex().encode() + b"\n" for line in changed)
    return {**files, "entries.jsonl": b"".join(changed), "leaves.txt": leaves}


def altered(files: Files) -> Files:
    return with_lines(files, [line.replace(b'"permit"', b'"denied"') for line in lines(files)])


def altered_clumsily(files: Files) -> Files:
    return {**files, "entries.jsonl": files["entries.jsonl"].replace(b'"permit"', b'"denied"')}


def reordered(files: Files) -> Files:
    found = lines(files)
    return with_lines(files, [found[1], found[0], *found[2:]])


def deleted(files: Files) -> Files:
    found = lines(files)
    return with_lines(files, [*found[:3], *found[4:]])


def truncated(files: Files) -> Files:
    return with_lines(files, lines(files)[:-2])


def cut_mid_line(files: Files) -> Files:
    return {**files, "entries.jsonl": files["entries.jsonl"][:-5]}


def repeated(files: Files) -> Files:
    found = lines(files)
    return with_lines(files, [*found, found[-1]])


def appended(files: Files) -> Files:
    extra = Entry(kind="degraded", at=MORNING, data={}).body(len(lines(files)))
    return with_lines(files, [*lines(files), extra + b"\n"])


def garbled(files: Files) -> Files:
    return with_lines(files, [b"{}\n", *lines(files)[1:]])


@pytest.mark.parametrize(
    ("attack", "name"),
    [
        (altered, "evidence.entry_altered"),
        (altered_clumsily, "evidence.entry_altered"),
        (reordered, "evidence.entry_out_of_order"),
        (deleted, "evidence.entry_missing"),
        (truncated, "evidence.tail_truncated"),
        (cut_mid_line, "evidence.file_malformed"),
        (repeated, "evidence.entry_repeated"),
        (appended, "evidence.entry_unsigned"),
        (garbled, "evidence.entry_malformed"),
        (lambda files: {**files, "leaves.txt": b""}, "evidence.leaves"),
        (lambda files: {**files, "notes.txt": b"x"}, "evidence.uncommitted"),
        (lambda files: {name: files[name] for name in files if name != "checkpoint.txt"}, "evidence.file_missing"),
        (lambda files: {**files, "checkpoint.txt": b"\xff\xfe"}, "evidence.file_malformed"),
        (lambda files: {**files, "public-key.txt": b"me\n"}, "evidence.key_malformed"),
    ],
)
def test_attacks_on_the_log(log_files: Files, attack: Callable[[Files], Files], name: str) -> None:
    assert code(attack(log_files)) == name


def test_a_clumsy_alteration_is_located(log_files: Files) -> None:
    failure = verify_export(altered_clumsily(log_files)).failure
    assert failure is not None
    assert failure.message.startswith("entry 0 was altered")


def test_a_forged_checkpoint(public_key: str, log_files: Files) -> None:
    """The attacker rewrites the log and signs it with a key of their own under our name."""
    stranger = Ed25519PrivateKey.generate()
    forged = altered(log_files)
    leaves = [merkle.leaf_hash(line.rstrip(b"\n")) for line in lines(forged)]
    head = checkpoint.Checkpoint(origin=ORIGIN, size=len(leaves), root=merkle.root(leaves))
    forged["checkpoint.txt"] = checkpoint.sign(head, stranger).encode()
    forged["public-key.txt"] = VerifierKey.of(ORIGIN, stranger).encode().encode()
    forged = {name: forged[name] for name in forged if not name.startswith("checkpoints/")}
    assert code(forged) is None  # consistent in itself: which is why an auditor brings their own key
    assert code(forged, public_key) == "evidence.checkpoint_unknown_key"
    resized = log_files["checkpoint.txt"].replace(b"\n8\n", b"\n4\n")
    assert code({**log_files, "checkpoint.txt": resized}, public_key) == "evidence.checkpoint_forged"


def test_a_rewritten_history(keys: KeyRing, log_files: Files) -> None:
    head = checkpoint.Checkpoint(origin=ORIGIN, size=4, root=bytes(32))
    other_past = checkpoint.sign(head, keys.ledger).encode()
    assert code({**log_files, "checkpoints/000000000004.txt": other_past}) == "evidence.history_rewritten"
    too_long = checkpoint.Checkpoint(origin=ORIGIN, size=99, root=bytes(32))
    note = checkpoint.sign(too_long, keys.ledger).encode()
    assert code({**log_files, "checkpoints/x.txt": note}) == "evidence.history_rewritten"


def resigned(keys: KeyRing, bodies: list[bytes]) -> Files:
    """What the house itself could export if it wrote such a log: only the meaning can give it away."""
    leaves = [merkle.leaf_hash(body) for body in bodies]
    head = checkpoint.Checkpoint(origin=ORIGIN, size=len(bodies), root=merkle.root(leaves))
    return {
        "entries.jsonl": b"".join(body + b"\n" for body in bodies),
        "leaves.txt": b"".join(leaf.hex().encode() + b"\n" for leaf in leaves),
        "checkpoint.txt": checkpoint.sign(head, keys.ledger).encode(),
    }


@pytest.mark.parametrize(
    ("kinds", "name"),
    [
        (["attempt.placed"], "evidence.permit_missing"),
        (["attempt.placed", "attempt.intended"], "evidence.permit_missing"),
        (["attempt.intended", "attempt.placed", "attempt.placed"], "evidence.permit_reused"),
        (["attempt.intended", "attempt.intended"], "evidence.permit_repeated"),
        (["attempt.intended", "attempt.placed"], None),
    ],
)
def test_every_call_needs_a_permit_of_its_own(
    keys: KeyRing, public_key: str, kinds: list[str], name: str | None
) -> None:
    bodies = [Entry(kind=kind, at=MORNING, data={"attempt": "a"}).body(at) for at, kind in enumerate(kinds)]
    report = verify_export(resigned(keys, bodies), public_key)
    assert (None if report.failure is None else report.failure.code) == name
    if name is None:
        assert report.open_attempts == ["a"]


def swap(name: str, content: bytes) -> Callable[[Files], Files]:
    return lambda files: {**files, name: content}


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: {key: files[key] for key in files if key != name}


def edit_proofs(change: Callable[[list[dict[str, object]]], object]) -> Callable[[Files], Files]:
    def attack(files: Files) -> Files:
        proofs = json.loads(files["proofs.json"])
        return {**files, "proofs.json": json.dumps(change(proofs)).encode()}

    return attack


def entry_changed(proofs: list[dict[str, object]]) -> object:
    first = str(proofs[0]["entry"])
    return [{**proofs[0], "entry": first.replace('"permit"', '"denied"')}, *proofs[1:]]


def index_changed(proofs: list[dict[str, object]]) -> object:
    inclusion = dict(proofs[0]["inclusion"], index=0)  # type: ignore[call-overload]
    return [{**proofs[0], "inclusion": inclusion}, *proofs[1:]]


def hash_cut(proofs: list[dict[str, object]]) -> object:
    inclusion = dict(proofs[0]["inclusion"], hashes=["00"])  # type: ignore[call-overload]
    return [{**proofs[0], "inclusion": inclusion}, *proofs[1:]]


@pytest.mark.parametrize(
    ("attack", "name"),
    [
        (swap("recording.wav", b"RIFF other audio"), "evidence.recording_mismatch"),
        (swap("transcript.json", b"{}"), "evidence.transcript_mismatch"),
        (swap("findings.json", b"{}"), "evidence.findings_mismatch"),
        (swap("ruling.json", b"{}"), "evidence.ruling_mismatch"),
        (swap("facts.json", b"{}"), "evidence.facts_mismatch"),
        (swap("openings.json", b"{}"), "evidence.opening_malformed"),
        (swap("openings.json", b"[1]"), "evidence.opening_malformed"),
        (swap("proofs.json", b"{}"), "evidence.proof_malformed"),
        (swap("proofs.json", b"[1]"), "evidence.proof_malformed"),
        (swap("proofs.json", b"nonsense"), "evidence.file_malformed"),
        (without("recording.wav"), "evidence.file_missing"),
        (without("proofs.json"), "evidence.file_missing"),
        (edit_proofs(lambda proofs: proofs[1:]), "evidence.permit_missing"),
        (edit_proofs(lambda proofs: [*proofs[:1], *proofs[2:]]), "evidence.permit_missing"),
        (edit_proofs(lambda proofs: proofs[:3]), "evidence.recording_missing"),
        (swap("confession.txt", b"I owe it"), "evidence.uncommitted"),
        (edit_proofs(entry_changed), "evidence.not_included"),
        (edit_proofs(index_changed), "evidence.not_included"),
        (edit_proofs(hash_cut), "evidence.proof_malformed"),
    ],
)
def test_attacks_on_a_bundle(call_files: Files, attack: Callable[[Files], Files], name: str) -> None:
    assert code(attack(call_files)) == name


def test_entries_of_two_calls_do_not_make_one(world: World) -> None:
    world.call(world.person(), "CA1")
    world.call(world.person(), "CA2")
    one, two = (export_call(world.database, world.signer, sid, MORNING) for sid in ("CA1", "CA2"))
    mixed = json.loads(one["proofs.json"])[:2] + json.loads(two["proofs.json"])[2:]
    assert code({**one, "proofs.json": json.dumps(mixed).encode()}) == "evidence.mixed"


def test_what_changed_in_the_database_shows(world: World) -> None:
    world.call(world.person(), "CA1")
    with world.database.session() as session:
        session.execute(update(Utterance).where(Utterance.seq == 0).values(text="您好"))
    assert code(export_call(world.database, world.signer, "CA1", MORNING)) == "evidence.transcript_mismatch"


def test_a_recording_swapped_on_disk_shows(world: World) -> None:
    world.call(world.person(), "CA1")
    (world.folder / "CA1.wav").write_bytes(b"RIFF another call")
    assert code(export_call(world.database, world.signer, "CA1", MORNING)) == "evidence.recording_mismatch"
    (world.folder / "CA1.wav").unlink()
    with pytest.raises(InputError) as caught:
        export_call(world.database, world.signer, "CA1", MORNING)
    assert caught.value.code == "input.recording_missing"


def test_a_call_without_recording_is_not_committed_to(world: World) -> None:
    world.call(world.person(), "CA1")
    with world.database.session() as session:
        session.execute(update(Call).values(recording_sha256=None))
    with pytest.raises(InputError) as caught, world.database.session() as session:
        record_call(session, world.database.vault, "CA1", MORNING, kept=None)
    assert caught.value.code == "input.no_recording"


def test_exports_travel_as_zip_and_as_folder(tmp_path: Path, public_key: str, call_files: Files) -> None:
    archive = tmp_path / "call.zip"
    write_export(archive, call_files)
    assert read_export(archive) == call_files
    again = archive.read_bytes()
    write_export(archive, call_files)
    assert archive.read_bytes() == again
    folder = tmp_path / "unpacked"
    folder.mkdir()
    for name, content in call_files.items():
        (folder / name).write_bytes(content)
    assert verify_export(read_export(folder), public_key).verified


def test_a_log_is_gapless_under_concurrency_and_rollback(world: World) -> None:
    barrier = threading.Barrier(4)

    def append(worker: int) -> None:
        barrier.wait()
        for number in range(8):
            with world.database.session() as session:
                store.append(session, Entry(kind="degraded", at=MORNING, data={"step": f"{worker}-{number}"}))
                if number % 3 == 0:
                    session.rollback()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(append, range(4)))
    with world.database.session() as session:
        assert [*session.scalars(select(LedgerEntry.index).order_by(LedgerEntry.index))] == list(range(20))
        assert len(store.bodies(session)) == store.load_log(session, ORIGIN).size == 20


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET kind = 'degraded'",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "DELETE FROM ledger_checkpoint",
        "UPDATE key_fingerprint SET key_id = 'x'",
    ],
)
def test_the_tables_only_grow(world: World, statement: str) -> None:
    with pytest.raises(DBAPIError, match="only grows"), world.database.session() as session:
        session.execute(text(statement))


def force(world: World, statement: str) -> None:
    """What an administrator of the server can do who switches the triggers off."""
    with world.database.session() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement))


def test_the_log_refuses_to_sign_a_rewritten_past(world: World) -> None:
    world.call(world.person(), "CA1")
    export_log(world.database, world.signer, MORNING)
    force(world, "UPDATE ledger_entry SET leaf_hash = decode(repeat('00', 32), 'hex') WHERE index = 1")
    with pytest.raises(EvidenceError) as caught:
        export_log(world.database, world.signer, MORNING)
    assert caught.value.code == "evidence.rewritten"
    force(world, "DELETE FROM ledger_entry WHERE index = 1")
    with pytest.raises(EvidenceError) as caught:
        export_log(world.database, world.signer, MORNING)
    assert caught.value.code == "evidence.gap"
    force(world, "DELETE FROM ledger_entry")
    with pytest.raises(EvidenceError) as caught:
        export_log(world.database, world.signer, MORNING)
    assert caught.value.code == "evidence.rewritten"


def test_a_checkpoint_is_signed_once_per_size(world: World) -> None:
    with world.database.session() as session:
        store.append(session, Entry(kind="degraded", at=MORNING, data={}))
        one = store.make_checkpoint(session, ORIGIN, world.database.keys.ledger, MORNING)
        two = store.make_checkpoint(session, ORIGIN, world.database.keys.ledger, MORNING + timedelta(days=1))
        assert one is two
