"""What is wrong with a pack: findings and the rules that they come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Language = Literal["zh", "en"]


class Severity(StrEnum):
    """An error keeps a pack from being loaded, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, where it is, and what to do about it.

    ``element`` is the id of a BPMN or DMN element, a form field's key or the name of
    a TOML table; ``line`` counts from 1 and is left out where the file has no lines
    worth naming.
    """

    file: str
    rule: str
    message_zh: str
    message_en: str
    remedy_zh: str
    remedy_en: str
    element: str | None = None
    line: int | None = None
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        """Tell whether the pack cannot be loaded."""
        return self.severity is Severity.ERROR

    def message(self, language: Language = "zh") -> str:
        """Say what is wrong."""
        return self.message_zh if language == "zh" else self.message_en

    def remedy(self, language: Language = "zh") -> str:
        """Say what to do."""
        return self.remedy_zh if language == "zh" else self.remedy_en

    def to_json(self) -> dict[str, object]:
        """Give the finding as JSON, in both languages."""
        return {
            "file": self.file,
            "line": self.line,
            "element": self.element,
            "rule": self.rule,
            "severity": self.severity.value,
            "message": {"zh": self.message_zh, "en": self.message_en},
            "remedy": {"zh": self.remedy_zh, "en": self.remedy_en},
        }

    def text(self, language: Language = "zh") -> str:
        """Write the finding on one line: place, rule, what is wrong, what to do."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        element = f" {self.element}" if self.element else ""
        colon, space = (":", "") if language == "zh" else (": ", " ")
        sentences = f"{self.message(language)}{space}{self.remedy(language)}"
        return f"{place}{element} [{self.rule}]{colon}{sentences}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that packs keep; ``{…}`` in its sentences are filled by ``found``."""

    code: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    severity: Severity = Severity.ERROR

    def found(
        self, file: str, element: str | None = None, line: int | None = None, **words: object
    ) -> Finding:
        """Make the finding that this rule is broken at a place."""
        return Finding(
            file=file,
            rule=self.code,
            message_zh=self.zh.format(**words),
            message_en=self.en.format(**words),
            remedy_zh=self.remedy_zh.format(**words),
            remedy_en=self.remedy_en.format(**words),
            element=element,
            line=line,
            severity=self.severity,
        )


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put findings in the order of reading: file, line, element, rule; each once."""
    return tuple(
        sorted(
            dict.fromkeys(findings),
            key=lambda found: (
                found.file,
                found.line or 0,
                found.element or "",
                found.rule,
                found.message_en,
            ),
        )
    )
