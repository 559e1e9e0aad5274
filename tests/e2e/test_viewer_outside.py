"""What a reviewer has from elsewhere: fingerprints and checkpoints, compared in the viewer."""

import base64
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.journal import MadeUpLog, case_with_history, contents_of, house_stream
from tests.support.viewer import Viewer, open_viewer
from workflows.audit.anchors import anchor_of_text
from workflows.audit.bundle import write_bundle
from workflows.audit.merkle import range_root
from workflows.audit.verifier import verify_bundle

RNG = random.Random(7)
CASE, *OTHERS = [*(case_with_history(RNG) for _ in range(4)), house_stream(RNG)]
LOG = MadeUpLog(CASE, *OTHERS)
SIZE = len(LOG.leaves)


def slip(size: int, root: bytes | None = None) -> str:
    """Give what stands on a slip: a size and the log's root at it, or another one."""
    root = root or range_root(LOG.leaves[:size])
    return f"{size} {base64.b64encode(root).decode()}"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "bundle.zip"
    scope = {"type": "cases", "cases": [CASE.id]}
    contents = contents_of(CASE, OTHERS[-1], log=LOG, scope=scope)
    write_bundle(path, replace(contents, log=LOG.excerpt(proven_sizes=[9])))
    return path


@pytest.fixture(params=["chromium", "old_chromium"])
def viewer(request: pytest.FixtureRequest, tmp_path: Path, bundle: Path) -> Iterator[Viewer]:
    browser: Browser = request.getfixturevalue(request.param)
    with open_viewer(browser, tmp_path) as opened:
        opened.drop(bundle.read_bytes())
        yield opened


def test_slips_and_fingerprints_are_answered_as_python_answers_them(
    viewer: Viewer, bundle: Path
) -> None:
    key = verify_bundle(bundle).fingerprint or ""
    asked: list[tuple[str, list[str]]] = [
        ("", [slip(SIZE)]),
        ("", [slip(9), slip(SIZE)]),
        ("", [slip(SIZE, b"\0" * 32)]),
        ("", [slip(9, b"\0" * 32)]),
        ("", [slip(SIZE + 1, b"\0" * 32)]),
        *(("", [slip(size)]) for size in range(1, SIZE)),
        ("", [slip(0, b"\0" * 32), slip(SIZE, b"\0" * 32)]),
        (key, []),
        (key.upper().replace(" ", "-"), [slip(9)]),
        ("0" * 64, []),
        ("no fingerprint", [slip(9)]),
    ]
    found, expected = [], []
    for fingerprint, slips in asked:
        anchors = [anchor_of_text(each) for each in slips]
        verdict = verify_bundle(bundle, anchors=anchors, fingerprint=fingerprint or None)
        expected.append(verdict.problem.code if verdict.problem else "none")
        found.append(viewer.verify(bundle.read_bytes(), fingerprint, slips))
    assert found == expected
    assert {"none", "anchor_differs", "anchor_beyond", "anchor_unproven"} <= set(expected)
    assert "manifest_key_differs" in expected


@pytest.mark.parametrize("written", ["", "9", "9 x", "x 9", f"{'9' * 19} {'0' * 64}", "1 2 3"])
def test_what_is_no_slip_is_refused(viewer: Viewer, bundle: Path, written: str) -> None:
    assert viewer.verify(bundle.read_bytes(), "", [written]) == "anchor_unreadable"


def test_reviewer_compares_a_slip_a_file_and_a_fingerprint(
    viewer: Viewer, bundle: Path, tmp_path: Path
) -> None:
    page = viewer.page
    page.get_by_label("密钥指纹").fill(verify_bundle(bundle).fingerprint or "")
    page.get_by_label("存证点（每行一份").fill(slip(9))
    note = tmp_path / "2026-03-20.note"
    note.write_bytes(LOG.checkpoint())
    page.get_by_label("存证点文件").set_input_files(note)
    page.get_by_role("button", name="核对").click()
    verdict = page.locator(".verdict-right")
    verdict.get_by_text("与您给出的指纹一致").wait_for()
    said = verdict.inner_text()
    assert "外部存证 2026-03-20.note：一致。" in said
    assert "内部一致，与 2 份外部存证一致。" in said
    page.get_by_label("存证点（每行一份").fill("明天再说")
    page.get_by_role("button", name="核对").click()
    page.get_by_role("alert").get_by_text("读不懂").wait_for()
    assert page.locator(".verdict-right").count() == 1
    page.get_by_label("存证点（每行一份").fill(slip(SIZE + 1, b"\1" * 32))
    page.get_by_role("button", name="核对").click()
    page.locator(".verdict-wrong").wait_for()
    assert viewer.code() == "anchor_beyond"


def test_checkpoint_that_is_dropped_is_compared_with_the_bundle_that_is_open(
    viewer: Viewer,
) -> None:
    viewer.drop_file("2026-03-21.note", LOG.checkpoint())
    viewer.page.get_by_text("外部存证 2026-03-21.note：一致。").wait_for()
    assert viewer.page.locator(".verdict-right").count() == 1
