"""What a pack writes in signs, said in words: conditions, cells, amounts, offices."""

from __future__ import annotations

import re
from collections.abc import Mapping

from workflows.engine.findings import Language
from workflows.engine.forms import FormSchema
from workflows.engine.pack import Pack
from workflows.engine.parameters import Amount

_PIECE = re.compile(
    r"is\s+not\s+null|is\s+null|not\s+in|\"[^\"]*\"|'[^']*'|[A-Za-z_]\w*|==|!=|>=|<=|=|\s+|.",
    re.DOTALL,
)
_SIGNS: Mapping[str, tuple[str, str]] = {
    "==": ("为", "is"),
    "=": ("为", "is"),
    "!=": ("不为", "is not"),
    ">=": ("≥", "≥"),
    "<=": ("≤", "≤"),
    ",": ("、", ","),
    "and": ("且", "and"),
    "or": ("或", "or"),
    "not": ("非", "not"),
    "in": ("属于", "in"),
    "not in": ("不属于", "not in"),
    "is null": ("未填", "is not given"),
    "is not null": ("已填", "is given"),
    "null": ("未填", "not given"),
    "true": ("是", "yes"),
    "false": ("否", "no"),
}
_UNITS: Mapping[str, tuple[str, str, str]] = {
    "workdays": ("个工作日", " working day", " working days"),
    "days": ("天", " day", " days"),
    "months": ("个月", " month", " months"),
    "count": ("", "", ""),
    "percent": ("%", "%", "%"),
    "score": ("分", " point", " points"),
}
_OFFICES: Mapping[str, tuple[str, str]] = {
    "subject": ("对象单位", "the subject's own unit"),
    "parent_committee": ("上级党委", "the parent committee"),
    "banner_organisation": ("旗委组织部", "the banner's organisation department"),
    "banner_discipline": ("旗纪委监委", "the banner's discipline organ"),
    "banner_committee": ("旗委", "the banner's committee"),
    "league_organisation": ("盟委组织部", "the league's organisation department"),
    "league_committee": ("盟委", "the league's committee"),
    "superior_organisation": (
        "上一级党委的组织部",
        "the organisation department of the level above",
    ),
    "matter_office": ("登记单位", "the office that registered the matter"),
    "person_concerned": ("当事人", "the person concerned"),
}


def say_expression(pack: Pack, text: str, language: Language, about: str = "") -> str:
    """Say a condition or a cell, with the names that the pack gives to facts and codes.

    ``about`` is the fact that a cell of a decision table is compared with.
    """
    pieces = [" ".join(piece.split()) for piece in _PIECE.findall(text) if piece.strip()]
    facts = [piece for piece in pieces if piece in pack.facts or _form_of(pack, piece)] or [about]
    return _joined([_piece(pack, piece, facts, language) for piece in pieces])


def _joined(said: list[str]) -> str:
    """Join words, with a space only where both sides are written in letters that part words."""
    whole = ""
    for word in said:
        border = whole[-1:] + word[0]
        is_close = not whole or border[0] in "([" or word[0] in ")],"
        whole += word if is_close or any(map(_is_chinese, border)) else f" {word}"
    return whole


def _is_chinese(sign: str) -> bool:
    return "\u3000" <= sign <= "\u9fff"


def _piece(pack: Pack, piece: str, facts: list[str], language: Language) -> str:
    if piece in _SIGNS:
        return _SIGNS[piece][language == "en"]
    if piece in pack.facts:
        return pack.name("fact", piece, language)
    if piece in pack.parameters:
        return pack.name("parameter", piece, language)
    if piece[0] in "\"'":
        return _code(pack, piece[1:-1], facts, language)
    form = _form_of(pack, piece)
    return piece if form is None else pack.name(f"form.{form.id}", piece, language)


def _form_of(pack: Pack, piece: str) -> FormSchema | None:
    """Give a form that has a field of this name; conditions ask for those that are no facts too."""
    if not piece.isidentifier():
        return None
    return next((form for form in pack.forms.values() if form.field(piece) is not None), None)


def _code(pack: Pack, code: str, facts: list[str], language: Language) -> str:
    for fact in facts:
        if fact in pack.facts and code in pack.facts[fact].choices:
            return f"“{pack.name('choice', f'{fact}.{code}', language)}”"
        form = _form_of(pack, fact)
        field = form.field(fact) if form else None
        for choice in field.choices if field else ():
            if choice.value == code:
                named = pack.name("choice", f"{fact}.{code}", language)
                return f"“{choice.label if named == f'{fact}.{code}' else named}”"
    return f"“{code}”"


def say_amount(amount: Amount, language: Language) -> str:
    """Say a value with its unit: 5个工作日, 5 working days."""
    zh, one, many = _UNITS[amount.unit]
    unit = zh if language == "zh" else one if amount.value == 1 else many
    return f"{amount.value}{unit}"


def say_office(rule: str | None, language: Language) -> str:
    """Say where the office of a lane is looked for."""
    return _OFFICES.get(rule or "", (rule or "", rule or ""))[language == "en"]
