"""Bundles of as many records as wanted, made from one case with a history."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.support.journal import (
    KEY,
    ORIGIN,
    SIGNER,
    START,
    case_with_history,
    contents_of,
    made_up_id,
)
from workflows.audit.bundle import write_bundle
from workflows.audit.bundle_contents import BundleContents, PayloadLine
from workflows.audit.bundle_tree import LogExcerpt
from workflows.audit.canonical import canonical
from workflows.audit.commitment import commitment
from workflows.audit.merkle import Frontier, leaf_hash
from workflows.audit.notes import Checkpoint, checkpoint_text, sign_note
from workflows.domain.records import Effects, RecordKind, format_time


@dataclass(frozen=True, slots=True)
class _Sample:
    """A written case that others are made from by exchanging its id and its salts."""

    id: str
    records: tuple[bytes, ...]
    hashes: tuple[bytes, ...]
    payloads: tuple[PayloadLine, ...]
    commitments: tuple[bytes, ...]
    state: bytes


def _sample() -> _Sample:
    case = case_with_history(random.Random(1))
    for number in range(4):
        effects = Effects(closed=(case.state.tasks.copy().popitem()[0],)) if number == 3 else None
        facts = {"score": number, "note": "现场核查后要求继续整改，下月复查。" * 3}
        case.write(RecordKind.INTERVENED, effects, facts=facts, after=timedelta(hours=1))
    records = tuple(case.contents)
    return _Sample(
        case.id,
        records,
        tuple(sha256(record).hexdigest().encode() for record in records),
        tuple(case.payloads),
        tuple(json.loads(record)["payload"].encode() for record in records),
        canonical(case.state.state_line()),
    )


class LargeBundle:
    """The contents of a bundle of many cases of ten records, in the order of their ids."""

    def __init__(self, record_count: int) -> None:
        self._sample = _sample()
        self._per_case = len(self._sample.records)
        cases = max(1, record_count // self._per_case)
        rng = random.Random(2)
        self._ids = sorted(made_up_id("c", rng) for _ in range(cases))
        self.record_count = cases * self._per_case
        self._leaves = bytearray(32 * self.record_count)
        for index, content in self.records():
            self._leaves[32 * index : 32 * index + 32] = leaf_hash(content)

    def write(self, target: Path) -> None:
        """Write the bundle."""
        write_bundle(target, self._contents())

    def records(self) -> Iterator[tuple[int, bytes]]:
        """Give index and bytes of each record; the cases went on side by side."""
        for number, case_id in enumerate(self._ids):
            for seq, content in enumerate(self._case(case_id)):
                yield seq * len(self._ids) + number, content

    def _case(self, case_id: str) -> Iterator[bytes]:
        sample, new_id, head = self._sample, case_id.encode(), b""
        for at, record in enumerate(sample.records):
            changed = record.replace(sample.id.encode(), new_id)
            sealed = commitment(_salt(case_id, at), sample.payloads[at].content).encode()
            changed = changed.replace(sample.commitments[at], sealed)
            if at:
                changed = changed.replace(sample.hashes[at - 1], head)
            head = sha256(changed).hexdigest().encode()
            yield changed

    def _payloads(self) -> Iterator[PayloadLine]:
        for case_id in self._ids:
            for at, line in enumerate(self._sample.payloads):
                yield PayloadLine(case_id, at + 1, _salt(case_id, at), line.content)

    def _states(self) -> Iterator[Any]:
        for case_id in self._ids:
            yield json.loads(self._sample.state.replace(self._sample.id.encode(), case_id.encode()))

    def _contents(self) -> BundleContents:
        root = Frontier().extend(self._leaf_hashes()).root()
        shown = Checkpoint(ORIGIN, self.record_count, root, format_time(START))
        note = sign_note(checkpoint_text(shown), KEY, SIGNER.sign)
        return replace(
            contents_of(case_with_history(random.Random(1))),
            records=self.records(),
            payloads=self._payloads(),
            state_lines=self._states(),
            log=LogExcerpt(leaves=self._leaf_hashes(), checkpoints=[note]),
        )

    def _leaf_hashes(self) -> Iterator[bytes]:
        for at in range(0, len(self._leaves), 32):
            yield bytes(self._leaves[at : at + 32])


def _salt(case_id: str, at: int) -> bytes:
    return sha256(f"{case_id} {at}".encode()).digest()[:16]
