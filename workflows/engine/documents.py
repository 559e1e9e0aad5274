"""Documents: which papers of the catalogue a pack's activities make, and what stands in them.

A file of documents/ describes one (DOMAIN 4.1). It says nothing of how a paper looks: that is
the same for all, and stands with what sets them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TypeVar

from workflows.engine.expressions import Expression, ExpressionRefused
from workflows.engine.facts import Level
from workflows.engine.findings import Finding, Language
from workflows.engine.toml_files import TOML_BAD_VALUE, TOML_UNKNOWN_KEY, read_toml

FOLDER = "documents"
# What a text may name beside facts and fields: it is known of every case.
KNOWN_NAMES = frozenset(
    {"organisation", "person", "post", "case", "office", "rules", "acted_on", "acted_by"}
)
# The receipt (D40) names these of the document that was served.
SERVED_NAMES = frozenset(
    {"served_name", "served_number", "served_to", "served_on", "served_way", "served_void"}
)
# What stands before the id of another document, to name the number that it was given.
NUMBER_OF = "number_of"
NAMED = re.compile(r"\{([A-Za-z][\w.]*)\}", re.ASCII)

_CODE = re.compile(r"D[0-9]{2}", re.ASCII)
_ID = re.compile(r"D[0-9]{2}(_[a-z]{1,20}){0,2}", re.ASCII)
_Kind = TypeVar("_Kind", bound=StrEnum)
_LONGEST_WORD = 3
_LONGEST = 4000


class Layout(StrEnum):
    """How a document is laid out after GB/T 9704, also in its format of letters; or as a form."""

    OFFICIAL = "official"
    LETTER = "letter"
    FORM = "form"


class Addressee(StrEnum):
    """Whom a document goes to; one that stays in the file has none."""

    NOBODY = ""
    ORGANISATION = "organisation"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a document: a heading with what stands under it.

    ``fields`` are facts, or ``activity.field`` for what was filled in there. ``clock`` is a
    rule whose deadline is printed with how it was reckoned; ``beside`` a process by which the
    reader may object or appeal, with its window; ``basis`` parameters whose basis is named.
    A part with ``when`` is left out where that does not hold.
    """

    heading: str = ""
    text: str = ""
    fields: tuple[str, ...] = ()
    clock: str | None = None
    beside: str | None = None
    effects: bool = False
    basis: tuple[str, ...] = ()
    when: Expression | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Give every fact, field and known thing that it names."""
        return (*self.fields, *NAMED.findall(self.text))


@dataclass(frozen=True, slots=True)
class Document:
    """A paper that a case makes when one of ``activities`` is done and ``when`` holds.

    ``printed`` is its title on paper, where its name tells it from another on a list.
    ``word`` stands before 〔year〕 in its number; a document without one bears none.
    The first of ``served_on`` that is known is the day of its service, ``served_way`` the way.
    One that ``is_decision`` states facts, basis, effects and remedy; one that ``is_receipt``
    proves the service of others. A form that ``is_for_person`` is shown to the person concerned.
    One that ``has_timetable`` goes out with the sheet of all coming dates, as its appendix.
    """

    id: str
    code: str
    name: str
    english: str
    activities: tuple[str, ...]
    layout: Layout
    level: Level
    parts: tuple[Part, ...]
    printed: str = ""
    word: str = ""
    addressee: Addressee = Addressee.NOBODY
    copies: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    when: Expression | None = None
    served_on: tuple[str, ...] = ()
    served_way: str | None = None
    is_decision: bool = False
    is_receipt: bool = False
    is_for_person: bool = False
    has_timetable: bool = False

    @property
    def file(self) -> str:
        """Give the file that describes it."""
        return f"{FOLDER}/{self.id}.toml"

    @property
    def heading(self) -> str:
        """Give its title on paper."""
        return self.printed or self.name

    def title(self, language: Language = "zh") -> str:
        """Name it in a language."""
        return self.name if language == "zh" else self.english


Documents = Mapping[str, Document]
_DOCUMENT_KEYS: Mapping[str, type] = {
    "code": str,
    "name": str,
    "en": str,
    "title": str,
    "activities": list,
    "layout": str,
    "level": str,
    "word": str,
    "addressee": str,
    "copies": list,
    "signers": list,
    "when": str,
    "served_on": list,
    "served_way": str,
    "decision": bool,
    "receipt": bool,
    "for_person": bool,
    "timetable": bool,
    "part": list,
}
_PART_KEYS: Mapping[str, type] = {
    "heading": str,
    "text": str,
    "fields": list,
    "clock": str,
    "beside": str,
    "effects": bool,
    "basis": list,
    "when": str,
}


class _Refused(ValueError):
    """Carries what is wrong out of the reading of one file."""

    def __init__(self, key: str, zh: str, en: str) -> None:
        super().__init__(key)
        self.key, self.zh, self.en = key, zh, en


def read_documents(files: Mapping[str, bytes]) -> tuple[Documents, list[Finding]]:
    """Read the descriptions in a pack; of those that are wrong, what is."""
    documents: dict[str, Document] = {}
    findings: list[Finding] = []
    for file in sorted(files):
        path = PurePosixPath(file)
        if path.parts[0] != FOLDER or path.suffix != ".toml":
            continue
        source = read_toml(files[file], file)
        findings += source.findings
        findings += _unknown(file, source.content)
        if not source.findings:
            try:
                documents[path.stem] = _document(path.stem, source.content)
            except _Refused as wrong:
                findings.append(_bad(file, path.stem, wrong))
    return documents, findings


def _unknown(file: str, content: Mapping[str, object]) -> Iterator[Finding]:
    parts = content.get("part")
    tables = [("document", content, _DOCUMENT_KEYS)]
    several = parts if isinstance(parts, list) else ()
    tables += [("part", each, _PART_KEYS) for each in several if isinstance(each, dict)]
    for name, table, keys in tables:
        for key in table:
            if key not in keys:
                known = ", ".join(keys)
                yield TOML_UNKNOWN_KEY.found(file, key, name=name, key=key[:64], known=known)


def _bad(file: str, name: str, wrong: _Refused) -> Finding:
    return TOML_BAD_VALUE.found(
        file, wrong.key, name=name, key=wrong.key, wanted_zh=wrong.zh, wanted_en=wrong.en
    )


def _document(id_: str, content: Mapping[str, object]) -> Document:
    _check_types(content, _DOCUMENT_KEYS)
    if not _ID.fullmatch(id_):
        raise _Refused("code", "D 加两位数字的文件名，如 D07、D23_talk", "a file D07 or D23_talk")
    code = _text(content, "code")
    if not _CODE.fullmatch(code) or not id_.startswith(code):
        raise _Refused("code", "与文件名一致的代码", "the code that the file's name begins with")
    word = str(content.get("word", ""))
    if len(word) > _LONGEST_WORD:
        raise _Refused("word", "不超过三个字", "at most three signs")
    return Document(
        id=id_,
        code=code,
        name=_text(content, "name"),
        english=_text(content, "en"),
        activities=_texts(content, "activities"),
        layout=_choice(content, "layout", Layout),
        level=_choice(content, "level", Level),
        parts=tuple(_parts(content)),
        printed=str(content.get("title", "")),
        word=word,
        addressee=_choice(content, "addressee", Addressee, ""),
        copies=_texts(content, "copies"),
        signers=_texts(content, "signers"),
        when=_when(content),
        served_on=_texts(content, "served_on"),
        served_way=_or_none(content, "served_way"),
        is_decision=bool(content.get("decision", False)),
        is_receipt=bool(content.get("receipt", False)),
        is_for_person=bool(content.get("for_person", False)),
        has_timetable=bool(content.get("timetable", False)),
    )


def _parts(content: Mapping[str, object]) -> Iterator[Part]:
    parts = content.get("part", [])
    for each in parts if isinstance(parts, list) else ():
        if not isinstance(each, dict):
            raise _Refused("part", "[[part]] 表", "tables [[part]]")
        _check_types(each, _PART_KEYS)
        yield Part(
            heading=str(each.get("heading", "")),
            text=str(each.get("text", "")),
            fields=_texts(each, "fields"),
            clock=_or_none(each, "clock"),
            beside=_or_none(each, "beside"),
            effects=bool(each.get("effects", False)),
            basis=_texts(each, "basis"),
            when=_when(each),
        )


def _check_types(table: Mapping[str, object], keys: Mapping[str, type]) -> None:
    for key, wanted in keys.items():
        value = table.get(key)
        if value is not None and not isinstance(value, wanted):
            raise _Refused(key, f"{wanted.__name__} 类型", f"a {wanted.__name__}")
        if isinstance(value, str) and len(value) > _LONGEST:
            raise _Refused(key, f"不超过 {_LONGEST} 字", f"at most {_LONGEST} signs")


def _text(table: Mapping[str, object], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _Refused(key, "文字，不能空着", "a text that is not empty")
    return value.strip()


def _texts(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    values = table.get(key, [])
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise _Refused(key, "文字的列表", "a list of texts")
    return tuple(values)


def _or_none(table: Mapping[str, object], key: str) -> str | None:
    value = table.get(key)
    return value if isinstance(value, str) else None


def _choice(
    table: Mapping[str, object], key: str, kind: type[_Kind], default: str | None = None
) -> _Kind:
    try:
        return kind(str(table.get(key, default)))
    except ValueError:
        known = "、".join(each.value for each in kind)
        raise _Refused(key, f"其中之一：{known}", f"one of {known}") from None


def _when(table: Mapping[str, object]) -> Expression | None:
    text = table.get("when")
    if not isinstance(text, str):
        return None
    try:
        return Expression(text)
    except ExpressionRefused as error:
        raise _Refused("when", f"条件（{error}）", f"a condition ({error})") from error
