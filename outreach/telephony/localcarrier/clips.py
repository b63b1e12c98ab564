"""Speech for the simulated parties (I/O): rendered ahead in one background thread, kept in memory.

Needs the extra `demo` (espeak-ng) unless every turn is a WAV file. A suggested line is asked of the agent console when
its turn comes, as a person would read it off the screen.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import numpy as np
import structlog

from outreach.errors import InputError, NotAvailableError
from outreach.telephony.localcarrier.config import LocalCarrierConfig
from outreach.telephony.localcarrier.parties import PendingClip
from outreach.telephony.localcarrier.scenario import Conversation, Lang, Scenario, Turn
from outreach.telephony.localcarrier.sound import Samples, apply_gain, tone
from outreach.telephony.localcarrier.wav import wav_samples

if TYPE_CHECKING:
    from speech.synthesis.telephone import Voice

_LOG = structlog.get_logger(__name__)
_BEEP_SECS = 0.5


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Everything a clip's sound depends on."""

    text: str
    lang: Lang
    voice: str
    rate_wpm: int | None = None
    pitch: int | None = None
    gain_db: float = 0.0
    wav: str | None = None
    tone_hz: float | None = None


class _Suggestion(msgspec.Struct):
    text: str
    lang: Lang = "zh"
    digest: str = ""


def wording(turn: Turn, conversation: Conversation, voice: str) -> Wording:
    """A turn's sound with the conversation's defaults filled in."""
    return Wording(
        text=turn.words,
        lang=turn.lang or conversation.lang,
        voice=turn.voice or voice,
        rate_wpm=turn.rate_wpm,
        pitch=turn.pitch,
        gain_db=turn.gain_db,
        wav=turn.wav,
        tone_hz=turn.tone_hz,
    )


def read_wav(path: Path) -> Samples:
    """Mono samples at 8 kHz of a 16-bit WAV file. Raises InputError (input.wav) naming the file."""
    try:
        return wav_samples(path.read_bytes())
    except OSError as error:
        raise InputError("input.wav", f"{path}: cannot be read: {error.strerror}") from error
    except InputError as error:
        raise InputError(error.code, f"{path}: {error.message}") from error


def find_voice(name: str) -> "Voice":
    """A synthetic voice by its name.

    Raises InputError (input.voice) naming the known ones, NotAvailableError when no synthesiser is installed.
    """
    try:
        from speech.synthesis.telephone import VOICES
    except ImportError as error:
        hint = "pip install 'fairline[demo]', or give every turn a wav"
        raise NotAvailableError("missing.synthesis", "speech synthesis is not installed", hint=hint) from error
    voice = VOICES.get(name)
    if voice is None:
        raise InputError("input.voice", f"no voice {name!r}; known: {', '.join(sorted(VOICES))}")
    return voice


def check_voices(scenario: Scenario) -> None:
    """Raise what `find_voice` raises for the first spoken turn whose voice cannot be had."""
    for conversation in scenario.conversations.values():
        sides = ((conversation.debtor, conversation.debtor_voice), (conversation.agent, conversation.agent_voice))
        for turns, voice in sides:
            for turn in turns:
                if turn.words and turn.wav is None and turn.tone_hz is None:
                    find_voice(turn.voice or voice)


def render(wanted: Wording) -> Samples:
    """The sound of one wording: a tone, a file, or synthesised speech. Slow: call it off the event loop.

    Raises InputError for a voice or file that is not there, NotAvailableError when no synthesiser is installed.
    """
    if wanted.tone_hz is not None:
        return tone(wanted.tone_hz, _BEEP_SECS)
    if wanted.wav is not None:
        return apply_gain(read_wav(Path(wanted.wav)), wanted.gain_db)
    voice = find_voice(wanted.voice)
    if wanted.rate_wpm is not None:
        voice = replace(voice, rate_wpm=wanted.rate_wpm)
    if wanted.pitch is not None:
        voice = replace(voice, pitch=wanted.pitch)
    from speech.synthesis.telephone import synthesize_telephone

    return apply_gain(synthesize_telephone(wanted.text, wanted.lang, voice), wanted.gain_db)


class ClipBank:
    """Renders each wording once."""

    def __init__(self, config: LocalCarrierConfig) -> None:
        self._config = config
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="carrier-voice")
        self._clips: dict[Wording, asyncio.Task[Samples]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._console = httpx.AsyncClient(timeout=config.console_timeout_secs, trust_env=False)

    async def prepare(self, wanted: Iterable[Wording]) -> None:
        """Have these ready. Raises InputError or NotAvailableError for the first that cannot be made."""
        for item in wanted:
            await self.clip(item)

    async def clip(self, wanted: Wording) -> Samples:
        """The sound of one wording, rendered now if it is new."""
        task = self._clips.get(wanted)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._render(wanted))
            self._clips[wanted] = task
        return await asyncio.shield(task)

    def start(self, wanted: Wording) -> PendingClip:
        """The same without waiting: at once when it is ready, later otherwise."""
        task = self._clips.get(wanted)
        if task is not None and task.done() and task.exception() is None:
            return PendingClip(task.result())
        return self._pending(self.clip(wanted))

    def start_suggested(self, call_sid: str, fallback: Wording) -> PendingClip:
        """Ask the console which line to say in this call, then render it."""
        return self._pending(self._suggested(call_sid, fallback))

    async def close(self) -> None:
        """Stop rendering."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        unfinished = [*self._tasks, *self._clips.values()]
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        await self._console.aclose()

    async def _render(self, wanted: Wording) -> Samples:
        return await asyncio.get_running_loop().run_in_executor(self._pool, render, wanted)

    def _pending(self, coming: Coroutine[Any, Any, Samples]) -> PendingClip:
        pending = PendingClip()
        task = asyncio.get_running_loop().create_task(self._fill(pending, coming))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return pending

    async def _fill(self, pending: PendingClip, coming: Coroutine[Any, Any, Samples]) -> None:
        try:
            pending.samples = await coming
        except (InputError, NotAvailableError) as error:
            _LOG.warning("clip_failed", code=error.code)
            pending.samples = np.zeros(0, np.int16)

    async def _suggested(self, call_sid: str, fallback: Wording) -> Samples:
        line = await self._ask_console(call_sid)
        if line is None:
            return await self.clip(fallback)
        return await self.clip(replace(fallback, text=line.text, lang=line.lang, wav=None))

    async def _ask_console(self, call_sid: str) -> _Suggestion | None:
        if self._config.console_url is None:
            return None
        url = f"{self._config.console_url.rstrip('/')}/api/console/next"
        headers = {"Authorization": f"Bearer {self._config.console_token}"}
        try:
            response = await self._console.get(url, params={"call_sid": call_sid}, headers=headers)
            if response.status_code != 200:
                return None
            line = msgspec.json.decode(response.content, type=_Suggestion)
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            _LOG.info("suggestion_missing", reason=type(error).__name__)
            return None
        return line if line.text.strip() else None
