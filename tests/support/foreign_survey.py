"""How our engine fares on SpiffWorkflow's own test diagrams: ``python -m … FOLDER``."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.foreign_diagrams import Foreign, define_foreign, read_foreign
from tests.support.side_by_side import walk
from workflows.engine import Definition
from workflows.engine.errors import PackInvalid

_WALKS = 20
_LONGEST = 25


@dataclass
class Survey:
    """What became of each file."""

    files: int = 0
    outside: dict[str, tuple[str, ...]] = field(default_factory=dict)
    walked: dict[str, int] = field(default_factory=dict)
    differences: dict[str, str] = field(default_factory=dict)
    plain_differences: dict[str, str] = field(default_factory=dict)

    @property
    def reasons(self) -> Counter[str]:
        """Count the files outside the profile by each reason."""
        return Counter(reason for reasons in self.outside.values() for reason in reasons)

    def lines(self) -> Iterator[str]:
        """Write it down."""
        yield f"{self.files} files, {len(self.outside)} of them outside the profile:"
        for reason, count in self.reasons.most_common():
            yield f"  {count:3} {reason}"
        steps = sum(self.walked.values())
        yield f"{len(self.walked)} files walked, {steps} steps"
        for title, found in (
            ("differ from the referee or the table", self.differences),
            ("differ from plain SpiffWorkflow", self.plain_differences),
        ):
            yield f"{len(found)} {title}"
            yield from (f"  {file}: {difference}" for file, difference in found.items())


def survey(folder: Path) -> Survey:
    """Walk every diagram below a folder that is inside the profile."""
    every = read_foreign(folder)
    result = Survey(files=len(every))
    for foreign in every:
        reasons = foreign.reasons
        definitions: list[Definition] = []
        if not reasons:
            try:
                definitions = define_foreign(foreign, every)
            except PackInvalid as error:
                reasons = tuple(finding.rule for finding in error.findings)
            except LookupError:
                reasons = ("calls what is outside",)
        if reasons:
            result.outside[foreign.file] = reasons
        else:
            _walk(foreign, definitions, result)
    return result


def _walk(foreign: Foreign, definitions: list[Definition], result: Survey) -> None:
    """Walk its processes; plain SpiffWorkflow begins those that a message opens without it."""
    file = foreign.file
    result.walked[file] = 0
    for definition in definitions:
        for number in range(_WALKS):
            try:
                result.walked[file] += walk(definition, random.Random(number), _LONGEST)
            except AssertionError as difference:
                result.differences[file] = str(difference)
            if definition.process_id in foreign.begun_by_messages:
                continue
            try:
                walk(definition, random.Random(number), _LONGEST, beside_plain=True)
            except AssertionError as difference:
                result.plain_differences[file] = str(difference)


if __name__ == "__main__":
    for line in survey(Path(sys.argv[1])).lines():
        sys.stdout.write(line + "\n")
