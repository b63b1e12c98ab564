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


def opening_chain(library: Library, lang: str, purpose: str, *, voice: str = "human") -> tuple[ChainStep, ...]:
    """The steps from the beginning of the script through its last mandated statement; a machine voice has one more.

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
        fitting = (candidate for candidate in candidates if voice == "artificial" or not candidate.synthetic_only)
        step = next(fitting, None)
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
    just_asked: bool = False

    def hear_agent(self, given: frozenset[str]) -> None:
        """One more finished agent sentence and the statements in it; it also answers what ends the conversation."""
        self.agent_turns += 1
        self.just_asked = IDENTITY in given
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
        self.just_asked = False
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


_SAYS_SO = {
    "zh": ("我是", "是我", "我就是", "本人"),
    "en": ("speaking", "this is", "that's me", "that is me", "i am", "it's me"),
}
_YES = {
    "zh": ("是", "是的", "是啊", "对", "对的", "对啊", "没错", "嗯", "嗯嗯", "嗯对", "哎", "你说", "您说", "请讲"),
    "en": ("yes", "yeah", "yep", "yes it is", "yes i am", "right", "correct", "go ahead", "it is"),
}
_SOMEBODY_ELSE = {
    "zh": (
        "不是", "打错", "没有这个人", "不认识", "不在", "我是他", "我是她", "妈", "爸", "老婆", "老公", "爱人", "家人",
        "同事", "朋友", "孩子", "儿子", "女儿", "邻居", "室友", "前台",
    ),
    "en": (
        "no", "not", "wrong", "isn't", "wife", "husband", "mother", "father", "mom", "dad", "brother", "sister", "son",
        "daughter", "friend", "roommate", "colleague", "neighbor", "neighbour", "assistant", "who", "he", "she",
        "his", "her",
    ),
}  # fmt: skip
_MARKS = "。，,.!！?？~、 "


def confirms_identity(text: str, lang: str, *, just_asked: bool) -> bool:
    """Whether an answer says "that is me". Doubt is no: the agent then asks again, and nothing of the debt is said.

    A bare yes counts only when the question has just been asked; naming oneself counts at any time, unless the words
    speak of somebody else.
    """
    plain = text.strip().strip(_MARKS).lower()
    if lang == "en":
        words = "".join(char if char.isalnum() or char == "'" else " " for char in plain).split()
        if set(words) & set(_SOMEBODY_ELSE["en"]):
            return False
        plain = " ".join(words)
    elif any(word in plain for word in _SOMEBODY_ELSE["zh"]):
        return False
    if any(phrase in plain for phrase in _SAYS_SO.get(lang, ())):
        return True
    first = plain.split("，")[0].split(",")[0].strip(_MARKS)
    return just_asked and (first in _YES.get(lang, ()) or plain in _YES.get(lang, ()))
