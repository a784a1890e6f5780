"""Numbers that stand on packs and badges: batch numbers, serials, GTINs, GS1 Digital Links, and what a scanner read.

Batch number: R-REC-02's form `{PROV}{store4}-{yymmdd}-{seq4}{check}`, 19 characters, a GS1 lot (AI 10, at most 20).
The check character is ISO/IEC 7064 MOD 37,36 over the 16 characters without hyphens. It finds every substitution of one
character; of the swaps of two neighbours it can miss only some where the two are neighbours in the alphabet as well.
Serial (AI 21, at most 20): `{store6}-` and 13 random Crockford base32 characters, 65 bits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from urllib.parse import quote

from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementStrings
from biip.gs1_messages import GS1Message

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_STORE = re.compile(r"[A-Z]{2}[0-9A-Z]{4}")
_BATCH = re.compile(r"([A-Z]{2}[0-9A-Z]{4})-([0-9]{6})-([0-9]{4})([0-9A-Z])")
_SERIAL = re.compile(rf"([A-Z]{{2}}[0-9A-Z]{{4}})-[{CROCKFORD}]{{13}}")
_GTIN = re.compile(r"[0-9]{8}|[0-9]{12}|[0-9]{13}|[0-9]{14}")
_PREFIXED = re.compile(r"([CPBT])-([0-9A-Z][0-9A-Z._/-]{0,39})", re.IGNORECASE)
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")


def check_character(text: str) -> str:
    """The ISO/IEC 7064 MOD 37,36 check character of digits and capitals. Raises ValueError for anything else."""
    product = 36
    for character in text:
        value = _ALPHABET.find(character)
        if value < 0:
            raise ValueError(f"{character!r} is neither a digit nor a capital letter")
        product = ((product + value) % 36 or 36) * 2 % 37
    return _ALPHABET[(1 - product) % 36]


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch number taken apart; `str()` puts it together again."""

    store: str
    on: date
    seq: int

    def __str__(self) -> str:
        return make_batch(self.store, self.on, self.seq)


def make_batch(store6: str, beijing_date: date, seq: int) -> str:
    """The batch number of the `seq`-th unit (1 … 9999) that a shop starts on a Beijing date."""
    _require_store(store6)
    if not 1 <= seq <= 9999:
        raise ValueError(f"a shop's units of one day are numbered 1 to 9999, not {seq}")
    day, number = beijing_date.strftime("%y%m%d"), f"{seq:04d}"
    return f"{store6}-{day}-{number}{check_character(store6 + day + number)}"


def parse_batch(text: str) -> Batch:
    """Take a batch number apart, blanks around it and small letters allowed. Raises ValueError saying what is wrong."""
    match = _BATCH.fullmatch(text.strip().upper())
    if match is None:
        raise ValueError(f"{text!r} has not the form of a batch number such as SH0042-261122-0017N")
    store, day, number, check = match.groups()
    if check_character(store + day + number) != check:
        raise ValueError(f"the check character of {text!r} does not agree: a character was misread or mistyped")
    try:
        on = date(2000 + int(day[:2]), int(day[2:4]), int(day[4:]))
    except ValueError:
        raise ValueError(f"{text!r} names no day of the calendar: {day}") from None
    if number == "0000":
        raise ValueError(f"{text!r} has the number 0000, but units are numbered from 0001")
    return Batch(store, on, int(number))


def make_serial(store6: str, random_below: Callable[[int], int]) -> str:
    """A new serial. `random_below(n)` gives an unpredictable integer in [0, n), in production `secrets.randbelow`."""
    _require_store(store6)
    return f"{store6}-{''.join(CROCKFORD[random_below(32)] for _ in range(13))}"


def store_of_serial(serial: str) -> str:
    """The shop that printed a serial. Raises ValueError for a text that is no serial of ours."""
    match = _SERIAL.fullmatch(serial)
    if match is None:
        raise ValueError(f"{serial!r} is not a serial of a shop")
    return match[1]


def gtin_check_digit(body: str) -> str:
    """The GS1 check digit (General Specifications 7.9.1) of a GTIN without its last digit: 7, 11, 12 or 13 digits."""
    if len(body) not in (7, 11, 12, 13) or not (body.isascii() and body.isdigit()):
        raise ValueError(f"{body!r} is not a GTIN without its check digit")
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-weighted % 10)


def gtin_valid(gtin: str) -> bool:
    """Whether a text is a GTIN of 8, 12, 13 or 14 digits whose check digit agrees."""
    return _GTIN.fullmatch(gtin) is not None and gtin_check_digit(gtin[:-1]) == gtin[-1]


def gtin14(gtin: str) -> str:
    """A GTIN padded to the 14 digits that AI 01 wants. Raises ValueError if it is none."""
    if not gtin_valid(gtin):
        raise ValueError(f"{gtin!r} is not a GTIN, or its check digit does not agree")
    return gtin.zfill(14)


def digital_link(public_base: str, gtin: str, serial: str) -> str:
    """What a label's QR says: `{public_base}/01/{gtin}/21/{serial}`, scheme and host in lower case (RFC 3986)."""
    return f"{_base(public_base)}/01/{gtin14(gtin)}/21/{_value(serial)}"


def epc_instance(gtin: str, serial: str) -> str:
    """The same unit in EPCIS: CBV 2.0's constrained form on id.gs1.org, finest key only, no query."""
    return f"https://id.gs1.org/01/{gtin14(gtin)}/21/{_value(serial)}"


def epc_class(gtin: str, lot: str) -> str:
    """A lot in EPCIS, constrained as `epc_instance`."""
    return f"https://id.gs1.org/01/{gtin14(gtin)}/10/{_value(lot)}"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scanner read, or a hand typed.

    `label`: a unit's label, `gtin` and `serial` set. `lot`: a lot of a product, `gtin` and `lot` set, `expiry` perhaps.
    `batch`: a batch number with a right check character, in `lot`. `container`, `pack`, `badge`, `tag`: codes of the
    shop's own, in `code` with their prefix. `unknown`: `problem` says in words why; a bare lot number ends here too,
    because only the question that is being asked knows whose lot it is.
    """

    kind: Literal["label", "lot", "batch", "container", "pack", "badge", "tag", "unknown"]
    code: str
    gtin: str | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: date | None = None
    problem: str = ""


_KINDS: dict[str, Literal["container", "pack", "badge", "tag"]] = {
    "C": "container",
    "P": "pack",
    "B": "badge",
    "T": "tag",
}


def read_scan(text: str) -> Scan:
    """Tell what a scanned text is. Never raises: a text that says nothing is of kind `unknown` with the reason."""
    code = _SYMBOLOGY.sub("", text.strip(" \t\r\n"), count=1) if text.strip().startswith("]") else text.strip(" \t\r\n")
    if not code:
        return Scan("unknown", "", problem="nothing was read")
    if match := _PREFIXED.fullmatch(code):
        return Scan(_KINDS[match[1].upper()], code.upper())
    if _BATCH.fullmatch(code.upper()):
        try:
            return Scan("batch", code.upper(), lot=str(parse_batch(code)))
        except ValueError as wrong:
            return Scan("unknown", code, problem=str(wrong))
    if gtin_valid(code):
        return Scan("unknown", code, gtin=code.zfill(14), problem="a product number alone names neither lot nor unit")
    try:
        if re.match(r"https?://", code, re.IGNORECASE):
            return _read_elements(code, GS1DigitalLinkURI.parse(code).element_strings)
        if code.startswith("("):
            return _read_elements(code, GS1Message.parse_hri(code).element_strings)
        bare = code.lstrip("\x1d")
        if re.match(r"01[0-9]{14}", bare):
            return _read_elements(code, GS1Message.parse(bare).element_strings)
    except (ParseError, ValueError) as wrong:
        return Scan("unknown", code, problem=f"not a valid GS1 code: {wrong}")
    return Scan("unknown", code, problem="no known form of code")


def _read_elements(code: str, elements: GS1ElementStrings) -> Scan:
    values = {element.ai.ai: element for element in elements}
    found = values.get("01")
    if found is None:
        return Scan("unknown", code, problem="the code names no product (01)")
    gtin = found.value
    if not gtin_valid(gtin):
        return Scan("unknown", code, problem=f"the check digit of product number {gtin} does not agree")
    lot = values["10"].value if "10" in values else None
    expiry = values["17"].date if "17" in values else None
    if "21" in values:
        serial = values["21"].value
        # Our own serials have capitals only, so a code that was retyped or lower-cased on its way still names its unit.
        serial = serial.upper() if _SERIAL.fullmatch(serial.upper()) else serial
        return Scan("label", code, gtin=gtin, lot=lot, serial=serial, expiry=expiry)
    if lot is not None:
        return Scan("lot", code, gtin=gtin, lot=lot, expiry=expiry)
    problem = "a product number alone names neither lot nor unit"
    return Scan("unknown", code, gtin=gtin, expiry=expiry, problem=problem)


def _require_store(store6: str) -> None:
    if _STORE.fullmatch(store6) is None:
        raise ValueError(f"{store6!r} is not a shop's number: two letters of the province and four digits or capitals")


def _base(public_base: str) -> str:
    match = re.fullmatch(r"(https?://[^/?#]+)(/[^?#]*)?", public_base, re.IGNORECASE)
    if match is None:
        raise ValueError(f"{public_base!r} is not a web address to which /01/… can be added")
    return match[1].lower() + (match[2] or "").rstrip("/")


def _value(text: str) -> str:
    """A value of AI 10 or 21 (1 to 20 characters of GS1's set 82), percent-encoded for one path segment."""
    if not re.fullmatch(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}""", text):
        raise ValueError(f"{text!r} is not a GS1 lot or serial of 1 to 20 characters")
    return quote(text, safe="")
