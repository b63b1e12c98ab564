"""Slots of a promise to pay: amount, currency and day of the first payment, in the words of the debtor."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from nlp.analysis import Promise
from nlp.calendar import NamedDay
from nlp.dates import find_days
from nlp.normalize import View
from nlp.numerals import Number, find_en, find_zh

CURRENCY: Final = {"zh": "CNY", "en": "USD"}
_ANY_DAY: Final = date(2025, 1, 1)  # only where the day named does not matter

_CORRECTION: Final = {
    "zh": re.compile(
        r"不对|说错了?|不是不是|改成|改为|应该是|还是(?!不)|算了(?!吧)|更正|我是说|不不|不(?=还[0-9一二两三四五六七八九])"
    ),
    "en": re.compile(
        r"\b(?:no wait|wait no|i mean|actually|sorry|make that|make it|rather|correction|no no|scratch that|let us say|"
        r"or wait|on second thought)\b"
    ),
}  # fmt: skip
_INCOME: Final = {
    "zh": re.compile(
        r"^.{0,4}(?:发工资|发薪|开工资|发钱|出粮|到账|结账|工资|回款|到期|就?有钱|拿到钱|还不|不行|没法|没办法|没钱|来不及)"
    ),
    "en": re.compile(r"^ ?(?:\w+ ){0,2}(?:payday|check|paycheck)\b"),
}
_INCOME_BEFORE: Final = {
    "zh": re.compile(r"(?:工资|薪水|回款|奖金)(?:要|是|得|在|等到|到).{0,2}$"),
    "en": re.compile(r"(?:get paid|paid|payday is|check comes|check clears|sells|comes in|deposit)(?: \w+){0,2} ?$"),
}
_ZH_NOT_MONEY_AFTER: Final = re.compile(
    r"^(?:号|日|天|月|点|期|次|个|分钟|小时|周|星期|礼拜|年|岁|%|成|折|遍|位|家|口|人|条|张|笔|"
    r"定|直|下|起|样|般|些|分期|半|楼|路|年内|倍|趟|刻|会儿?|共|并|切|边|旦|律|句)"
)
_ZH_NOT_MONEY_BEFORE: Final = re.compile(r"(?:周|星期|礼拜|第|后四位|尾号|号码|身份证|初|万|统|唯|同|每)$")
_ZH_UNIT_AFTER: Final = re.compile(r"^(?:块|元|多?块|人民币|万|千|百|大洋|毛)")
_ZH_BARE_UNITS: Final = frozenset("百千万亿")
_ZH_OWED: Final = re.compile(
    r"(?:欠|剩下?|总共|一共|账单|工资|月薪|房租|本金是?|利息是?|借了?|贷了?)(?:是|有|的|还有|了|都|才)?$"
)
_EN_NOT_MONEY_AFTER: Final = re.compile(
    r"^ ?(?:days?|weeks?|months?|years?|oclock|am|pm|a m|p m|percent|payments?|installments?|"
    r"times?|kids?|of you|more|hours?|minutes?|jobs?|thirty|people|th|st|nd|rd|or)\b"
)
_EN_NOT_MONEY_BEFORE: Final = re.compile(
    r"\b(?:at|after|before|around six|number|digits|four|ssn|account|no|any|this|that|which|every|the only|"
    r"january|february|march|april|june|july|august|september|october|november|december) $"
)
_EN_OWED: Final = re.compile(r"\b(?:owe|rent is|make|balance is|balance of|total of|bill is|remaining|other) $")
_EN_PAY_NEAR: Final = re.compile(
    r"(?:pay|pays|paying|send|sending|do|give|put|make|transfer|wire|swing|manage|mail|bring|afford|cover|"
    r"drop|handle|get you|have) (?:you |down |at least |about |around |like |maybe |"
    r"another |the |in |only |up |toward |it |out |over )*$"
)


def promise(view: View, reference: date | None) -> Promise:
    """The slots of a text known to hold a promise. Without a reference date the day stays None."""
    days = find_days(view.text, view.lang, reference or _ANY_DAY)
    amount = _amount(view, days)
    day = _payment_day(view, days)
    return Promise(amount=amount, currency=CURRENCY[view.lang], date=day.day if day and reference else None)


def _corrected_after(view: View) -> int:
    """Position after the last correction ("no wait, Saturday"), or -1."""
    return max((match.end() for match in _CORRECTION[view.lang].finditer(view.text)), default=-1)


def _payment_day(view: View, days: list[NamedDay]) -> NamedDay | None:
    """The day of payment: after a correction the corrected one, and never payday when another day is named."""
    fixed = [day for day in days if day.start >= _corrected_after(view) >= 0]
    pool = fixed or days
    plain = [day for day in pool if not _is_income(view, day)]
    candidates = plain or pool
    return candidates[0] if candidates else None


def _is_income(view: View, day: NamedDay) -> bool:
    after = view.text[day.end : day.end + 14]
    before = view.text[max(0, day.start - 28) : day.start]
    return bool(_INCOME[view.lang].search(after) or _INCOME_BEFORE[view.lang].search(before))


def money(view: View, days: list[NamedDay] | None = None) -> list[Number]:
    """Numbers of a view that are sums of money, in order."""
    days = find_days(view.text, view.lang, _ANY_DAY) if days is None else days
    masked = view.text
    for day in days:
        masked = masked[: day.start] + "\n" * (day.end - day.start) + masked[day.end :]
    if view.lang == "zh":
        return [number for number in find_zh(masked, view.breaks) if _zh_money(masked, number)]
    return [number for number in find_en(masked.replace("\n", ".")) if _en_money(masked, number)]


def _amount(view: View, days: list[NamedDay]) -> Decimal | None:
    sums = [number for number in money(view, days) if not _owed(view, number)]
    fixed = [number for number in sums if number.start >= _corrected_after(view) >= 0]
    chosen = fixed or sums
    return chosen[0].value if chosen else None


def _owed(view: View, number: Number) -> bool:
    before = view.text[: number.start]
    return bool((_ZH_OWED if view.lang == "zh" else _EN_OWED).search(before))


def _zh_money(text: str, number: Number) -> bool:
    before, after = text[: number.start], text[number.end :]
    if _ZH_UNIT_AFTER.match(after):
        return number.value > 0
    if text[number.start : number.end] in _ZH_BARE_UNITS:
        return False  # 万不得已, 千方百计, 老百姓, 好几万: no sum without a count
    if _ZH_NOT_MONEY_AFTER.match(after) or _ZH_NOT_MONEY_BEFORE.search(before):
        return False
    return number.value >= 50 and number.value < 10_000_000


def _en_money(text: str, number: Number) -> bool:
    before, written, after = text[: number.start], text[number.start : number.end], text[number.end :]
    if number.ordinal:
        return False
    if "$" in written or re.match(r" ?(?:dollars?|usd|grand)\b", after):
        return True
    if _EN_NOT_MONEY_AFTER.match(after) or _EN_NOT_MONEY_BEFORE.search(before):
        return False
    return number.value >= 20 or bool(_EN_PAY_NEAR.search(before) and number.value >= 10)
