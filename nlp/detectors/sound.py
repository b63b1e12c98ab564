"""Words a recogniser wrote with the wrong characters of the right sound (Chinese).

Every character stands for one toneless syllable, folded over the pairs that telephone audio and regional speech confuse
(zh/z, ch/c, sh/s, n/l, ang/an, eng/en, ing/in). A text in which a known word occurs by sound but not by writing is given
back with the word put right. One character replaces one character, so spans stay true.
"""

from functools import lru_cache
from typing import Final

import ahocorasick
from pypinyin import Style, lazy_pinyin
from pypinyin.phrases_dict import phrases_dict

_INITIALS: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_FINALS: Final = (("ang", "an"), ("eng", "en"), ("ing", "in"))
# Ordinary words that sound like a word of ours: never put "right".
_ORDINARY: Final = frozenset(
    [
        "我们",
        "你们",
        "他们",
        "时间",
        "事情",
        "公司",
        "今天",
        "明天",
        "现在",
        "什么",
        "怎么",
        "可以",
        "没有",
        "知道",
        "就是",
        "还是",
        "但是",
        "因为",
        "所以",
        "如果",
        "已经",
        "一下",
        "一个",
        "这个",
        "那个",
        "情况",
        "问题",
        "电话",
        "客户",
        "银行",
        "账单",
        "账户",
        "短信",
        "申请",
        "方案",
        "信息",
        "地址",
        "建议",
        "希望",
        "感谢",
        "谢谢",
        "麻烦",
        "抱歉",
        "收到",
        "处理",
        "核实",
        "确认",
        "记录",
        "同意",
        "商量",
        "安排",
        "工资",
        "生活",
        "家庭",
        "孩子",
        "父母",
        "朋友",
        "同事",
        "单位",
        "学校",
        "老师",
        "医院",
        "医生",
        "律师",
        "法院",
        "警察",
        "派出",
        "社区",
        "小区",
        "邻居",
        "手机",
        "微信",
        "支付",
        "利息",
        "本金",
        "合同",
        "逾期",
        "征信",
        "报告",
        "投诉",
        "监管",
        "规定",
        "法律",
        "起诉",
        "材料",
        "证据",
        "通知",
        "书面",
        "说明",
        "提醒",
        "帮助",
        "困难",
        "理解",
        "放心",
        "担心",
        "着急",
        "身体",
        "不换",
        "部门",
        "不同",
        "不能",
        "不会",
        "不用",
        "不是",
        "不要",
        "不想",
        "不行",
        "不好",
        "不到",
        "不对",
        "不过",
        "换个",
        "换了",
        "欢迎",
        "上面",
        "上午",
        "下午",
        "晚上",
        "早上",
        "尽快",
        "尽量",
        "失联",
        "事实",
        "实在",
        "十点",
        "四点",
        "是的",
        "市场",
        "时候",
        "师傅",
        "使用",
        "示意",
        "适合",
        "市民",
        "申报",
        "深圳",
        "生意",
        "声音",
        "联络",
        "连接",
        "零钱",
        "例如",
        "利率",
        "立即",
        "名单",
        "名字",
        "明细",
        "明确",
        "加上",
        "加入",
        "价格",
        "交流",
        "借口",
        "接口",
        "街道",
        "节日",
        "进度",
        "近期",
        "经理",
        "经济",
        "精力",
        "警方",
        "境内",
        "静音",
        "竞争",
        "竟然",
        "之前",
        "之后",
        "只是",
        "只要",
        "制度",
        "治疗",
        "指定",
        "支持",
        "至少",
        "值得",
        "职业",
        "执行",
        "直接",
        "紧张",
        "金额",
        "今年",
        "尽到",
        "上次",
        "下次",
        "上海",
        "伤害",
        "商家",
        "商业",
        "找到",
        "照顾",
        "正式",
        "证件",
        "整理",
        "争取",
    ]
)


@lru_cache(maxsize=16384)
def syllable(char: str) -> str:
    """The folded toneless syllable of one character; anything that is not Chinese stands for itself."""
    return fold(lazy_pinyin(char, style=Style.NORMAL)[0]) if "\u4e00" <= char <= "\u9fff" else char


def fold(pinyin: str) -> str:
    """A toneless syllable with the confusable initials and finals made equal."""
    for long, short in _INITIALS:
        if pinyin.startswith(long):
            pinyin = short + pinyin[len(long) :]
            break
    for long, short in _FINALS:
        if pinyin.endswith(long):
            return pinyin[: -len(long)] + short
    return pinyin


def known_word(text: str) -> bool:
    """Whether these characters are an ordinary word as they stand."""
    return text in _ORDINARY or text in phrases_dict


class SoundIndex:
    """Known words by sound. Build once; `repair` keeps no state."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._codes: dict[str, str] = {}
        self._automaton = ahocorasick.Automaton()
        by_code: dict[str, list[str]] = {}
        for word in words:
            for code in {self._code_readings(word), self.learn(word)}:
                by_code.setdefault(code, []).append(word)
        for code, found in by_code.items():
            self._automaton.add_word(code, tuple(found))
        self._automaton.make_automaton()
        self._empty = not by_code

    def _letter(self, sound: str) -> str:
        # Syllables become single private-use characters, so that a string search is a syllable search.
        return self._codes.setdefault(sound, chr(0xE000 + len(self._codes)))

    def learn(self, text: str) -> str:
        """Like `encode`, giving new syllables a character of their own; only while the index is being built."""
        return "".join(self._letter(syllable(char)) for char in text)

    def encode(self, text: str) -> str:
        """The text with one private-use character per syllable (by the commonest reading of each character)."""
        return "".join(self._codes.get(syllable(char), "\ufffd") for char in text)

    def _code_readings(self, word: str) -> str:
        """The word by its readings in context: 还款 is huan kuan although 还 alone is mostly hai."""
        readings = lazy_pinyin(word, style=Style.NORMAL)
        if len(readings) != len(word):
            return self.learn(word)
        sounds = ["huan" if char == "还" else reading for char, reading in zip(word, readings, strict=True)]
        return "".join(self._letter(fold(sound)) for sound in sounds)

    def repair(self, text: str) -> str:
        """The text with misheard words put right; the same length, and the same text when nothing was misheard."""
        if self._empty:
            return text
        codes = self.encode(text)
        chosen: list[tuple[int, int, str]] = []
        for last, words in self._automaton.iter(codes):
            for word in words:
                start, end = last + 1 - len(word), last + 1
                if text[start:end] != word and self._plausible(text, start, end, word):
                    chosen.append((len(word), start, word))
        repaired = list(text)
        taken: set[int] = set()
        for length, start, word in sorted(chosen, key=lambda item: (-item[0], item[1])):
            places = range(start, start + length)
            if taken.isdisjoint(places):
                taken.update(places)
                repaired[start : start + length] = word
        return "".join(repaired)

    @staticmethod
    def _plausible(text: str, start: int, end: int, word: str) -> bool:
        """Enough of the writing agrees, and what stands there is not a word in its own right."""
        written = text[start:end]
        same = sum(a == b for a, b in zip(written, word, strict=True))
        if known_word(written):
            return False
        if len(word) >= 4:
            return same * 3 >= len(word)
        if len(word) == 3:
            return same >= 1 and not known_word(written[:2]) and not known_word(written[1:])
        before, after = text[max(0, start - 1) : start + 1], text[end - 1 : end + 1]
        return same == 1 and not known_word(before) and not known_word(after)
