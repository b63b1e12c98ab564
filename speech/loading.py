"""A directory with weights as a loaded `faster_whisper.WhisperModel`, or the reason why not (I/O: reads the weights).

What can be wrong is told apart: the device, the arithmetic, the weights, the tokenizer, files that do not belong
together. Everything is found here rather than in the first call.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from speech.engine import Engine, unusable
from speech.errors import RecognizerError

_TASK_TOKENS = ("<|endoftext|>", "<|startoftranscript|>", "<|transcribe|>", "<|startofprev|>", "<|notimestamps|>")
_AGAIN = "convert or copy it again; CTranslate2 4.8 expects model.bin of binary version 6"


def load_model(whisper: Any, directory: Path, engine: Engine) -> Any:
    """The model, ready to decode. `whisper` is the module faster_whisper.

    Raises `RecognizerError` `recognizer.device_unavailable` or `recognizer.broken_model`.
    """
    try:
        loaded = whisper.WhisperModel(
            str(directory),
            device=engine.device,
            compute_type=engine.compute_type,
            num_workers=engine.workers,
            cpu_threads=engine.threads,
            local_files_only=True,
        )
    except Exception as error:  # the tokenizer's library raises bare exceptions
        raise _refused(directory, engine, error) from error
    _check_tokenizer(directory, loaded)
    _check_features(directory, loaded)
    _check_device(engine, loaded)
    return loaded


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a JSON file; None when there is no file. Raises `recognizer.broken_model` naming the file."""
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _broken(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise _broken(f"{path}: expected an object, found {type(content).__name__}")
    return content


def _broken(message: str, hint: str = _AGAIN) -> RecognizerError:
    return RecognizerError("recognizer.broken_model", message, hint=hint)


def _refused(directory: Path, engine: Engine, error: Exception) -> RecognizerError:
    """The engine's own words, with what they are about."""
    if isinstance(error, MemoryError) or "out of memory" in str(error):
        return unusable(engine, "the model does not fit into memory", "take a smaller model, or compute type int8")
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    if "CUDA" in reason or "device" in reason or "compute type" in reason:
        return unusable(engine, reason, "use device cpu with compute type default")
    return _broken(f"the model at {directory} cannot be loaded: {reason}")


def _check_tokenizer(directory: Path, loaded: Any) -> None:
    """The tokenizer is a Whisper's, and numbers its tokens as the weights do."""
    ids = {token: loaded.hf_tokenizer.token_to_id(token) for token in _TASK_TOKENS}
    lost = [token for token, number in ids.items() if number is None]
    if lost:
        raise _broken(
            f"{directory / 'tokenizer.json'} is not a Whisper's: it lacks {', '.join(lost)}",
            "copy the tokenizer.json that belongs to this model",
        )
    rows = _vocabulary(directory)
    wrong = [token for token, number in ids.items() if rows and (number >= len(rows) or rows[number] != token)]
    if wrong:
        raise _broken(
            f"{directory}: tokenizer.json and the vocabulary of model.bin number {', '.join(wrong)} differently",
            "copy the tokenizer.json that belongs to this model: large-v3 and its kin need another than older ones",
        )


def _vocabulary(directory: Path) -> list[str]:
    path = directory / "vocabulary.json"
    if not path.is_file():
        return (directory / "vocabulary.txt").read_text("utf-8").split("\n")
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [str(row) for row in rows] if isinstance(rows, list) else []


def _check_features(directory: Path, loaded: Any) -> None:
    """The features have as many bands as the model was trained with: without its own file, large-v3 gets too few."""
    made, wanted = int(loaded.feature_extractor.mel_filters.shape[0]), int(loaded.model.n_mels)
    if made != wanted:
        raise _broken(
            f"{directory}: the model wants features of {wanted} bands, preprocessor_config.json gives {made}",
            "copy the preprocessor_config.json that belongs to this model",
        )


def _check_device(engine: Engine, loaded: Any) -> None:
    """One empty clip on a GPU: its libraries are looked for only when they are first used."""
    if loaded.model.device != "cuda":
        return
    try:
        loaded.encode(np.zeros((int(loaded.model.n_mels), 3_000), np.float32))
    except RuntimeError as error:
        hint = (
            "install cuBLAS and cuDNN for CUDA 12 (pip install nvidia-cublas-cu12 nvidia-cudnn-cu12), or use device cpu"
        )
        raise unusable(engine, str(error).splitlines()[0], hint) from error
