"""Where the weights of a Whisper are: embedded, a directory, the local cache, or the hub (I/O: files, may fetch).

A model is named "embedded" for the demonstration model of this repository, and otherwise as faster-whisper takes it: a
directory with a model converted for CTranslate2, a short name ("large-v3-turbo"), or a repository of the Hugging Face
Hub ("owner/name"). A directory never touches the network; a name does only in `find`, when it is not in the cache.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from speech.errors import RecognizerError
from speech.loading import read_json

EMBEDDED = "embedded"
EMBEDDED_MODEL = "zh-en-small"
REQUIRED = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_OPTIONAL = (*_VOCABULARIES, "preprocessor_config.json", "calibration.json")
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_FULL_DISK = 28

Kind = Literal["embedded", "directory", "name"]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Weights that are on this machine. `size_bytes` counts the files that decide what the model says."""

    model: str
    kind: Kind
    directory: Path
    size_bytes: int


def embedded_directory() -> Path:
    """Where the embedded model lies, whether or not it is there."""
    return Path(str(resources.files("speech"))) / "embedded" / EMBEDDED_MODEL


def measured_errors() -> dict[str, float]:
    """Error of the embedded model on unseen sentences by language, as measured when it was made: of characters (zh), of
    words (en). A language that was not measured is absent. Raises `recognizer.broken_model`.
    """
    calibration = read_json(embedded_directory() / "calibration.json") or {}
    rows = calibration.get("measured", {}).get("error", {}).get("mu-law", {})
    return {lang: rows[f"{lang} all unseen"]["error"] for lang in ("zh", "en") if f"{lang} all unseen" in rows}


def known_models() -> tuple[str, ...]:
    """The short names that the installed faster-whisper knows. Raises `recognizer.not_installed`."""
    return tuple(import_faster_whisper().available_models())


def import_faster_whisper() -> Any:
    """The module faster_whisper. Raises `RecognizerError` `recognizer.not_installed` with how to install it."""
    try:
        import faster_whisper
    except ImportError as error:
        raise RecognizerError(
            "recognizer.not_installed",
            "speech recognition needs the package faster-whisper, which is not installed",
            hint="pip install 'fairline[asr]'",
        ) from error
    return faster_whisper


def locate(model: str) -> Weights:
    """The weights of a model, if they are on this machine; nothing is fetched.

    Raises `RecognizerError`: `recognizer.weights_missing` for a directory without a needed file, `.unknown_model`,
    `.weights_absent` for a name whose weights are not in the cache, `.not_installed`.
    """
    kind = _kind(model)
    if kind != "name":
        directory = complete(embedded_directory() if kind == "embedded" else Path(model).expanduser())
    else:
        cached = _cached(model)
        if cached is None:
            raise RecognizerError(
                "recognizer.weights_absent",
                f"the weights of {model} are not on this machine{_no_directory(model)}; the first use fetches them",
                hint=_by_hand(model),
            )
        directory = cached
    return Weights(
        model=model, kind=kind, directory=directory, size_bytes=sum(p.stat().st_size for p in _of(directory))
    )


def find(model: str) -> Path:
    """The directory with the weights of a model, fetched where they are not on this machine.

    Raises as `locate`, and `recognizer.weights_unreachable` in place of `.weights_absent`.
    """
    kind = _kind(model)
    if kind != "name":
        return complete(embedded_directory() if kind == "embedded" else Path(model).expanduser())
    return _cached(model) or _fetch(model)


def complete(directory: Path) -> Path:
    """The directory, if it has every file that is needed. Raises `recognizer.weights_missing` naming the others."""
    missing = [name for name in REQUIRED if not (directory / name).is_file()]
    if not any((directory / name).is_file() for name in _VOCABULARIES):
        missing.append(_VOCABULARIES[0])
    if not missing:
        return directory
    if not directory.is_dir():
        found, hint = (
            "there is no such directory",
            "name the directory of a model converted for CTranslate2, or embedded",
        )
    elif any(directory.glob("*.safetensors")) or (directory / "pytorch_model.bin").is_file():
        found = f"{', '.join(missing)} not found; the files are those of a model that is not converted yet"
        hint = f"pip install transformers torch, then ct2-transformers-converter --model {directory} --output_dir NEW"
        hint += " --copy_files tokenizer.json preprocessor_config.json"
    else:
        found = f"{', '.join(missing)} not found; expected {', '.join((*REQUIRED, _VOCABULARIES[0]))}"
        hint = "copy these files from where the model comes from, its tokenizer.json too, or convert it again"
    raise RecognizerError("recognizer.weights_missing", f"no Whisper model at {directory}: {found}", hint=hint)


def digest_of(directory: Path) -> str:
    """`sha256:…` over the names and contents of the files that decide what a model says."""
    total = hashlib.sha256()
    for path in _of(directory):
        with path.open("rb") as file:
            total.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return f"sha256:{total.hexdigest()}"


def _of(directory: Path) -> list[Path]:
    return [path for name in sorted((*REQUIRED, *_OPTIONAL)) if (path := directory / name).is_file()]


def _kind(model: str) -> Kind:
    """What a model is named by. Raises `recognizer.unknown_model` for what is none of the three."""
    if model == EMBEDDED:
        return "embedded"
    if Path(model).expanduser().is_dir():
        return "directory"
    if model in known_models() or _REPOSITORY.fullmatch(model):
        return "name"
    if os.sep in model or model.startswith((".", "~")):
        return "directory"
    raise RecognizerError(
        "recognizer.unknown_model",
        f"no model is called {model!r} and no directory is at that place",
        hint=f"expected embedded, a directory, a repository (owner/name), or one of {', '.join(known_models())}",
    )


def _cached(name: str) -> Path | None:
    """The weights of a name in the local cache; None when they are not there or not all of them."""
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return complete(Path(import_faster_whisper().download_model(name, local_files_only=True)))
    except (LocalEntryNotFoundError, HFValidationError, RecognizerError):
        return None


def _fetch(name: str) -> Path:
    import httpx
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        return complete(Path(import_faster_whisper().download_model(name)))
    except (OSError, HfHubHTTPError, HFValidationError, httpx.HTTPError) as error:
        full = getattr(error, "errno", None) == _FULL_DISK
        why = "the disk is full" if full else type(error.__cause__ or error).__name__
        raise RecognizerError(
            "recognizer.weights_unreachable",
            f"the weights of {name} are not on this machine{_no_directory(name)} and could not be fetched ({why})",
            hint="make room on the disk of the cache (HF_HOME)" if full else _by_hand(name),
        ) from error


def _by_hand(name: str) -> str:
    """How to get weights onto a machine that does not reach the hub."""
    from faster_whisper import utils

    repository = getattr(utils, "_MODELS", {}).get(name, name)
    return (
        "connect to huggingface.co once; or, on a machine that is connected, run "
        f"hf download {repository} --local-dir DIR, copy DIR here and name its directory as the model"
    )


def _no_directory(name: str) -> str:
    """`owner/name` may have been meant as a directory."""
    return f" (and there is no directory {name})" if "/" in name else ""
