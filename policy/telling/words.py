"""The closed vocabularies as people read them, in English and Chinese (pure).

Texts of the law live in the rulebook; these are the words of the engine itself: channels, parties, flags, marks. A test
holds them equal to the vocabularies.
"""

from collections.abc import Iterable, Mapping

_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "channel": {
        "voice": ("calls", "电话"),
        "voicemail": ("ringless messages", "语音留言"),
        "sms": ("text messages", "短信"),
        "email": ("e-mail", "电子邮件"),
    },
    "act": {
        "voice": ("calling", "打电话"),
        "voicemail": ("leaving a ringless message", "发语音留言"),
        "sms": ("sending a text message", "发短信"),
        "email": ("sending an e-mail", "发电子邮件"),
    },
    "day": {
        "mon": ("Monday", "周一"),
        "tue": ("Tuesday", "周二"),
        "wed": ("Wednesday", "周三"),
        "thu": ("Thursday", "周四"),
        "fri": ("Friday", "周五"),
        "sat": ("Saturday", "周六"),
        "sun": ("Sunday", "周日"),
    },
    "direction": {"outbound": ("outgoing", "呼出"), "inbound": ("incoming", "呼入")},
    "outcome": {
        "no_answer": ("rang out", "无人接听"),
        "conversation": ("conversation", "通话"),
        "voicemail": ("mailbox reached", "进入语音信箱"),
        "busy": ("busy", "忙线"),
        "not_in_service": ("not in service", "空号"),
        "wrong_number": ("answered by a stranger", "陌生人接听"),
        "declined": ("declined", "拒接"),
        "dropped": ("dropped", "接通后中断"),
        "delivered": ("delivered", "已送达"),
        "bounced": ("bounced", "被退回"),
    },
    "party": {
        "debtor": ("debtor", "债务人"),
        "third_party": ("outsider", "无关第三人"),
        "guarantor": ("guarantor", "保证人"),
        "spouse": ("spouse", "配偶"),
        "parent": ("parent", "父母"),
        "guardian": ("guardian", "监护人"),
        "executor": ("executor", "遗产管理人"),
        "attorney": ("lawyer", "律师"),
    },
    "purpose": {
        "collection": ("collection", "催收"),
        "reminder": ("reminder", "还款提醒"),
        "requested_callback": ("callback asked for", "应约回电"),
        "location_information": ("location enquiry", "询问联系方式"),
        "reply": ("reply", "答复"),
        "opt_out_confirmation": ("confirmation of an opt-out", "退订确认"),
    },
    "place": {"personal": ("personal", "个人"), "work": ("at work", "工作场所")},
    "voice": {"human": ("human voice", "真人语音"), "artificial": ("artificial voice", "合成语音")},
    "consent": {
        "additional_calls": ("consent to additional calls", "同意增加通话"),
        "inconvenient_time": ("consent to contact at such a time", "同意在该时段联系"),
        "artificial_voice": ("consent to an artificial voice", "同意使用合成语音"),
    },
    "holder": {"collector": ("collector", "催收机构"), "creditor": ("creditor", "债权人")},
    "flag": {
        "hospitalised": ("in hospital", "正在住院"),
        "represented": ("represented by a lawyer", "已委托律师"),
        "ceased": ("asked in writing to stop", "书面要求停止联系"),
        "deceased": ("deceased", "已去世"),
        "disputed": ("debt disputed", "对债务有异议"),
        "minor": ("under age", "未成年"),
        "breathing_space": ("in a debt moratorium", "处于债务宽限期"),
        "wrong_number": ("number belongs to somebody else", "号码属于他人"),
        "bankrupt": ("bankruptcy accepted", "破产已受理"),
        "revoked_sms_consent": ("refused text messages", "拒收短信"),
        "on_do_not_call": ("on a do-not-call list", "在勿扰名单上"),
        "employer_prohibits": ("employer forbids contact at work", "单位禁止在工作场所联系"),
        "lacks_capacity": ("capacity in doubt", "行为能力存疑"),
        "bereavement": ("bereaved", "丧亲"),
        "grievance_open": ("open grievance", "投诉未结"),
        "third_party_refused": ("an outsider objected", "第三人拒绝联系"),
    },
    "per": {
        "party": ("person called", "被叫人"),
        "debt": ("debt", "债务"),
        "address": ("number or mailbox", "号码或邮箱"),
    },
    "effect": {
        "prohibition": ("prohibition", "禁止"),
        "rebuttable_presumption": ("rebuttable presumption", "可反驳的推定"),
        "duty": ("duty", "义务"),
        "exemption": ("exemption", "豁免"),
    },
    "instrument": {
        "statute": ("statute", "法律"),
        "regulation": ("regulation", "法规规章"),
        "national_standard": ("national standard", "国家标准"),
        "association_guidance": ("association guidance", "协会指引"),
        "contract": ("contract", "合同"),
        "house_rule": ("house rule", "内部规则"),
        "pack_choice": ("own choice", "自定"),
    },
    "certainty": {
        "V": ("read in the primary text", "已核对原文"),
        "S": ("second hand, a source that quotes it", "转引自二手资料"),
        "M": ("from memory, text not seen", "凭记忆，未见原文"),
        "P": ("our own choice, beyond the law", "本规则包自定"),
        "paper": ("source paper of the project", "本项目来源论文"),
    },
    "severity": {"medium": ("medium", "中"), "high": ("high", "高"), "critical": ("critical", "严重")},
    "state": {
        "in_force": ("in force", "生效中"),
        "not_yet": ("not yet in force", "尚未生效"),
        "repealed": ("ended", "已失效"),
        "unknown": ("unknown: contact is refused", "未知：一律不联系"),
    },
}
_AT = {"en": 0, "zh": 1}
CHANNEL_ORDER = tuple(_WORDS["channel"])
OUTCOME_ORDER = tuple(_WORDS["outcome"])
PARTY_ORDER = tuple(_WORDS["party"])
PURPOSE_ORDER = tuple(_WORDS["purpose"])
_JOINTS = {"or": {"en": " or ", "zh": "或"}, "and": {"en": " and ", "zh": "和"}}


def word(group: str, code: str, lang: str) -> str:
    """One code of a vocabulary in words; the code itself where there are none (a new kind's own word)."""
    found = _WORDS[group].get(code)
    return code.replace("_", " ") if found is None else found[_AT[lang]]


def known(group: str) -> frozenset[str]:
    """The codes of a group that have words."""
    return frozenset(_WORDS[group])


def listed(items: Iterable[str], lang: str, joint: str = "or") -> str:
    """`a, b or c` / `a、b或c`; `joint` is `or` or `and`."""
    *head, last = list(items) or [""]
    comma = ", " if lang == "en" else "、"
    return f"{comma.join(head)}{_JOINTS[joint][lang]}{last}" if head else last


def words(group: str, codes: Iterable[str], lang: str, joint: str = "or") -> str:
    """Several codes as one list, in the order of the vocabulary."""
    chosen = set(codes)
    ordered = [code for code in _WORDS[group] if code in chosen] + sorted(chosen - set(_WORDS[group]))
    return listed((word(group, code, lang) for code in ordered), lang, joint)
