"""What the time machine says to people, in English and Chinese."""

from collections.abc import Mapping

ALARMS: Mapping[str, Mapping[str, str]] = {
    "replay.no_entry": {
        "en": "the evidence log has no decision for this attempt",
        "zh": "证据日志中没有此次联系的裁定",
    },
    "replay.attempt_missing": {
        "en": "the evidence log has a decision whose attempt is no longer stored",
        "zh": "证据日志中有裁定，但对应的联系记录已不存在",
    },
    "replay.row_changed": {
        "en": "the stored attempt is not what the evidence log or the sealed facts say: {what}",
        "zh": "存储的联系记录与证据日志或封存事实不一致：{what}",
    },
    "replay.ruling_changed": {
        "en": "the stored ruling is not the one that was committed to",
        "zh": "存储的裁定与当时承诺的裁定不一致",
    },
    "replay.facts_changed": {
        "en": "the sealed facts are not those that were committed to",
        "zh": "封存的事实与当时承诺的事实不一致",
    },
    "replay.facts_unreadable": {
        "en": "the sealed facts do not open, although the person's key is there",
        "zh": "当事人密钥仍在，但封存的事实无法打开",
    },
    "replay.rulebook_missing": {
        "en": "the rulebook that decided is not in the archive",
        "zh": "作出裁定的规则书不在存档中",
    },
    "replay.rulebook_changed": {
        "en": "the rulebook kept in the archive is not the one that decided",
        "zh": "存档中的规则书不是当时作出裁定的那一份",
    },
    "replay.answer_differs": {
        "en": "the same facts under the same rulebook give another answer now: {what}",
        "zh": "同样的事实、同一规则书，现在得出不同答案：{what}",
    },
}
"""Stable code -> sentence. A code never changes its meaning."""

STATUS: Mapping[str, Mapping[str, str]] = {
    "same": {"en": "same answer", "zh": "答案相同"},
    "changed": {"en": "would change", "zh": "将会改变"},
    "alarm": {"en": "ALARM", "zh": "警报"},
    "erased": {"en": "erased, not re-decidable", "zh": "数据已删除，无法重新裁定"},
    "before_archive": {
        "en": "decided before rulebooks were kept, not re-decidable",
        "zh": "裁定早于规则书存档，无法重新裁定",
    },
    "not_decided": {"en": "handed over with the portfolio, not decided here", "zh": "随资产包移交，非本系统裁定"},
    "no_history": {
        "en": "decided before versions of facts were kept, not askable with hindsight",
        "zh": "裁定早于事实版本留存，无法以事后所知重新裁定",
    },
}

NO_LAW: Mapping[str, str] = {
    "en": "no law pack for {country}; loaded: {loaded}",
    "zh": "没有适用于 {country} 的法规包；已载入：{loaded}",
}
"""Said of a country that no pack is for."""

NOT_OPENING: Mapping[str, Mapping[str, str]] = {
    "cannot_tell": {"en": "cannot tell", "zh": "无法判断"},
    "no_hour": {"en": "never: no common open hour found", "zh": "永不：未找到共同的可联系时段"},
    "fact": {"en": "when the fact changes, not by waiting", "zh": "须待事实改变，等待无用"},
}
"""Why a forecast names no instant at which the contact would be permitted."""
