"""Where a conversation stands in the script, from what was heard. Pure.

The mandated statements come first, in the order of the library: the stage is that of the first step whose statements
were not heard yet. After them: listening -> negotiation -> promise -> closing. Identity is special: hearing the
question is not enough, the person must say yes before anything about the debt is said.
"""

from dataclasses import dataclass, field

from scripts.script import Library, Step

ENDING = frozenset({"stop-contact", "wrong-number", "represented", "hospitalised", "minor", "deceased", "self-harm"})
OWN_DEBT = frozenset({"hardship", "already-paid", "refuse", "promise-to-pay"})
"""What only the person who owes would say; a question or a dispute may come from anybody who picks up."""
BEFORE_IDENTITY = ENDING | {"callback-request"}
"""Signals that may choose the next line before the person has said who they are: none of them leads to the debt."""
IDENTITY = "identity-check"
PROMISE_RECORD = "promise-record"
ENOUGH_NEGOTIATION = 3
"""Agent turns in negotiation without a promise after which the call is brought to a friendly end."""


@dataclass(frozen=True, kw_only=True)
class ChainStep:
    """One step of the opening chain: its stage and the statements it gives."""

    stage: str
    gives: frozenset[str]


def opening_chain(library: Library, lang: str, purpose: str) -> tuple[ChainStep, ...]:
    """The steps from the beginning of the script through its last mandated statement, for a human voice.

    Raises KeyError when no script begins `purpose` in `lang`.
    """
    playbook = library.playbook(lang, purpose)
    chain: list[ChainStep] = []
    visited: set[str] = set()
    step: Step | None = playbook.steps[playbook.start]
    while step is not None and step.id not in visited:
        visited.add(step.id)
        if not step.gives and len(chain) > 0 and IDENTITY in frozenset().union(*(link.gives for link in chain)):
            break
        chain.append(ChainStep(stage=step.stage, gives=frozenset(step.gives)))
        candidates = (playbook.steps[name] for name in step.next if name in playbook.steps)
        step = next((candidate for candidate in candidates if not candidate.synthetic_only), None)
    return tuple(chain)


@dataclass(kw_only=True)
class StageTracker:
    """The stage of one call. `identity` is None until the person answered who they are.

    `must_end` is a reason to close that was heard; it becomes `ending` once the agent has answered it.
    """

    chain: tuple[ChainStep, ...]
    stage: str = "opening"
    identity: bool | None = None
    heard: set[str] = field(default_factory=set)
    promised: bool = False
    must_end: str | None = None
    ending: str | None = None
    agent_turns: int = 0
    listened: bool = False

    def hear_agent(self) -> None:
        """One more finished agent sentence in the present stage; it also answers what ends the conversation."""
        self.agent_turns += 1
        self.ending = self.ending or self.must_end

    def hear_debtor(self, labels: frozenset[str], *, says_yes: bool) -> None:
        """A finished, clear debtor sentence: its intents and signals, and whether it answers "yes, that is me"."""
        ending = sorted(labels & ENDING)
        if ending:
            self.must_end = self.must_end or ending[0]
        if "wrong-number" in labels:
            self.identity = False
        elif self.identity is None and IDENTITY in self.heard and (says_yes or labels & OWN_DEBT):
            self.identity = True
        if "promise-to-pay" in labels:
            self.promised = True
        elif labels & {"refuse", "dispute"}:
            self.promised = False
        if self.stage == "listening" and self.agent_turns > 0:
            self.listened = True

    def advance(self) -> tuple[str, str] | None:
        """Recompute the stage: (stage, why) if it moved, else None."""
        stage, why = self._present()
        if stage == self.stage:
            return None
        self.stage, self.agent_turns = stage, 0
        return stage, why

    def _present(self) -> tuple[str, str]:
        if self.ending is not None:
            return "closing", f"heard {self.ending}"
        for link in self.chain:
            missing = link.gives - self.heard
            if missing:
                return link.stage, f"not heard yet: {', '.join(sorted(missing))}"
            if IDENTITY in link.gives and self.identity is not True:
                return link.stage, "identity not confirmed"
        if self.stage == "closing":
            return "closing", ""
        if self.promised:
            return ("closing", "promise recorded") if PROMISE_RECORD in self.heard else ("promise", "promise heard")
        if self.stage == "negotiation":
            done = self.agent_turns >= ENOUGH_NEGOTIATION
            return ("closing", "nothing more to agree today") if done else ("negotiation", "")
        return ("negotiation", "the debtor was heard") if self.listened else ("listening", "statements given")


_CONFIRMING = {
    "zh": ("我是", "是的", "是我", "对的", "没错", "我就是", "本人", "您说", "你说", "请讲", "嗯对", "我在"),
    "en": ("yes", "speaking", "this is", "that's me", "that is me", "it is", "i am", "go ahead"),
}
_SHORT_YES = {
    "zh": frozenset({"是", "对", "嗯", "哎", "在", "是啊", "对啊"}),
    "en": frozenset({"yeah", "yep", "right"}),
}
_DENYING = {"zh": ("不是", "打错", "没有这个人", "不认识"), "en": ("no", "not", "wrong")}


def confirms_identity(text: str, lang: str) -> bool:
    """Whether an answer to "am I speaking with …" says yes. Doubt is no: the agent then asks again."""
    plain = text.strip().strip("。，,.!！?？~ ").lower()
    words = set(plain.replace(",", " ").replace(".", " ").split())
    denied = words & set(_DENYING["en"]) if lang == "en" else any(word in plain for word in _DENYING["zh"])
    if denied:
        return False
    if plain in _SHORT_YES.get(lang, frozenset()) or words & _SHORT_YES["en"]:
        return True
    return any(phrase in plain for phrase in _CONFIRMING.get(lang, ()))
