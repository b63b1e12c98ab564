"""The models that hear calls, and what they compute on (I/O: reads weights, loads them once; fetches nothing)."""

import os

from outreach.config import Settings
from outreach.doctor.check import Check

_MEGABYTE = 1e6
_FEW = 5
_LEARNED = "learned synthetic telephone speech only"


def device(settings: Settings) -> Check:
    """Processor or GPU, what it computes in, and how many threads recognition takes."""
    from importlib.metadata import version

    from outreach.bootstrap import RECOGNITION_THREADS
    from speech.engine import Engine, check_engine, hardware

    here = hardware()
    check_engine(Engine(device=settings.asr_device, compute_type=settings.asr_compute_type))
    taken = here.auto if settings.asr_device == "auto" else settings.asr_device
    cores, threads = _cores(), RECOGNITION_THREADS * settings.asr_threads
    gpus = f"{here.cuda_devices} CUDA device(s)" if here.cuda_devices else "no CUDA device"
    found = (
        f"{taken}, {gpus} (CTranslate2 {version('ctranslate2')}); computes in {', '.join(here.compute_types[taken])}; "
        f"{threads} threads for recognition on {cores} cores"
    )
    details = {
        "device": taken,
        "cuda_devices": here.cuda_devices,
        "compute_types": {name: list(types) for name, types in here.compute_types.items()},
        "compute_type": settings.asr_compute_type,
        "threads": threads,
        "cores": cores,
    }
    if taken == "cpu" and threads > cores:
        todo = f"set FAIRLINE_ASR_THREADS to {max(1, cores // RECOGNITION_THREADS)} or less"
        return Check(name="device", state="note", found=found, todo=todo, details=details)
    return Check(name="device", state="ok", found=found, details=details)


def embedded_model(_settings: Settings) -> Check:
    """The model that ships with Fairline: which, how large, and how much it gets wrong."""
    from speech.weights import EMBEDDED, EMBEDDED_MODEL, digest_of, locate, measured_errors

    weights = locate(EMBEDDED)
    digest, errors = digest_of(weights.directory), measured_errors()
    measured = f"CER {errors.get('zh', '?')} (zh), WER {errors.get('en', '?')} (en)" if errors else "not measured"
    return Check(
        name="embedded model",
        state="ok",
        found=f"{EMBEDDED_MODEL}, {digest[:19]}, {_size(weights.size_bytes)}; {_LEARNED}; "
        f"errors on unseen sentences by unseen synthetic voices: {measured}",
        details={
            "name": EMBEDDED_MODEL,
            "digest": digest,
            "directory": str(weights.directory),
            "size_bytes": weights.size_bytes,
            "measured_error": errors,
        },
    )


def recogniser(settings: Settings) -> Check:
    """The model that hears calls while they are spoken."""
    found = _loaded("recogniser", settings.asr_model, settings)
    if found.details["demonstration"]:
        todo = "for human speech set FAIRLINE_ASR_MODEL to a Whisper, such as large-v3-turbo or a directory"
        return Check(name=found.name, state="note", found=found.found, todo=todo, details=found.details)
    return found


def second_pass(settings: Settings) -> Check:
    """The model that hears calls again after their end."""
    if settings.second_pass_model is None:
        return Check(name="second pass", state="ok", found="none (FAIRLINE_SECOND_PASS_MODEL is not set)")
    return _loaded("second pass", settings.second_pass_model, settings)


def _loaded(name: str, model: str, settings: Settings) -> Check:
    """A model that is on this machine, loaded to see that it works here. Raises RecognizerError for any other."""
    from speech.weights import locate
    from speech.whisper import WhisperRecognizer

    weights = locate(model)
    loaded = WhisperRecognizer.load(model, device=settings.asr_device, compute_type=settings.asr_compute_type)
    identity, capabilities = loaded.identity, loaded.capabilities
    known = capabilities.languages
    languages = ", ".join(known) if len(known) <= _FEW else f"{len(known)} languages"
    learned = f"; {_LEARNED}" if capabilities.demonstration else ""
    return Check(
        name=name,
        state="ok",
        found=f"{identity.id}, {_size(weights.size_bytes)} at {weights.directory}; "
        f"{identity.device}, {identity.compute_type}; {languages}{learned}",
        details={
            "model": model,
            "kind": weights.kind,
            "digest": identity.digest,
            "directory": str(weights.directory),
            "size_bytes": weights.size_bytes,
            "device": identity.device,
            "compute_type": identity.compute_type,
            "languages": list(known),
            "demonstration": capabilities.demonstration,
            "calibrated": capabilities.calibrated,
        },
    )


def _size(size_bytes: int) -> str:
    megabytes = size_bytes / _MEGABYTE
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:.1f} MB"


def _cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
