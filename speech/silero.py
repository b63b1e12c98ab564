"""Voice activity by Silero VAD v6, the ONNX file inside the faster-whisper wheel (I/O: reads the model file).

The network takes windows of 512 samples at 16 kHz, each preceded by the last 64 samples of the one before, and carries
a recurrent state (Silero VAD, MIT licence, github.com/snakers4/silero-vad). Telephone audio at 8 kHz is
upsampled first.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speech.errors import RecognizerError
from speech.vad import WINDOW_SAMPLES

_CONTEXT = 64
_STATE_SHAPE = (1, 1, 128)
_MODEL_FILE = "silero_vad_v6.onnx"


def _model_path() -> Path:
    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise RecognizerError(
            "recognizer.not_installed",
            "voice activity needs the packages faster-whisper and onnxruntime, which are not installed",
            hint="pip install 'fairline[asr]'",
        )
    path = Path(spec.origin).parent / "assets" / _MODEL_FILE
    if not path.is_file():
        raise RecognizerError(
            "recognizer.weights_missing",
            f"{_MODEL_FILE} is not in {path.parent}; the installed faster-whisper is another version than expected",
            hint="pip install 'fairline[asr]' again",
        )
    return path


@functools.cache
def _session() -> Any:
    """One session for the process; running it is thread-safe and keeps nothing between calls."""
    path = _model_path()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"], sess_options=options)


class SileroProbability:
    """The speech probabilities of one track (`speech.vad.SpeechProbability`). Not to be shared between tracks.

    Raises `RecognizerError` `recognizer.not_installed` or `recognizer.weights_missing` when made without the model.
    """

    def __init__(self) -> None:
        self._run = _session().run
        self.reset()

    def reset(self) -> None:
        """Forget what came before."""
        self._hidden = np.zeros(_STATE_SHAPE, np.float32)
        self._cell = np.zeros(_STATE_SHAPE, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probabilities(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """One probability for each row of `windows`, shape (n, 512)."""
        if not len(windows):
            return np.zeros(0, np.float32)
        rows = np.empty((len(windows), _CONTEXT + WINDOW_SAMPLES), np.float32)
        rows[:, _CONTEXT:] = windows
        rows[0, :_CONTEXT] = self._context
        rows[1:, :_CONTEXT] = windows[:-1, -_CONTEXT:]
        output, self._hidden, self._cell = self._run(None, {"input": rows, "h": self._hidden, "c": self._cell})
        self._context = windows[-1, -_CONTEXT:].copy()
        return np.asarray(output, np.float32).reshape(-1)
