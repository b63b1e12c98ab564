"""Sentence templates of collection calls: families of lines with alternatives and slots, filled at random."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from speech.synthesis import chinese_numbers, english_numbers

DATA = Path(__file__).parent / "data"
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")

_ZH_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
_ZH_GIVEN = (
    "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀英 霞 平 刚 桂英 建国 建华 志强 志明 丽华 晓红 小明 小红 "
    "海燕 文静 雪梅 春梅 国强 子轩 浩然 雨欣 思远 佳怡 俊杰 婷婷 欣怡 美玲 玉兰 立新 永强 家豪 晓东 晓燕 大勇 一鸣"
).split()
_ZH = {
    "title": "先生 女士 小姐",
    "role": "催收员 工作人员 客服 客服专员 还款专员 员工 委托服务专员",
    "inst": "平安银行 招商银行 工商银行 建设银行 农业银行 中国银行 交通银行 浦发银行 中信银行 民生银行 兴业银行 光大银行 "
    "广发银行 微众银行 江南银行 海川银行 晨光消费金融 安信消费金融 马上消费金融 诚和资产 和信服务公司 明达催收 华信金融 "
    "云海小贷 众安小贷 衡信资产管理公司 正源服务 客服中心 信用卡中心 贷后服务中心",
    "product": "信用卡 个人贷款 消费贷款 消费贷 网贷 房贷 车贷 花呗 分期 现金贷 经营贷 助学贷款 账户 借款",
    "channel": "手机银行 支付宝 微信 官方客户端 网上银行 柜台 银行转账",
    "regulator": "银保监会 金融监管局 金融监督管理总局 消费者协会 人民银行 互联网金融协会 银行业协会",
    "illness": "生病了 住院了 病重 要做手术 出车祸了 在抢救 摔断了腿 查出癌症 需要照顾",
    "disease": "癌症 肝病 糖尿病 尿毒症 心脏病 白血病 高血压 肺炎 脑梗 乳腺癌 重病 抑郁症 焦虑症",
    "city": "北京市 上海市 广州市 深圳市 杭州市 南京市 成都市 武汉市 西安市 重庆市 长沙市 苏州市",
}
_ZH_WORDS = {key: value.split() for key, value in _ZH.items()}
_ZH_DAYS = (
    "今天 明天 后天 大后天 这周五 本周五 下周一 下周二 下周三 下周四 下周五 下周六 下周日 周一 周三 周五 月底 月初 月中 "
    "这个月底 下个月初 下个月 下个月五号 下月十号 下个月十五号 星期一 星期二 星期三 星期四 星期五 这周末 下周末 发工资那天 年底"
).split()
_EN_FIRST = (
    "James Mary John Linda Robert Susan Michael Karen David Lisa William Nancy Richard Betty Joseph Sandra Thomas Ashley "
    "Daniel Emily Matthew Laura Anthony Sarah Mark Anna Steven Maria Paul Julia Kevin Amy Brian Rachel George Helen "
    "Edward Diana Jason Grace Ryan Emma Eric Alice Peter Sam Alex Chris Jordan Taylor"
).split()
_EN_LAST = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Martinez Lopez Wilson Anderson Taylor Moore Jackson Martin Lee "
    "Thompson White Harris Clark Lewis Walker Hall Allen Young King Wright Scott Green Baker Adams Nelson Carter Mitchell "
    "Turner Parker Collins Murphy Cook Rogers Reed Bailey Cooper Bell Ward Foster Brooks Price Bennett"
).split()
_EN = {
    "inst": "First National Bank|Summit Recovery|Harbor Financial|Northwest Credit|Fairline Services|Midland Credit|Capital Bank|"
    "Blue River Collections|Citizens Bank|Lakeside Medical|Riverside Hospital|Union Credit|Pacific Loans|Green Valley Bank|"
    "the collections department|the billing department|Evergreen Finance|Sunrise Lending",
    "product": "credit card|personal loan|car loan|student loan|mortgage|medical bill|phone bill|auto loan|payday loan|store card|line of credit",
    "month": "january|february|march|april|may|june|july|august|september|october|november|december",
    "day": "monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    "agency": "attorney general|better business bureau|consumer bureau|state|police",
}  # fmt: skip
_EN_WORDS = {key: value.split("|") for key, value in _EN.items()}


@dataclass(frozen=True, kw_only=True)
class Family:
    """The lines of one template family; a held-out family is never trained on."""

    name: str
    lines: tuple[str, ...]
    heldout: bool


def _zh_amount(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.55:
        value = rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 18, 25)) * rng.choice((100, 1000, 1000, 10_000))
    elif kind < 0.85:
        value = rng.randint(11, 999) * rng.choice((1, 10, 10, 100))
    else:
        value = rng.randint(1000, 99_999)
    return chinese_numbers.write_out(f"{value}{rng.choice('块元')}") + rng.choice(("钱", "", "", ""))


def _zh_phone(rng: random.Random) -> str:
    lead = rng.choice(("138", "139", "186", "150", "177", "400", "955", "021"))
    return chinese_numbers.spell_digits(lead + "".join(rng.choices("0123456789", k=rng.choice((2, 4, 8)))), telephone=True)


def _zh_date(rng: random.Random) -> str:
    if rng.random() < 0.6:
        return rng.choice(_ZH_DAYS)
    month = chinese_numbers.number(rng.randint(1, 12)) + "月" if rng.random() < 0.7 else rng.choice(("本月", "这个月", ""))
    return month + chinese_numbers.number(rng.randint(1, 31)) + rng.choice("号号日")


def _zh_clock(rng: random.Random) -> str:
    hour = rng.randint(1, 12)
    return ("两" if hour == 2 else chinese_numbers.number(hour)) + rng.choice(("点", "点", "点半", "点十分", "点四十"))


_ZH_SLOTS: dict[str, Callable[[random.Random], str]] = {
    "name": lambda rng: rng.choice(_ZH_SURNAMES) + rng.choice(_ZH_GIVEN),
    "surname": lambda rng: rng.choice(_ZH_SURNAMES),
    "amount": _zh_amount,
    "phone": _zh_phone,
    "date": _zh_date,
    "clock": _zh_clock,
    "digits": lambda rng: chinese_numbers.spell_digits("".join(rng.choices("0123456789", k=4)), rng.random() < 0.8),
    "n": lambda rng: ("两", *map(chinese_numbers.number, (3, 4, 5, 6, 8, 9, 10, 12, 15, 18, 24, 30, 36, 60)))[
        rng.randrange(15)
    ],
    "year": lambda rng: chinese_numbers.spell_digits(str(rng.randint(2015, 2027))),
    "month": lambda rng: chinese_numbers.number(rng.randint(1, 12)) + "月",
    "day": lambda rng: chinese_numbers.number(rng.randint(1, 31)),
    "age": lambda rng: chinese_numbers.number(rng.randint(60, 88)),
}


def _en_amount(rng: random.Random) -> str:
    value = rng.choice((rng.randint(1, 30) * 100, rng.randint(2, 99) * 10, rng.randint(1, 9) * 1000, rng.randint(21, 9999)))
    return f"{english_numbers.number(value)} dollars"


def _en_date(rng: random.Random) -> str:
    day = rng.choice(_EN_WORDS["day"])
    month = rng.choice(_EN_WORDS["month"])
    kinds = (day, f"next {day}", f"this {day}", "tomorrow", "today", "next week", "next month", "the end of the month")
    if rng.random() < 0.65:
        return rng.choice(kinds)
    spoken = english_numbers.ordinal(rng.randint(1, 31))
    return rng.choice((f"{month} {spoken}", f"the {spoken}"))


_EN_SLOTS: dict[str, Callable[[random.Random], str]] = {
    "name": lambda rng: f"{rng.choice(_EN_FIRST)} {rng.choice(_EN_LAST)}",
    "first": lambda rng: rng.choice(_EN_FIRST),
    "last": lambda rng: rng.choice(_EN_LAST),
    "amount": _en_amount,
    "date": _en_date,
    "phone": lambda rng: english_numbers.spell_digits("".join(rng.choices("0123456789", k=rng.choice((3, 7, 10))))),
    "digits": lambda rng: english_numbers.spell_digits("".join(rng.choices("0123456789", k=4))),
    "n": lambda rng: english_numbers.number(rng.choice((2, 3, 4, 5, 6, 8, 10, 12, 18, 24, 30, 45, 60, 90))),
    "clock": lambda rng: f"{english_numbers.number(rng.randint(1, 12))}{rng.choice((' thirty', ' fifteen', '', ' pm', ' am'))}",
    "age": lambda rng: english_numbers.number(rng.randint(60, 88)),
}


@cache
def families(lang: str) -> tuple[Family, ...]:
    """Every template family of a language, in file order."""
    found: list[Family] = []
    for block in re.split(r"^= ", (DATA / f"templates-{lang}.txt").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        header, *lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        found.append(Family(name=header.split()[0], lines=tuple(lines), heldout=header.endswith("!")))
    return tuple(found)


def _slot(name: str, lang: str, rng: random.Random) -> str:
    slots, words = (_ZH_SLOTS, _ZH_WORDS) if lang == "zh" else (_EN_SLOTS, _EN_WORDS)
    if name in slots:
        return slots[name](rng)
    return rng.choice(words[name])


def fill(line: str, lang: str, rng: random.Random) -> str:
    """One sentence from a template line."""
    chosen = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), line)
    filled = _SLOT.sub(lambda match: _slot(match[1], lang, rng), chosen)
    return re.sub(r"\s+", " ", filled).replace(" ,", ",").strip(" ,，")


def sentence(lang: str, heldout: bool, rng: random.Random) -> tuple[str, str]:
    """A random sentence of a trained (or held-out) family, and the family's name; families weigh by their lines."""
    pool = [(family.name, line) for family in families(lang) if family.heldout is heldout for line in family.lines]
    name, line = rng.choice(pool)
    return fill(line, lang, rng), name
