"""TwiML, the instructions of a call, into typed verbs. Pure. Source: Twilio "TwiML for Programmable Voice".

A document that cannot be followed is one TwimlError with the carrier's error code (12100 not XML, 12200 schema).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Method = Literal["GET", "POST"]
MAX_DOCUMENT_CHARS = 64 * 1024


class TwimlError(Exception):
    """Instructions that cannot be followed; `code` is the number the carrier reports."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Say:
    """Speak a text."""

    text: str
    language: str
    loop: int


@dataclass(frozen=True, kw_only=True)
class Play:
    """Play a WAV file from an address."""

    url: str
    loop: int


@dataclass(frozen=True, kw_only=True)
class Pause:
    """Wait."""

    secs: float


@dataclass(frozen=True, kw_only=True)
class Gather:
    """Collect keys while prompts play."""

    prompts: tuple["Say | Play | Pause", ...]
    num_digits: int | None
    timeout_secs: float
    finish_on_key: str
    action: str | None
    method: Method


@dataclass(frozen=True, kw_only=True)
class StartStream:
    """Open a one-way media stream and go on."""

    url: str
    name: str | None
    track: str
    status_callback: str | None
    status_method: Method
    parameters: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class StopStream:
    """Close a stream by its name."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Dial:
    """Ring another number and bridge it."""

    number: str
    timeout_secs: float
    time_limit_secs: float
    caller_id: str | None
    action: str | None
    method: Method
    status_callback: str | None
    status_events: frozenset[str]
    status_method: Method


@dataclass(frozen=True, kw_only=True)
class Record:
    """Record the caller until silence, a key or the limit."""

    timeout_secs: float
    max_secs: float
    play_beep: bool
    finish_on_key: str
    action: str | None
    method: Method
    status_callback: str | None


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """Go on with the instructions at another address."""

    url: str
    method: Method


@dataclass(frozen=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True)
class Reject:
    """Refuse the call; on a call already answered it ends it."""


Verb = Say | Play | Pause | Gather | StartStream | StopStream | Dial | Record | Redirect | Hangup | Reject


def parse_twiml(text: str) -> list[Verb]:
    """The verbs of a document, in order. Raises TwimlError."""
    if len(text) > MAX_DOCUMENT_CHARS or "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise TwimlError(12100, "document too large or with a document type")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  # entities are refused above
    except ElementTree.ParseError as error:
        raise TwimlError(12100, f"document parse failure: {error}") from error
    if root.tag != "Response":
        raise TwimlError(12200, f"expected <Response>, found <{root.tag}>")
    return [_verb(element) for element in root]


def _verb(element: Element) -> Verb:
    reader = _READERS.get(element.tag)
    if reader is None:
        raise TwimlError(12200, f"<{element.tag}> is not a verb this carrier follows: {sorted(_READERS)}")
    return reader(element)


def _number(element: Element, name: str, default: float) -> float:
    text = element.get(name)
    try:
        value = default if text is None else float(text)
    except ValueError as error:
        raise TwimlError(12200, f"<{element.tag} {name}>: expected a number") from error
    if not 0 <= value <= 86_400:
        raise TwimlError(12200, f"<{element.tag} {name}>: expected 0 to 86400")
    return value


def _method(element: Element, name: str = "method") -> Method:
    value = element.get(name, "POST").upper()
    if value == "GET":
        return "GET"
    if value == "POST":
        return "POST"
    raise TwimlError(12200, f"<{element.tag} {name}>: expected GET or POST")


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _say(element: Element) -> Say:
    language = element.get("language") or ("zh-CN" if any(ord(char) > 0x2E7F for char in _text(element)) else "en-US")
    return Say(text=_text(element), language=language, loop=int(_number(element, "loop", 1)))


def _play(element: Element) -> Play:
    return Play(url=_text(element), loop=int(_number(element, "loop", 1)))


def _pause(element: Element) -> Pause:
    return Pause(secs=_number(element, "length", 1))


def _gather(element: Element) -> Gather:
    prompts = [_verb(child) for child in element]
    allowed = tuple(item for item in prompts if isinstance(item, Say | Play | Pause))
    if len(allowed) != len(prompts) or "speech" in element.get("input", "dtmf"):
        raise TwimlError(12200, "<Gather> takes keys and holds only Say, Play and Pause here")
    digits = element.get("numDigits")
    return Gather(
        prompts=allowed,
        num_digits=None if digits is None else int(_number(element, "numDigits", 1)),
        timeout_secs=_number(element, "timeout", 5),
        finish_on_key=element.get("finishOnKey", "#"),
        action=element.get("action"),
        method=_method(element),
    )


def _start(element: Element) -> StartStream:
    stream = element.find("Stream")
    if stream is None or len(element) != 1:
        raise TwimlError(12200, "<Start> holds exactly one <Stream> here")
    url = stream.get("url", "")
    if not url.startswith(("wss://", "ws://")):
        raise TwimlError(31922, "<Stream url>: expected wss:// (ws:// is accepted on this machine only)")
    return StartStream(
        url=url.split("?", 1)[0],  # a stream address loses its query; data travels as parameters
        name=stream.get("name"),
        track=stream.get("track", "inbound_track"),
        status_callback=stream.get("statusCallback"),
        status_method=_method(stream, "statusCallbackMethod"),
        parameters={item.get("name", ""): item.get("value", "") for item in stream.findall("Parameter")},
    )


def _stop(element: Element) -> StopStream:
    stream = element.find("Stream")
    if stream is None or not stream.get("name"):
        raise TwimlError(12200, "<Stop> holds one <Stream name>")
    return StopStream(name=stream.get("name", ""))


def _dial(element: Element) -> Dial:
    nouns = list(element)
    if len(nouns) > 1 or (nouns and nouns[0].tag != "Number"):
        raise TwimlError(12200, "<Dial> holds one <Number> here")
    noun = nouns[0] if nouns else element
    events = noun.get("statusCallbackEvent", "completed") if nouns else "completed"
    return Dial(
        number=_text(noun),
        timeout_secs=_number(element, "timeout", 30),
        time_limit_secs=_number(element, "timeLimit", 14_400),
        caller_id=element.get("callerId"),
        action=element.get("action"),
        method=_method(element),
        status_callback=noun.get("statusCallback") if nouns else None,
        status_events=frozenset(events.split()),
        status_method=_method(noun, "statusCallbackMethod"),
    )


def _record(element: Element) -> Record:
    return Record(
        timeout_secs=_number(element, "timeout", 5),
        max_secs=_number(element, "maxLength", 3600),
        play_beep=element.get("playBeep", "true") != "false",
        finish_on_key=element.get("finishOnKey", "1234567890*#"),
        action=element.get("action"),
        method=_method(element),
        status_callback=element.get("recordingStatusCallback"),
    )


def _redirect(element: Element) -> Redirect:
    return Redirect(url=_text(element), method=_method(element))


_READERS: dict[str, Callable[[Element], Verb]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
    "Gather": _gather,
    "Start": _start,
    "Stop": _stop,
    "Dial": _dial,
    "Record": _record,
    "Redirect": _redirect,
    "Hangup": lambda _element: Hangup(),
    "Reject": lambda _element: Reject(),
}
