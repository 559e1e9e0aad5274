"""The organisation tree: levels, the bodies of a unit, paths and codes (DOMAIN 3.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Level(IntEnum):
    """How far a unit stands below the region."""

    REGION = 1
    LEAGUE = 2
    BANNER = 3
    TOWNSHIP = 4
    GACHA = 5


class Kind(StrEnum):
    """What an organisation is: a place on the map, or a body of it that holds roles."""

    UNIT = "unit"
    BRANCH = "branch"
    COMMITTEE = "committee"
    ORGANISATION = "organisation"
    DISCIPLINE = "discipline"
    SUPERVISION = "supervision"


# A body's code is its unit's code with one of these, so it can be found without a search.
BODY_SUFFIX = {
    Kind.BRANCH: "-B",
    Kind.COMMITTEE: "-C",
    Kind.ORGANISATION: "-O",
    Kind.DISCIPLINE: "-D",
    Kind.SUPERVISION: "-S",
}
# The trigger of the record by which a case passes to who took its organisation's place.
SUCCEEDED = "succeeded"
MAX_UNIT_CODE = 38
MAX_UNIT_NAME = 100
_CODE = re.compile(r"[0-9A-Za-z_-]+")
# Control and formatting characters; private-use ones stand for rare characters of real names.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)
_TRAILING_OFFICE = re.compile(
    r"(?:(?<=村)村民委员会|(?<=村)村委会|(?<=嘎查)(?:村民|居民)?委(?:员)?会"
    r"|(?<=社区)居民委员会|(?<=社区)居委会|(?<=社区)委员会|(?<=村)民委员会|(?<=村)委会)$"
)
# Statistics lists these as units of the third level; nobody governs them.
_PLACEHOLDER = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


@dataclass(frozen=True, slots=True)
class Body:
    """A body of a unit: the Party branch of a gacha, the organisation department of a banner."""

    kind: Kind
    code: str
    name: str


def place_name(name: str) -> str:
    """Give the place that a unit's name means, without the office at its end.

    Statistics names gachas and villages after their committees: 某嘎查委员会 is 某嘎查.
    """
    return _TRAILING_OFFICE.sub("", name) or name


def bodies_of(code: str, name: str, level: int) -> tuple[Body, ...]:
    """Give the bodies that a unit of a level has; the region lies outside the product."""
    if name in _PLACEHOLDER:
        return ()
    if level == Level.GACHA:
        names = {Kind.BRANCH: f"{place_name(name)}党支部"}
    elif level == Level.TOWNSHIP:
        names = {Kind.COMMITTEE: _township_committee(name)}
    elif level in {Level.BANNER, Level.LEAGUE}:
        committee = _committee(name)
        names = {
            Kind.COMMITTEE: committee,
            Kind.ORGANISATION: f"{committee}组织部",
            Kind.DISCIPLINE: f"{name}纪委监委",
            Kind.SUPERVISION: f"{committee}督查室",
        }
    else:
        names = {}
    return tuple(Body(kind, code + BODY_SUFFIX[kind], text) for kind, text in names.items())


def child_path(parent_path: str, code: str) -> str:
    """Give the path of an organisation below another; the path above a root is empty."""
    return f"{parent_path}{code}."


def paths_down_to(path: str) -> tuple[str, ...]:
    """Give the paths of all that lies above an organisation and its own, from the top down."""
    parts = path.split(".")[:-1]
    return tuple("".join(f"{part}." for part in parts[:end]) for end in range(1, len(parts) + 1))


def is_unit_code(code: str) -> bool:
    """Say whether a code may name a unit: short, no separator of paths, no body's suffix."""
    return (
        len(code) <= MAX_UNIT_CODE
        and _CODE.fullmatch(code) is not None
        and not code.endswith(tuple(BODY_SUFFIX.values()))
    )


def has_invisible(text: str) -> bool:
    """Say whether a text holds characters that nobody can see."""
    return _INVISIBLE.search(text) is not None


def has_lost_sign(name: str) -> bool:
    """Say whether a name seems to have lost a rare sign, for which programs write a question mark.

    Excel saves CSV in an encoding of some 21,000 Chinese signs; names hold more.
    """
    return "?" in name or "\ufffd" in name


def _township_committee(name: str) -> str:
    if name.endswith(("街道", "街道办事处")):
        return f"{name.removesuffix('办事处')}党工委"
    return f"{name}党委"


def _committee(name: str) -> str:
    """Name the Party committee of a banner or league as people do: 旗委, 县委, 盟委, 地委, 州委."""
    for ending, short in (("自治州", "州委"), ("地区", "地委"), ("自治旗", "自治旗委")):
        if name.endswith(ending):
            return name.removesuffix(ending) + short
    return f"{name}委" if name.endswith(("旗", "县", "市", "盟", "区")) else f"{name}党工委"
