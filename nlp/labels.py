"""Closed vocabularies of the text room: what may be found in speech, and nothing else.

The ids are those of the project's label definitions and travel unchanged into JSON, the database, the rulebook
and the script library. A member is a `str`, so that `label == "visit-threat"` and JSON both work without conversion.
"""

from enum import IntEnum, StrEnum
from typing import Final


class Speaker(StrEnum):
    """Who says the words. A debtor never violates: the rules of conduct bind the collector."""

    AGENT = "agent"
    DEBTOR = "debtor"


class ViolationKind(StrEnum):
    """What an agent must not do with words (multi-label)."""

    VIOLENCE_THREAT = "violence-threat"
    VISIT_THREAT = "visit-threat"
    EXPOSURE_THREAT = "exposure-threat"
    THIRD_PARTY_CONTACT = "third-party-contact"
    AUTHORITY_IMPERSONATION = "authority-impersonation"
    FALSE_LEGAL_THREAT = "false-legal-threat"
    ABUSE = "abuse"
    DEBT_MISREPRESENTATION = "debt-misrepresentation"
    INDUCE_BORROWING = "induce-borrowing"
    UNDUE_PRESSURE = "undue-pressure"
    IMPROPER_PROMISE = "improper-promise"


class Mood(StrEnum):
    """How the debtor sounds (one per utterance). Declared in the order that wins a tie."""

    DISTRESSED = "distressed"
    ANGRY = "angry"
    ANXIOUS = "anxious"
    EVASIVE = "evasive"
    COOPERATIVE = "cooperative"
    CALM = "calm"


class Vulnerability(StrEnum):
    """Circumstances of the debtor that ask for care (multi-label, independent of mood)."""

    ILLNESS = "illness"
    MENTAL_HEALTH = "mental-health"
    BEREAVEMENT = "bereavement"
    SELF_HARM = "self-harm"
    JOB_LOSS = "job-loss"
    CAREGIVING = "caregiving"
    ELDERLY = "elderly"
    DISABILITY = "disability"
    ADDICTION = "addiction"
    DOMESTIC_ABUSE = "domestic-abuse"


class Intent(StrEnum):
    """What the debtor wants or says is so (multi-label, empty when none)."""

    PROMISE_TO_PAY = "promise-to-pay"
    HARDSHIP = "hardship"
    DISPUTE = "dispute"
    STOP_CONTACT = "stop-contact"
    WRONG_NUMBER = "wrong-number"
    REPRESENTED = "represented"
    CALLBACK_REQUEST = "callback-request"
    ALREADY_PAID = "already-paid"
    ASK_FOR_DETAILS = "ask-for-details"
    REFUSE = "refuse"


class Signal(StrEnum):
    """Neutral facts heard in speech that the contact gate must know, whatever the mood or intent."""

    HOSPITALISED = "hospitalised"
    MINOR = "minor"
    DECEASED = "deceased"


class Severity(IntEnum):
    """How loudly a finding must speak. Higher is worse; the numbers are only for ordering."""

    NOTICE = 1
    SERIOUS = 2
    CRITICAL = 3


Label = ViolationKind | Mood | Vulnerability | Intent | Signal

SEVERITY: Final[dict[ViolationKind, Severity]] = {
    ViolationKind.VIOLENCE_THREAT: Severity.CRITICAL,
    ViolationKind.VISIT_THREAT: Severity.CRITICAL,
    ViolationKind.EXPOSURE_THREAT: Severity.CRITICAL,
    ViolationKind.THIRD_PARTY_CONTACT: Severity.CRITICAL,
    ViolationKind.AUTHORITY_IMPERSONATION: Severity.CRITICAL,
    ViolationKind.FALSE_LEGAL_THREAT: Severity.CRITICAL,
    ViolationKind.ABUSE: Severity.CRITICAL,
    ViolationKind.DEBT_MISREPRESENTATION: Severity.SERIOUS,
    ViolationKind.INDUCE_BORROWING: Severity.SERIOUS,
    ViolationKind.UNDUE_PRESSURE: Severity.SERIOUS,
    ViolationKind.IMPROPER_PROMISE: Severity.NOTICE,
}

DISPLAY_NAMES: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "violence-threat": "暴力威胁",
        "visit-threat": "上门威胁",
        "exposure-threat": "曝光威胁",
        "third-party-contact": "骚扰第三人",
        "authority-impersonation": "冒充公权机关",
        "false-legal-threat": "虚假法律威胁",
        "abuse": "辱骂",
        "debt-misrepresentation": "虚假陈述债务",
        "induce-borrowing": "诱导借贷",
        "undue-pressure": "不当施压",
        "improper-promise": "违规承诺",
        "distressed": "痛苦",
        "angry": "愤怒",
        "anxious": "焦虑",
        "evasive": "回避",
        "cooperative": "配合",
        "calm": "平静",
        "illness": "患病",
        "mental-health": "心理健康",
        "bereavement": "丧亲",
        "self-harm": "自伤风险",
        "job-loss": "失业",
        "caregiving": "照护家人",
        "elderly": "高龄",
        "disability": "残疾",
        "addiction": "成瘾",
        "domestic-abuse": "家庭暴力",
        "promise-to-pay": "承诺还款",
        "hardship": "还款困难",
        "dispute": "提出异议",
        "stop-contact": "要求停止联系",
        "wrong-number": "非本人",
        "represented": "已委托律师",
        "callback-request": "要求改时回电",
        "already-paid": "已还款",
        "ask-for-details": "询问详情",
        "refuse": "拒绝还款",
        "hospitalised": "正在住院",
        "minor": "未成年",
        "deceased": "债务人已故",
        "agent": "催收员",
        "debtor": "债务人",
    },
    "en": {
        "violence-threat": "Threat of violence",
        "visit-threat": "Threat to visit",
        "exposure-threat": "Threat to expose",
        "third-party-contact": "Contact with third parties",
        "authority-impersonation": "Impersonating authority",
        "false-legal-threat": "False legal threat",
        "abuse": "Abuse",
        "debt-misrepresentation": "Misrepresenting the debt",
        "induce-borrowing": "Urging to borrow",
        "undue-pressure": "Undue pressure",
        "improper-promise": "Improper promise",
        "distressed": "Distressed",
        "angry": "Angry",
        "anxious": "Anxious",
        "evasive": "Evasive",
        "cooperative": "Cooperative",
        "calm": "Calm",
        "illness": "Illness",
        "mental-health": "Mental health",
        "bereavement": "Bereavement",
        "self-harm": "Risk of self-harm",
        "job-loss": "Loss of work",
        "caregiving": "Caring for a relative",
        "elderly": "Elderly",
        "disability": "Disability",
        "addiction": "Addiction",
        "domestic-abuse": "Domestic abuse",
        "promise-to-pay": "Promise to pay",
        "hardship": "Hardship",
        "dispute": "Dispute",
        "stop-contact": "Asks to stop contact",
        "wrong-number": "Wrong number",
        "represented": "Represented by a lawyer",
        "callback-request": "Asks to be called back",
        "already-paid": "Says it is paid",
        "ask-for-details": "Asks for details",
        "refuse": "Refuses to pay",
        "hospitalised": "In hospital now",
        "minor": "Under age",
        "deceased": "Debtor is dead",
        "agent": "Agent",
        "debtor": "Debtor",
    },
}


def display_name(label: Label | Speaker | str, lang: str) -> str:
    """The label as a person reads it; `lang` is "zh" or "en". Raises KeyError for anything outside the vocabularies."""
    return DISPLAY_NAMES[lang][str(label)]
