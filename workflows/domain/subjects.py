"""Whom a case may be about: categories of public duty, a closed list (DOMAIN 2.3)."""

from __future__ import annotations

from enum import StrEnum


class SubjectCategory(StrEnum):
    """What somebody's public duty is; it decides which measures are open.

    A villager without public duty has no category, and so no record.
    """

    BANNER_CADRE = "banner_cadre"
    GACHA_SECRETARY = "gacha_secretary"
    ELECTED_MEMBER = "elected_member"
    ELECTED_OTHER = "elected_other"
    PARTY_MEMBER = "party_member"


# The label that screens show first, then other ways in which officers write it.
CATEGORY_WORDS: dict[SubjectCategory, tuple[str, ...]] = {
    SubjectCategory.BANNER_CADRE: (
        "旗管领导干部",
        "旗县管理的领导干部",
        "县管领导干部",
        "旗管干部",
        "县管干部",
        "科级领导干部",
    ),
    SubjectCategory.GACHA_SECRETARY: (
        "嘎查村党组织书记",
        "嘎查党支部书记",
        "村党支部书记",
        "社区党组织书记",
        "嘎查书记",
        "村书记",
    ),
    SubjectCategory.ELECTED_MEMBER: (
        "嘎查村委会成员(党员)",
        "村委会主任(党员)",
        "村委会委员(党员)",
        "嘎查达(党员)",
    ),
    SubjectCategory.ELECTED_OTHER: (
        "嘎查村委会成员(非党员)",
        "村委会主任(非党员)",
        "村委会委员(非党员)",
        "嘎查达(非党员)",
    ),
    SubjectCategory.PARTY_MEMBER: ("普通党员", "党员"),
}


def category_of(text: str) -> SubjectCategory | None:
    """Find a category by its code or by one of its names; None for anything else."""
    wanted = text.strip().replace("（", "(").replace("）", ")")
    for category, words in CATEGORY_WORDS.items():
        if wanted == category or wanted in words:
            return category
    return None


def known_categories() -> str:
    """List the categories for a message."""
    return "、".join(words[0] for words in CATEGORY_WORDS.values())
