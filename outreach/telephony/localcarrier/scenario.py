"""Who answers which number and what is said: a strict YAML file (I/O in `load_scenario` only).

The format is written out in `docs/telephony.md`. Every mistake is one InputError that names file and field.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml
from msgspec import Meta

from outreach.errors import InputError

Lang = Literal["zh", "en"]
Address = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{5,14}$")]
Secs = Annotated[float, Meta(ge=0, le=3600)]
Probability = Annotated[float, Meta(ge=0, le=1)]
FaultAction = Literal[
    "drop",
    "duplicate",
    "reorder",
    "delay",
    "break",
    "rate_limited",
    "server_error",
    "server_error_after_accept",
    "timeout_after_accept",
    "busy",
    "no_answer",
    "unallocated",
    "hang_up",
]


class _Base(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown fields are mistakes."""


class Turn(_Base, frozen=True, kw_only=True):
    """One thing a party says, once it is its turn.

    `wait`: first let the other side speak and finish (at most `timeout_secs` of silence). `barge_in_secs`: start that
    long after the other side began, without letting it finish. `yields`: stop when talked over. `suggested`: ask the
    agent console for the line and speak `say` if it has none. `wav` is played instead of synthesised `text`.
    """

    text: str = ""
    lang: Lang | None = None
    voice: str | None = None
    pause_secs: Secs = 0.4
    rate_wpm: Annotated[int, Meta(ge=80, le=450)] | None = None
    pitch: Annotated[int, Meta(ge=0, le=99)] | None = None
    gain_db: Annotated[float, Meta(ge=-40, le=20)] = 0.0
    wav: str | None = None
    suggested: bool = False
    say: str = ""
    wait: bool = True
    timeout_secs: Secs = 6.0
    barge_in_secs: Secs | None = None
    yields: bool = False
    digits: Annotated[str, Meta(pattern=r"^[0-9*#]*$")] = ""
    tone_hz: Annotated[float, Meta(ge=20, le=3900)] | None = None

    @property
    def words(self) -> str:
        """The text that is spoken when nothing is suggested."""
        return self.say if self.suggested else self.text


class Conversation(_Base, frozen=True, kw_only=True):
    """What both sides of one call say. The side named by `hangs_up` ends the call when it has nothing left to say."""

    debtor: tuple[Turn, ...] = ()
    agent: tuple[Turn, ...] = ()
    lang: Lang = "zh"
    debtor_voice: str = "f4"
    agent_voice: str = "victor"
    hangs_up: Literal["agent", "debtor"] = "agent"
    hang_up_after_secs: Secs = 2.5
    end_silence_secs: Annotated[float, Meta(ge=0.2, le=5)] = 0.8
    max_secs: Secs = 180.0


class Subscriber(_Base, frozen=True, kw_only=True):
    """The person or machine behind a debtor's number."""

    behaviour: Literal["answer", "busy", "no_answer", "voicemail", "unallocated"] = "answer"
    after_secs: Secs = 1.5
    conversation: str | None = None
    greeting: Turn | None = None
    record_secs: Secs = 20.0
    hang_up_after_secs: Secs | None = None
    detected_as: Literal["human", "machine_start", "fax", "unknown"] | None = None
    sms: Literal["delivered", "undelivered", "failed", "opted_out"] = "delivered"
    sms_reply: str | None = None
    sms_reply_after_secs: Secs = 1.0


class Agent(_Base, frozen=True, kw_only=True):
    """An agent's telephone."""

    behaviour: Literal["answer", "busy", "no_answer"] = "answer"
    after_secs: Secs = 0.4


class Fault(_Base, frozen=True, kw_only=True):
    """One thing that goes wrong. `match` is a callback's label (`ringing`, `completed`, `recording` ...)."""

    at: Literal["callback", "media", "stream", "create", "call"]
    action: FaultAction
    match: str | None = None
    to: Address | None = None
    probability: Probability = 1.0
    times: Annotated[int, Meta(ge=1)] | None = None
    secs: Secs = 0.5


class Scenario(_Base, frozen=True, kw_only=True):
    """Everything a local carrier plays."""

    format: Literal[1]
    seed: int = 1
    noise_dbfs: Annotated[float, Meta(ge=-90, le=-30)] = -60.0
    subscribers: dict[Address, Subscriber] = {}
    agents: dict[Address, Agent] = {}
    conversations: dict[str, Conversation] = {}
    faults: tuple[Fault, ...] = ()

    def conversation_of(self, address: str) -> Conversation:
        """What is said when this debtor's number is called; an empty conversation where none is written."""
        subscriber = self.subscribers.get(address)
        name = subscriber.conversation if subscriber else None
        return self.conversations[name] if name else Conversation()


_ACTIONS: dict[str, set[str]] = {
    "callback": {"drop", "duplicate", "reorder", "delay"},
    "media": {"drop", "duplicate", "reorder"},
    "stream": {"break"},
    "create": {"rate_limited", "server_error", "server_error_after_accept", "timeout_after_accept"},
    "call": {"busy", "no_answer", "unallocated", "hang_up"},
}


def parse_scenario(document: Any, *, source: str = "scenario") -> Scenario:
    """A scenario from parsed YAML or JSON. Raises InputError (input.scenario) naming source and field."""
    try:
        scenario = msgspec.convert(document, Scenario)
    except msgspec.ValidationError as error:
        raise InputError("input.scenario", f"{source}: {error}") from error
    _check_conversations(scenario, source)
    for index, fault in enumerate(scenario.faults):
        if fault.action not in _ACTIONS[fault.at]:
            allowed = sorted(_ACTIONS[fault.at])
            raise InputError("input.scenario", f"{source}: faults[{index}].action: at {fault.at} expected {allowed}")
    return scenario


def _check_conversations(scenario: Scenario, source: str) -> None:
    for index, subscriber in enumerate(scenario.subscribers.values()):
        name = subscriber.conversation
        if name is not None and name not in scenario.conversations:
            raise InputError("input.scenario", f"{source}: subscribers[{index}].conversation: no {name!r} is defined")
    for name, conversation in scenario.conversations.items():
        for side, turns in (("debtor", conversation.debtor), ("agent", conversation.agent)):
            for index, turn in enumerate(turns):
                if not (turn.words or turn.wav or turn.digits or turn.tone_hz):
                    where = f"conversations.{name}.{side}[{index}]"
                    need = "say" if turn.suggested else "text, wav or digits"
                    raise InputError("input.scenario", f"{source}: {where}: expected {need}")


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML in which a repeated key is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        repeated = {key for key in keys if keys.count(key) > 1}
        if repeated:
            raise yaml.constructor.ConstructorError(None, None, f"repeated key {sorted(repeated)}", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file (I/O). `wav` paths are relative to the file.

    Raises InputError (input.scenario) naming the file, and the line or the field.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("input.scenario", f"{path}: cannot be read: {error}") from error
    try:
        document = yaml.load(text, Loader=_StrictLoader)  # noqa: S506  # derived from SafeLoader
    except yaml.YAMLError as error:
        raise InputError("input.scenario", f"{path}: not YAML: {error}") from error
    return resolve_wavs(parse_scenario(document, source=str(path)), path.parent)


def resolve_wavs(scenario: Scenario, folder: Path) -> Scenario:
    """The scenario with relative `wav` paths taken from `folder`."""

    def fixed(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
        return tuple(
            msgspec.structs.replace(turn, wav=str(folder / turn.wav)) if turn.wav is not None else turn
            for turn in turns
        )

    conversations = {
        name: msgspec.structs.replace(item, debtor=fixed(item.debtor), agent=fixed(item.agent))
        for name, item in scenario.conversations.items()
    }
    return msgspec.structs.replace(scenario, conversations=conversations)
