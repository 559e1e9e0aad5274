"""Pauses of clocks: days that do not count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from workflows.domain.errors import InvalidInput
from workflows.domain.written_days import day_zh

# A stretch of days that do not count: after the first date, up to the second.
Idle: TypeAlias = tuple[date, date]


class InvalidPause(InvalidInput):
    """A pause from {from_on} cannot end on {to_on}."""

    code = "invalid_pause"
    from_on: date
    to_on: date


class CertificateNeeded(InvalidInput):
    """A pause for illness or force majeure needs its certificate: kind, number, issuer, days."""

    code = "certificate_needed"


class CertificateUnfit(InvalidInput):
    """The certificate covers {from_on} to {until_on}, and the pause begins on {on}."""

    code = "certificate_unfit"
    from_on: date
    until_on: date
    on: date


class PauseGround(StrEnum):
    """Why a clock stops (DOMAIN 5.1)."""

    ILLNESS = "illness"
    FORCE_MAJEURE = "force_majeure"
    REFERRAL = "referral"
    SUPERIOR = "superior"
    OTHER = "other"


# What somebody else has to attest.
CERTIFIED = frozenset({PauseGround.ILLNESS, PauseGround.FORCE_MAJEURE})
_CALLED = {
    PauseGround.ILLNESS: "当事人重病",
    PauseGround.FORCE_MAJEURE: "不可抗力",
    PauseGround.REFERRAL: "移送期间",
    PauseGround.SUPERIOR: "等待上级批复",
    PauseGround.OTHER: "",
}
# What stands in records where nobody typed a reason.
HOLD_OVER = "暂缓期满，自行恢复"
MERGED = "并案停办"
_IN_ENGLISH = {
    "当事人重病": "the person concerned is gravely ill",
    "不可抗力": "force majeure",
    "移送期间": "referred elsewhere",
    "等待上级批复": "waits for a reply from above",
    HOLD_OVER: "the hold ended by itself",
    MERGED: "stands still for a merger",
}


def reason_en(reason: str) -> str:
    """Give a reason in English as far as it is ours; what an officer typed stays as it is."""
    ground, colon, said = reason.partition("：")
    known = _IN_ENGLISH.get(ground)
    return reason if known is None else f"{known}: {said}" if colon else known


@dataclass(frozen=True, slots=True)
class Certificate:
    """What attests the ground of a pause: its kind, number and issuer, and the days it covers."""

    kind: str
    number: str
    issuer: str
    from_on: date
    until_on: date

    def __post_init__(self) -> None:
        """Refuse one that says too little, or ends before it begins."""
        if not all(text.strip() for text in (self.kind, self.number, self.issuer)):
            raise CertificateNeeded
        if self.until_on < self.from_on:
            raise InvalidPause(from_on=self.from_on, to_on=self.until_on)

    @property
    def text(self) -> str:
        """Write it as a derivation tells it."""
        days = f"{day_zh(self.from_on)}至{day_zh(self.until_on)}"
        return f"{self.kind}{self.number}，{self.issuer}出具，{days}"


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why a clock stops: the ground, what was said to it, and what attests it."""

    ground: PauseGround
    reason: str
    certificate: Certificate | None = None

    def check(self, on: date) -> None:
        """Refuse a pause from a day that needs a certificate and has none for that day.

        Raises:
            CertificateNeeded, CertificateUnfit: It has none, or none for the day.
        """
        paper = self.certificate
        if paper is None:
            if self.ground in CERTIFIED:
                raise CertificateNeeded
        elif not paper.from_on <= on <= paper.until_on:
            raise CertificateUnfit(from_on=paper.from_on, until_on=paper.until_on, on=on)

    @property
    def text(self) -> str:
        """Write all of it, as the derivation of the date and the record tell it."""
        said = (_CALLED[self.ground], self.reason.strip())
        paper = f"（{self.certificate.text}）" if self.certificate else ""
        return "：".join(each for each in said if each) + paper


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop of a clock: why, and who allowed it; open while ``to_on`` is null."""

    from_on: date
    to_on: date | None
    reason: str
    approver: str

    def __post_init__(self) -> None:
        """Refuse a pause that ends before it begins."""
        if self.to_on is not None and self.to_on < self.from_on:
            raise InvalidPause(from_on=self.from_on, to_on=self.to_on)


def merge_pauses(pauses: Sequence[Pause], at: date | None = None) -> tuple[Idle, ...]:
    """Give the stretches of days that do not count, in order, apart from each other.

    Pauses of no day are left out, and so are open ones unless ``at`` closes them.
    """
    closed = sorted(
        (pause.from_on, end)
        for pause in pauses
        if (end := pause.to_on if pause.to_on is not None else at) is not None
        and end > pause.from_on
    )
    merged: list[Idle] = []
    for from_on, to_on in closed:
        if merged and from_on <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], to_on))
        else:
            merged.append((from_on, to_on))
    return tuple(merged)
