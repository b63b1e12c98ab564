"""On what a model computes, and what this machine has for it (I/O: asks CTranslate2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from speech.errors import RecognizerError

DEVICES: Final = ("auto", "cpu", "cuda")
COMPUTE_TYPES: Final = (
    "default", "auto", "int8", "int8_float32", "int8_float16", "int8_bfloat16", "int16", "float16", "bfloat16",
    "float32",
)  # fmt: skip
UNKNOWN_WORDS: Final = frozenset(
    {"recognizer.unknown_model", "recognizer.unknown_device", "recognizer.unknown_compute_type"}
)
"""Codes of words that no machine knows: bad input, and not something that is missing here."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """On what a model computes. `workers` decodes at a time with `threads` processor threads each."""

    device: str = "auto"
    compute_type: str = "default"
    workers: int = 1
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """What CTranslate2 can use here. `compute_types` by device; a device that cannot be used is not among them."""

    cuda_devices: int
    compute_types: dict[str, tuple[str, ...]]

    @property
    def auto(self) -> str:
        """What the device "auto" stands for."""
        return "cuda" if self.cuda_devices else "cpu"


def hardware() -> Hardware:
    """Ask CTranslate2. Raises `RecognizerError` `recognizer.not_installed`."""
    try:
        import ctranslate2
    except ImportError as error:
        raise RecognizerError(
            "recognizer.not_installed", "the package ctranslate2 is not installed", hint="pip install 'fairline[asr]'"
        ) from error
    count = int(ctranslate2.get_cuda_device_count())
    devices = ("cpu", "cuda") if count else ("cpu",)
    return Hardware(
        cuda_devices=count,
        compute_types={name: tuple(sorted(ctranslate2.get_supported_compute_types(name))) for name in devices},
    )


def check_engine(engine: Engine) -> None:
    """Refuse a device or compute type that nobody knows, or that this machine cannot use.

    Raises `RecognizerError` `recognizer.unknown_device`, `.unknown_compute_type` and `.device_unavailable`, naming what
    was found, what there is and what to do.
    """
    for word, what, known in (
        (engine.device, "device", DEVICES),
        (engine.compute_type, "compute type", COMPUTE_TYPES),
    ):
        if word not in known:
            code = f"recognizer.unknown_{what.replace(' ', '_')}"
            raise RecognizerError(code, f"there is no {what} {word!r}", hint=f"expected one of {', '.join(known)}")
    here = hardware()
    if engine.device == "cuda" and not here.cuda_devices:
        hint = "use device cpu, or install an NVIDIA driver with CUDA 12 and see nvidia-smi"
        raise unusable(engine, "CTranslate2 finds no CUDA device on this machine", hint)
    device = here.auto if engine.device == "auto" else engine.device
    possible = here.compute_types[device]
    if engine.compute_type not in ("default", "auto", *possible):
        said = f"the device {device} of this machine cannot compute in {engine.compute_type}"
        raise unusable(engine, said, f"expected default or one of {', '.join(possible)}")


def unusable(engine: Engine, found: str, hint: str) -> RecognizerError:
    """The error `recognizer.device_unavailable` in words common to all its reasons."""
    asked = f"device {engine.device!r} with compute type {engine.compute_type!r} cannot be used here"
    return RecognizerError("recognizer.device_unavailable", f"{asked}: {found}", hint=hint)
