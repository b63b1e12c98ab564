"""Putting the packs' rulings and the house's own reasons into one answer. Pure.

A contact is permitted only when every pack permits and the house has nothing against it. What cannot be told refuses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from policy.ruling import Ruling

Decision = Literal["permit", "deny", "cannot_tell"]

HOUSE_RULES: Mapping[str, Mapping[str, str]] = {
    "house-in-flight": {
        "en": "another contact with this person is still under way; one at a time",
        "zh": "与此人的另一次联系尚未结束；同一时间只能有一次",
    },
    "house-contact-point-retired": {
        "en": "this number or mailbox is no longer in use for the person",
        "zh": "此号码或邮箱已不再用于联系此人",
    },
    "house-wrong-channel": {
        "en": "this kind of address cannot be reached through this channel",
        "zh": "此类地址无法通过该渠道联系",
    },
    "house-case-closed": {
        "en": "the case is settled or closed; there is nothing left to collect",
        "zh": "案件已结清或关闭，无需再催收",
    },
    "house-case-on-hold": {
        "en": "the case is on hold until a person releases it",
        "zh": "案件已暂停，须由工作人员解除",
    },
    "house-erased": {
        "en": "the personal data of this person has been erased",
        "zh": "此人的个人数据已被删除",
    },
    "house-plan-spent": {
        "en": "this planned contact has been carried out or withdrawn before",
        "zh": "此项计划联系已执行或已撤回",
    },
    "house-budget-full": {
        "en": "the book of contacts made holds as many as a rule permits, whatever the ruling counted",
        "zh": "联系台账已达到规则允许的次数，不论裁定如何计数",
    },
    "house-budget-mismatch": {
        "en": "the budget and the recorded attempts disagree; a person must look before anyone dials",
        "zh": "联系额度与联系记录不符，须经人工核查后方可拨打",
    },
    "house-cannot-tell": {
        "en": "the facts at hand do not let the rulebook decide; what cannot be told is refused",
        "zh": "现有事实不足以作出裁定；无法判断的一律拒绝",
    },
}
"""Reasons of the house beside the law, and the sentence each prints."""

HOUSE_CITATION: Mapping[str, str] = {"en": "Fairline house rule", "zh": "Fairline 内部规则"}
UNDECIDABLE = frozenset({"house-budget-mismatch", "house-cannot-tell"})


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer of the gate: `record` is what is stored, in the form of the command-line contract."""

    decision: Decision
    rules: tuple[str, ...]
    next_permitted_at: datetime | None
    record: dict[str, Any]


def house_reason(rule: str, **facts: Any) -> dict[str, Any]:
    """A reason of the house in the form rulings give theirs."""
    return {
        "rule": rule,
        "message": HOUSE_RULES[rule]["en"],
        "citation": HOUSE_CITATION["en"],
        "parameters": {},
        "facts": facts,
        "messages": dict(HOUSE_RULES[rule]),
        "citations": dict(HOUSE_CITATION),
    }


def combine(rulings: Sequence[Ruling], house: Sequence[dict[str, Any]], rulebook_digest: str, now: datetime) -> Verdict:
    """One verdict; no ruling at all is *cannot tell*, never a permit."""
    reasons = [*house, *(reason for ruling in rulings for reason in ruling.to_record()["reasons"])]
    rules = tuple(sorted({reason["rule"] for reason in reasons}))
    decision = _decision(rulings, house)
    following = _next_permitted_at(rulings, house, now)
    record = {
        "decision": "permit" if decision == "permit" else "deny",
        "answer": decision,
        "rules": list(rules),
        "reasons": reasons,
        "next_permitted_at": None if following is None else following.isoformat(),
        "rulebook": rulebook_digest,
        "as_of": now.isoformat(),
        "packs": [ruling.to_record() for ruling in rulings],
    }
    return Verdict(decision=decision, rules=rules, next_permitted_at=following, record=record)


def _decision(rulings: Sequence[Ruling], house: Sequence[dict[str, Any]]) -> Decision:
    if not rulings and not house:
        return "cannot_tell"
    if rulings and not house and all(ruling.permitted for ruling in rulings):
        return "permit"
    plain_no = any(ruling.decision == "deny" for ruling in rulings) or any(
        reason["rule"] not in UNDECIDABLE for reason in house
    )
    return "deny" if plain_no else "cannot_tell"


def _next_permitted_at(rulings: Sequence[Ruling], house: Sequence[dict[str, Any]], now: datetime) -> datetime | None:
    """The latest of the packs' instants; None when the house objects or one pack knows none."""
    if house or not rulings:
        return None
    instants = [now if ruling.permitted else ruling.next_permitted_at for ruling in rulings]
    known = [instant for instant in instants if instant is not None]
    return max(known) if len(known) == len(instants) else None
