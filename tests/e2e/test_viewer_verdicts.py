"""The viewer finds what the Python verifier finds, in the current Chromium and in 109."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.bundles import read_bundle
from tests.support.forged import forged_bundles
from tests.support.journal import case_with_history, contents_of, house_stream
from tests.support.viewer import Viewer, open_viewer
from workflows.audit.bundle import write_bundle
from workflows.audit.verifier import verify_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = random.Random(20260302)
    path = tmp_path_factory.mktemp("bundle") / "original.zip"
    streams = (case_with_history(rng), case_with_history(rng), house_stream(rng))
    write_bundle(path, contents_of(*streams))
    return path


@pytest.fixture(params=["chromium", "old_chromium"])
def viewer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Viewer]:
    browser: Browser = request.getfixturevalue(request.param)
    with open_viewer(browser, tmp_path) as opened:
        yield opened


def code_of(folder: Path, content: bytes) -> str:
    """Give what Python finds: the code of the first thing that is wrong."""
    path = folder / "forged.zip"
    path.write_bytes(content)
    problem = verify_bundle(path).problem
    return "none" if problem is None else problem.code


def test_good_bundle_is_right_and_says_that_it_is_unsigned(viewer: Viewer, bundle: Path) -> None:
    assert viewer.drop(bundle.read_bytes()) == "unsigned"
    said = viewer.page.locator(".verdict").inner_text()
    assert "通过，未签名" in said
    assert "3 条记录链共 14 条记录，2 个案件" in said
    assert "由导出者选取，完整性无法证明" in said


def test_every_forgery_is_named_as_python_names_it(
    viewer: Viewer, bundle: Path, tmp_path: Path
) -> None:
    found, expected = {}, {}
    for name, content in forged_bundles(bundle.read_bytes(), read_bundle(bundle)):
        expected[name] = code_of(tmp_path, content)
        assert viewer.drop(content) in {"wrong", "unsigned"}, name
        found[name] = viewer.code()
    assert found == expected
    assert [name for name, code in expected.items() if code == "none"] == []
    assert len(set(expected.values())) >= 20


def test_random_bytes_are_named_as_python_names_them(
    viewer: Viewer, bundle: Path, tmp_path: Path
) -> None:
    rng = random.Random(20261130)
    original = bundle.read_bytes()
    found, expected = {}, {}
    for _ in range(40):
        at, bit = rng.randrange(len(original)), 1 << rng.randrange(8)
        content = original[:at] + bytes((original[at] ^ bit,)) + original[at + 1 :]
        expected[at, bit] = code_of(tmp_path, content)
        viewer.drop(content)
        found[at, bit] = viewer.code()
    assert found == expected
    assert "none" not in found.values()
