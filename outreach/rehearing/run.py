"""All recordings of a folder (I/O: threads, files): what is finished is taken over, the rest is heard.

Every file ends as a result or as a named error. Killed at any moment, the same command goes on where it was: a result
is on disk before the next file begins, and is found again by its key.
"""

import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from outreach.errors import InputError
from outreach.rehearing.audit import Auditor, failure_of
from outreach.rehearing.metadata import Metadata
from outreach.rehearing.scan import Found
from outreach.rehearing.store import ResultStore


class StoppedError(Exception):
    """The audit was asked to end; what is finished is on disk."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one file ended: `result` (done) or an error. `taken_over`: it was finished by an earlier run."""

    found: Found
    result: Mapping[str, Any]
    taken_over: bool

    @property
    def done(self) -> bool:
        """A result, and no error."""
        return bool(self.result["status"] == "done")


@dataclass(frozen=True, kw_only=True)
class Todo:
    """What is to be heard (with digest and the seconds it is guessed to play), and what needs no hearing."""

    settled: tuple[Outcome, ...]
    waiting: tuple[tuple[Found, str, float], ...]

    @property
    def secs(self) -> float:
        """Sound to be heard."""
        return sum(secs for _, _, secs in self.waiting)


def plan(files: list[Found], metadata: Metadata, auditor: Auditor, store: ResultStore) -> Todo:
    """Which files are finished, which cannot be heard at all, and which are to be heard."""
    settled: list[Outcome] = []
    waiting: list[tuple[Found, str, float]] = []
    for found in files:
        problem = metadata.bad.get(found.name)
        if problem is not None:
            settled.append(Outcome(found=found, result=failure_of(found, problem), taken_over=False))
            continue
        try:
            digest = found.digest()
        except OSError as error:
            settled.append(Outcome(found=found, result=failure_of(found, error), taken_over=False))
            continue
        key = auditor.key(found, digest, metadata.told.get(found.name))
        known = store.find(key)
        if known is None:
            waiting.append((found, digest, found.guessed_secs()))
        else:
            settled.append(Outcome(found=found, result=_moved(store, known, found), taken_over=True))
    return Todo(settled=tuple(settled), waiting=tuple(waiting))


def hear_all(
    todo: Todo, metadata: Metadata, auditor: Auditor, store: ResultStore, progress: "Progress"
) -> Generator[Outcome, None, None]:
    """Hear what is waiting, `progress.jobs` files at a time, and answer each as it ends.

    Closing the generator (or an interrupt) ends the hearing between two groups of utterances. Raises InputError
    input.output_folder when results can no longer be written.
    """
    stop = threading.Event()

    def one(found: Found, digest: str, secs: float) -> Outcome:
        def between(done: float, total: float) -> None:
            if stop.is_set():
                raise StoppedError
            progress.moved(found, secs * done / total if total else secs)

        if stop.is_set():
            raise StoppedError
        try:
            result = auditor.audit(found, digest, metadata.told.get(found.name), between)
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001 - told with the others; a log of it could quote what was said
            result = failure_of(found, error)
        else:
            store.keep(result)
        progress.moved(found, secs)
        return Outcome(found=found, result=result, taken_over=False)

    with ThreadPoolExecutor(max_workers=progress.jobs, thread_name_prefix="audit") as threads:
        running: set[Future[Outcome]] = set()
        try:
            running = {threads.submit(one, *item) for item in todo.waiting}
            while running:
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    yield future.result()
        finally:
            stop.set()
            for future in running:
                future.cancel()


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How many files are heard at a time, and whom to tell how far one is (file, seconds of its sound)."""

    jobs: int
    moved: Callable[[Found, float], None]


def _moved(store: ResultStore, known: Mapping[str, Any], found: Found) -> Mapping[str, Any]:
    """A finished result under the present name of its file: a file that was renamed is not heard again."""
    if known["file"] == found.name:
        return known
    try:
        renamed = {**known, "file": found.name}
        store.keep(renamed)
    except InputError:
        return known
    return renamed
