"""Random changes of a bundle's bytes: none passes, none makes the verifier stumble.

DUBAN_MUTATIONS=20000 tries as many as the audit page promises; that takes minutes.
"""

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.bundles import Files, pack_zip, read_bundle, relist
from tests.support.journal import (
    MadeUpLog,
    case_with_closed_fields,
    case_with_history,
    contents_of,
    house_stream,
)
from workflows.audit.bundle import write_bundle
from workflows.audit.verifier import verify_bundle

# Nothing but the manifest's signature holds these, and here the forger has the key.
UNPROVEN = {"register.jsonl"}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    rng = random.Random(20260303)
    path = tmp_path_factory.mktemp("bundle") / "original.zip"
    case, house, other = case_with_history(rng), house_stream(rng), case_with_history(rng)
    # Opened ones: that a reason for withholding was changed, the manifest's signature alone shows.
    closed = case_with_closed_fields(rng)
    log = MadeUpLog(case, house, other, closed)
    scope = {"type": "cases", "cases": sorted([case.id, closed.id])}
    excerpt = log.excerpt(9, proven_sizes=range(1, len(log.leaves)))
    contents = contents_of(case, closed, house, log=log, scope=scope)
    write_bundle(path, replace(contents, log=excerpt))
    assert verify_bundle(path, workers=1).is_right
    return path.read_bytes()


@pytest.fixture
def files(bundle: bytes, tmp_path: Path) -> Files:
    path = tmp_path / "read.zip"
    path.write_bytes(bundle)
    return read_bundle(path)


def test_no_random_change_of_bytes_passes(tmp_path: Path, bundle: bytes) -> None:
    rng = random.Random(7)
    path = tmp_path / "mutated.zip"
    for _ in range(int(os.environ.get("DUBAN_MUTATIONS", "600"))):
        forged = bytearray(bundle)
        mutate(rng, forged)
        if forged == bundle:
            continue
        path.write_bytes(forged)
        assert not verify_bundle(path, workers=1).is_right


def mutate(rng: random.Random, content: bytearray) -> None:
    """Flip, set, insert, delete, double or exchange bytes somewhere."""
    at = rng.randrange(len(content))
    match rng.randrange(6):
        case 0:
            content[at] ^= 1 << rng.randrange(8)
        case 1:
            content[at] = rng.randrange(256)
        case 2:
            content.insert(at, rng.randrange(256))
        case 3:
            del content[at : at + rng.randrange(1, 50)]
        case 4:
            content[at:at] = content[at : at + rng.randrange(1, 50)]
        case _:
            other = rng.randrange(len(content))
            content[at], content[other] = content[other], content[at]


def test_no_random_change_of_a_listed_record_crashes(tmp_path: Path, files: Files) -> None:
    """Whatever a forger without a key writes, the answer is an answer."""
    rng = random.Random(11)
    path = tmp_path / "mutated.zip"
    names = [name for name in files if name.endswith(".jsonl") and len(files[name]) > 0]
    names.append(max((name for name in files if name.startswith("checkpoints/")), key=len))
    for _ in range(300):
        name = rng.choice(names)
        changed = bytearray(files[name])
        mutate(rng, changed)
        path.write_bytes(pack_zip(relist(files | {name: bytes(changed)})))
        verdict = verify_bundle(path, workers=1)
        assert verdict.problem is None or verdict.problem.code != "error"
        if name not in UNPROVEN:
            assert verdict.is_right == (bytes(changed) == files[name])
