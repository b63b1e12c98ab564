"""What a page shows of a person without an unmasked-read permission: family name or initial, last digits. Pure."""

MASK = "＊"


def mask_name(name: str) -> str:
    """`张伟` -> `张＊`, `欧阳娜娜` -> `欧＊＊＊`, `Alex Smith` -> `A. S.`; nothing for an empty name."""
    plain = name.strip()
    if not plain:
        return ""
    if any("\u4e00" <= char <= "\u9fff" for char in plain):
        return plain[0] + MASK * (len(plain) - 1)
    return " ".join(f"{part[0]}." for part in plain.split())


def mask_number(number: str) -> str:
    """The last four digits; shorter numbers show the last two."""
    digits = "".join(char for char in number if char.isdigit())
    shown = digits[-4:] if len(digits) > 6 else digits[-2:]
    return f"•••• {shown}" if shown else ""
