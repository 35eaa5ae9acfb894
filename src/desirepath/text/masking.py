"""What may be read of a text without knowing who wrote it? The text, with personal data replaced by what it was.

    masked("Call me at +49 170 1234567, Anna@web.de")        "Call me at [phone], [email]"
    masked("Paid $1,200.50 on 12/05/2024, order 88213377")   "Paid $1,200.50 on 12/05/2024, order [number]"

Replaced: [email], [phone], [card] (by Luhn's check digit), [iban] (by its remainder of 97), [ip], [url] (where it
carries a query, a long number or a token), [id] (numbers of social security and of tax payers), [number] (orders,
accounts, and other long runs of digits), [handle], and [name] after "my name is", after a title, and below a closing
such as "Kind regards". Amounts, dates and times stay, and so do a regulator's XXXX. A name that stands in none of these
places stays too: without a list of all names it cannot be told from other words.

Every rule reads a text once and never goes back further than a few dozen characters, so time is linear in its length.

Source: the check digit of H. P. Luhn, US patent 2,950,048 (1960); ISO 13616 with the remainder of ISO 7064 for IBAN.
"""

from __future__ import annotations

import re
from collections.abc import Callable

ROUNDS = 4
"""What is replaced can bring two things together; rounds end as soon as nothing changes."""

LONG_NUMBER = 6
"""A run of so many digits is an order, an account or the like."""

_CURRENCY = r"(?:[$€£¥₹]|\b(?:USD|EUR|GBP|CHF|BRL|CAD|AUD|SEK|NOK|DKK|PLN)\b)"
_AMOUNT = r"\d{1,3}(?:[.,' ]\d{3}){1,4}(?:[.,]\d{1,2})?(?![.,]?\d)|\d{1,12}(?:[.,]\d{1,2})?(?![.,]?\d)"
_UNIT = r"(?:[$€£¥₹%]|(?:USD|EUR|GBP|CHF|BRL|euros?|dollars?|bucks|reais|real|francs?|franken|pounds?|kr|cents?)\b)"
_DAY = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"

_SHAPES = rf"""
  (?:(?<!\w)(?=\d|[^\d@]{{1,20}}\d|[\w.+%-]{{1,64}}@|https?:|www\.)|(?=[@+(\#$€£¥₹]))
(?: # everything begins at a word with a digit or an @ near, or at one of these signs
  (?P<url>\b(?:https?://|www\.)[^\s<>"']++)
| (?P<email>(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)++)
| (?P<ip>(?<![\w.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?![\w]|\.\d)
    |(?<![\w:])(?:[0-9a-f]{{1,4}}:){{4,7}}[0-9a-f]{{1,4}}(?![\w:])
    |(?<![\w:])(?:[0-9a-f]{{1,4}}:){{1,6}}(?::[0-9a-f]{{1,4}}){{1,6}}(?![\w:]))
| (?P<keep>(?<![\w.])(?:{_DAY})(?:[T\ ,]{{1,2}}\d{{1,2}}[:h]\d{{2}}(?::\d{{2}})?)?(?!\w|[-/.]\d)
    |(?<![\w:])\d{{1,2}}[:h]\d{{2}}(?::\d{{2}})?(?![\w:])
    |{_CURRENCY}\s?(?:{_AMOUNT})
    |(?<![\w.,])(?:{_AMOUNT})\s?{_UNIT}
    |(?<![\w.,])\d{{1,3}}(?:[.,]\d{{3}}){{1,4}}(?:[.,]\d{{1,2}})?(?![\w.,-]*\d|\w)
    |(?<![\w.,])\d{{1,5}}[.,]\d{{1,2}}(?![\w]|[.,\ -]\d)
    |(?<![\w-])(?:19|20)\d{{2}}\s?[-/\u2013]\s?(?:19|20)\d{{2}}(?![\w-]))
| (?P<id>(?<![\w-])\d{{3}}-\d{{2}}-\d{{4}}(?![\w-])
    |(?<![\w.])\d{{3}}\.\d{{3}}\.\d{{3}}-\d{{2}}(?!\w)|(?<![\w.])\d{{2}}\.\d{{3}}\.\d{{3}}/\d{{4}}-\d{{2}}(?!\w)
    |(?<!\w)[12]\ ?\d{{2}}\ ?\d{{2}}\ ?\d{{2}}\ \d{{3}}\ \d{{3}}(?:\ \d{{2}})?(?!\w)
    |(?<!\w)[a-z]{{2}}\ ?\d{{2}}\ ?\d{{2}}\ ?\d{{2}}\ ?[a-d](?!\w)
    |(?<!\w)[a-z]{{6}}\d{{2}}[a-z]\d{{2}}[a-z]\d{{3}}[a-z](?!\w)|(?<!\w)\d{{8}}-?[a-z](?!\w))
| (?P<iban>(?<!\w)[a-z]{{2}}\d{{2}}(?:\ ?[a-z0-9]{{2,4}}){{3,8}}(?!\w))
| (?P<handle>(?<![\w@/.])(?:@\w{{2,30}}+(?!\w))++)
| (?P<called>(?:\#|\bn[°º]\.?|\b(?:order|account|acct|customer|case|ticket|reference|ref|bestellung|kunde|kundennummer
    |auftrag|commande|client|pedido|protocolo|conta|cuenta|ordine|bestelling|number|nummer|num[ée]ro|n[úu]mero|no|nr)
    \b\.?)[\ ]?[:\#]?[\ ]?(?P<after>\d{{4,}}+)(?![\w]|[.,/:-]\d|\s?{_UNIT}))
| (?P<digits>(?<![\w])(?:\+|\(\+?)?\d++(?:\)?[\ ./()-]{{1,2}}\d++)*)
| (?P<token>(?<!\w)(?=[a-z]{{0,12}}[-_/]?[a-z]{{0,12}}\d)[a-z0-9]++(?:[-_/][a-z0-9]++)*(?!\w))
)"""
_SHAPE = re.compile(_SHAPES, re.VERBOSE | re.IGNORECASE)

_UPPER = r"[^\W\d_a-zß-öø-ÿ]"
_NAME = rf"(?!X+\b|(?:The|This|Very|Not|So)\b){_UPPER}[\w'\u2019-]{{1,30}}"
_LINK = r"(?:(?:van|von|de|da|do|dos|del|di|der|den|la|le|zu)\ ){0,2}"
_FULL = rf"{_LINK}{_NAME}(?:\ {_LINK}{_NAME}){{0,2}}"
_INTRODUCED = re.compile(
    r"(?P<before>\b(?i:my\ (?:full\ )?name\ is|i\ am\ called|mein\ name\ ist|ich\ hei(?:ß|ss)e"
    r"|je\ m['\u2019]appelle|mon\ nom\ est"
    r"|(?:o\ )?meu\ nome\ [ée]|me\ chamo|chamo-me|me\ llamo|mi\ nombre\ es|mi\ chiamo"
    r"|il\ mio\ nome\ [èe]|mijn\ naam\ is"
    rf"|ik\ heet):?\ )(?P<name>{_FULL})"
    rf"|(?P<before2>\b(?:I\ am|I['\u2019]m|[Ii]ch\ bin|[Jj]e\ suis|[Ss]ou(?:\ [oa])?|[Ss]oy|[Ss]ono)\ )"
    rf"(?P<name2>{_NAME}\ {_LINK}{_NAME})".replace("\\ ", "[ ]")
)
_TITLED = re.compile(
    r"(?P<before>\b(?:(?:Mr|Mrs|Ms|Miss|Mister|Dr|Prof|Herrn?|Frau|Monsieur|Madame|Mlle|Mme|Mademoiselle|Sr|Sra|Srta|Señora?"
    r"|Senhora?|Signora?|Sig|Dhr|Mevr|Mevrouw|Meneer|Doña|Don|Dona)\.?|M\.)[ ])"
    rf"(?P<name>{_FULL})".replace("\\ ", "[ ]")
)
_SIGNED = re.compile(
    r"(?P<before>(?i:\b(?:regards|sincerely(?:[ ]yours)?|yours[ ](?:truly|faithfully)|best[ ]wishes"
    r"|cheers|gr(?:ü|ue)(?:ß|ss)en?"
    r"|mfg|hochachtungsvoll|cordialement|bien[ ][àa][ ]vous|salutations|atenciosamente|att|abra[cç]os?|cumprimentos"
    r"|saludos?|atentamente|saluti|groet(?:en|jes)?)|\b(?:thanks|thank[ ]you|danke|merci"
    r"|obrigad[oa]|gracias|grazie|bedankt"
    r")(?=[ ]?[,.!\n]))[ ]{0,3}[,.!]{0,3}[ \t]{0,3}(?:\r?\n){0,3}[ \t]{0,3})"
    rf"(?P<name>{_FULL})(?=[ \t.]{{0,4}}(?:[\r\n]|\Z))".replace("\\ ", "[ ]")
)


def masked(text: str) -> str:
    """Return the text with personal data replaced by what it was.

    Parameters
    ----------
    text
        Of any length and language.

    Returns
    -------
    The same text where nothing personal is found. What is masked once stays as it is when masked again.
    """
    for _ in range(ROUNDS):
        found = _SHAPE.sub(_replaced, text) if any(sign in text for sign in "0123456789@:") or "www" in text else text
        for rule in (_INTRODUCED, _TITLED, _SIGNED):
            found = rule.sub(_named, found)
        if found == text:
            break
        text = found
    return text


def _named(found: re.Match[str]) -> str:
    groups = found.groupdict()
    return f"{groups['before'] or groups.get('before2')}[name]"


def _replaced(found: re.Match[str]) -> str:
    kind = found.lastgroup if found.lastgroup != "after" else "called"
    return _RULES[kind or "keep"](found)


def _url(found: re.Match[str]) -> str:
    """Keep an address that leads to a page for all; a full stop or bracket after it is not its own."""
    text = found[0]
    address = text.rstrip(".,;:!?)]")
    rest = address.split("://")[-1].partition("/")
    personal = any(sign in address for sign in "?@#=") or re.search(r"\d{5}|[\w-]{24}", rest[2]) is not None
    return f"[url]{text[len(address) :]}" if personal else text


def _ip(found: re.Match[str]) -> str:
    text = found[0]
    if ":" in text:
        return "[ip]"
    return "[ip]" if all(int(part) < 256 for part in text.split(".")) else _digits(found)


def _iban(found: re.Match[str]) -> str:
    """The longest beginning that divides as an IBAN must; what follows it was another word."""
    text = found[0]
    for end in range(len(text), 14, -1):
        if end < len(text) and text[end] != " ":
            continue
        compact = text[:end].replace(" ", "").upper()
        if 15 <= len(compact) <= 34 and compact.isascii() and compact.isalnum() and _divides(compact):
            return f"[iban]{text[end:]}"
    return _token(found)


def _divides(compact: str) -> bool:
    return int("".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])) % 97 == 1


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def _digits(found: re.Match[str]) -> str:
    """Judge a run of digits and the signs between them: a card, a phone, another long number, or nothing."""
    text = found[0]
    groups = re.findall(r"\d+", text)
    digits = "".join(groups)
    if len(digits) < LONG_NUMBER or _is_day(text):
        return text
    card = _card(text)
    if card:
        return f"[card]{text[card:]}"
    if max(map(len, groups)) < 3 and len(digits) < 8:
        return text
    begins = text.lstrip("(")
    dialled = begins.startswith(("+", "00")) and 8 <= len(digits) <= 15
    dialled = dialled or (begins.startswith("0") and 9 <= len(digits) <= 12)
    dialled = dialled or ([len(group) for group in groups[-3:]] == [3, 3, 4] and len(groups) <= 4)
    dialled = dialled or (text.startswith("(") and 8 <= len(digits) <= 13)
    if dialled:
        return "[phone]"
    return "[number]" if max(map(len, groups)) >= LONG_NUMBER or len(digits) >= 9 else text


def _card(text: str) -> int:
    """Return where a card's number at the beginning of a run ends, 0 where there is none."""
    ends = [place + 1 for place, sign in enumerate(text) if sign.isdecimal()]
    for number in (16, 15, 14, 13, 19, 18, 17):
        if number <= len(ends) and (len(ends) == number or not text[ends[number - 1]].isdecimal()):
            digits = "".join(text[end - 1] for end in ends[:number])
            plain = not any(sign in text[: ends[number - 1]] for sign in "()./+")
            if plain and digits[0] in "23456" and digits.isascii() and _luhn(digits):
                return ends[number - 1]
    return 0


def _is_day(text: str) -> bool:
    """Whether eight digits are a day, year first."""
    return bool(re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", text))


def _token(found: re.Match[str]) -> str:
    """Letters and digits mixed: a reference, if five digits and more are among them."""
    text = found[0]
    some = any(sign.isalpha() for sign in text)
    return "[number]" if some and sum(sign.isdecimal() for sign in text) >= 5 else text


def _called(found: re.Match[str]) -> str:
    """A number of four digits and more that is called an order, an account or the like; years are left."""
    number = found["after"]
    if len(number) == 4 and number[:2] in {"19", "20"} and "#" not in found[0]:
        return found[0]
    return f"{found[0][: -len(number)]}[number]"


_RULES: dict[str, Callable[[re.Match[str]], str]] = {
    "url": _url,
    "email": lambda found: "[email]",
    "ip": _ip,
    "keep": lambda found: found[0],
    "id": lambda found: "[id]",
    "iban": _iban,
    "handle": lambda found: "[handle]",
    "called": _called,
    "digits": _digits,
    "token": _token,
}

__all__ = ["masked"]
