"""Labels of the rendered rulebook page, in English and Chinese; the law's own texts come from the rulebook."""

from collections.abc import Mapping

_TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("The rulebook", "规则库"),
    "lead": (
        "Every rule that decides whether a contact may be attempted: its values over time, and on what it rests.",
        "决定一次联系可否进行的全部规则：各时期的取值及其依据。",
    ),
    "caution": (
        "Facts restated with citations, not legal advice; a lawyer of the jurisdiction confirms them before live use.",
        "以下为附出处的事实转述，不构成法律意见；正式使用前须由当地律师确认。",
    ),
    "as_of": ("As in force on {day}", "以 {day} 生效内容为准"),
    "day": ("Show the law of", "查看日期"),
    "show": ("Show", "查看"),
    "digest": ("Digest of the rulebook", "规则库摘要"),
    "contents": ("Contents", "目录"),
    "find": ("Search rules, citations, statements", "搜索规则、依据、禁语"),
    "find_hint": ("Press / to search", "按 / 键搜索"),
    "found": ("{n} shown", "显示 {n} 条"),
    "found_none": ("Nothing matches", "没有符合的内容"),
    "only_now": ("In force only", "仅看生效中"),
    "covers": ("Covers", "覆盖日期"),
    "clock": ("Legal clock", "法定时区"),
    "jurisdiction": ("Jurisdiction", "法域"),
    "coverage": ("Coverage", "覆盖情况"),
    "topic": ("Topic", "主题"),
    "in_force": ("In force", "生效"),
    "dates": ("Dates", "日期"),
    "marks": ("Certainty", "依据可靠度"),
    "confirmed": ("Last confirmed", "最近核对"),
    "days_ago": ("{n} days ago", "{n}天前"),
    "rules": ("Contact rules", "联系规则"),
    "duties": ("Duties", "义务"),
    "disclosures": ("What must be said, in order", "必须告知的内容（按次序）"),
    "statements": ("Forbidden statements", "禁止的表述"),
    "lawful": ("Allowed, although it sounds near", "听来相近但允许的表述"),
    "stop_words": ("Words that refuse a medium", "视为拒绝的用语"),
    "flags_without_effect": ("Facts knowingly without effect", "明知不产生效力的事实"),
    "doubts": ("Doubts", "存疑之处"),
    "sources": ("Sources", "来源"),
    "overlays": ("Contracts, house rules and tiers laid over the law", "叠加于法律之上的合同、内部规则与等级"),
    "says": ("A refusal says", "拒绝时的说明"),
    "advice_says": ("The advice says", "建议说明"),
    "advises": ("advises only", "仅提示"),
    "other_values": ("Earlier and later values ({n})", "其他时期的取值（{n}）"),
    "edges": ("At its edges ({n} examples)", "边界示例（{n}个）"),
    "refused": ("refused", "不得联系"),
    "free": ("not barred by this rule", "本规则不禁止"),
    "advised": ("advised against", "提示人工"),
    "evidence": ("Evidence to keep", "须留存的证据"),
    "flags": ("Facts it reacts to", "相关事实"),
    "regions": ("Only in", "仅限地区"),
    "note": ("Note", "说明"),
    "since": ("since {day}", "自 {day} 起"),
    "labels": ("Finding labels", "对应发现标签"),
    "only_once_known": ("Only once known of the person", "仅在得知下列情形之后"),
    "signals": ("For example", "例如"),
    "machine_only": ("only where a machine speaks", "仅限机器语音"),
    "unknown_gap": ("unknown", "未知"),
    "timeline": ("Values over time: {text}", "各时期取值：{text}"),
    "to_top": ("Back to the top", "回到顶部"),
    "key": ("What the marks mean", "标记含义"),
    "same_on_all": ("applies to all", "适用于全部"),
}
_AT = {"en": 0, "zh": 1}


class PageTexts:
    """`say("title")` in one language; gaps are filled by name."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, key: str, **values: object) -> str:
        """The text of a label; KeyError for a label that is not there (a fault of the template)."""
        return _TEXTS[key][_AT[self.lang]].format(**values)


def label_keys() -> frozenset[str]:
    """Every label there is."""
    return frozenset(_TEXTS)
