"""What the engine itself says, in both languages; texts of the law live in the rulebook."""

from collections.abc import Mapping

ENGINE_CITATION: Mapping[str, str] = {
    "en": "Law of the house no. 2: what cannot be told is refused",
    "zh": "系统准则第二条：无法判断时一律不联系",
}

CANNOT_TELL: Mapping[str, Mapping[str, str]] = {
    "unknown_pack": {
        "en": "No rules are loaded under the name {pack}, so nothing may be attempted under it.",
        "zh": "没有载入名为 {pack} 的规则包，不得据此联系。",
    },
    "day_not_covered": {
        "en": "The rules do not cover the day {day}.",
        "zh": "规则包不覆盖 {day} 这一天。",
    },
    "no_rule_in_force": {
        "en": "No rule is in force on the day {day}; silence of the law is not permission.",
        "zh": "{day} 没有任何生效的规则；没有规则不等于许可。",
    },
    "unknown_value": {
        "en": "The value of rule {value_of} on the day {day} is unknown.",
        "zh": "规则 {value_of} 在 {day} 的取值未知。",
    },
    "no_zone": {
        "en": "It is not known in which time zone the debtor may be.",
        "zh": "不知道债务人可能处于哪个时区。",
    },
    "unknown_zone": {
        "en": "{zone} is not a time zone of the clock database, so the debtor's local time is not known.",
        "zh": "时区数据库中没有 {zone}，无法得知债务人的当地时间。",
    },
    "unknown_flag": {
        "en": "The fact {flag} is recorded about the debtor, but its meaning is not known.",
        "zh": "债务人带有含义不明的标记 {flag}。",
    },
}
