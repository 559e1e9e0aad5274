"""The viewer finds what the Python verifier finds, in the current Chromium and in 109."""

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.bundles import as_format_0, json_lines, pack_zip, read_bundle, relist_unsigned
from tests.support.forged import Forger
from tests.support.journal import (
    MadeUpLog,
    StreamWriter,
    case_with_closed_fields,
    case_with_history,
    contents_of,
    house_stream,
)
from tests.support.viewer import Viewer, open_viewer
from workflows.audit.bundle import write_bundle
from workflows.audit.report import verdict_text
from workflows.audit.verifier import verify_bundle


def streams(cases: int) -> list[StreamWriter]:
    rng = random.Random(20260302)
    return [*(case_with_history(rng) for _ in range(cases)), house_stream(rng)]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of a whole log."""
    path = tmp_path_factory.mktemp("bundle") / "everything.zip"
    write_bundle(path, contents_of(*streams(2)))
    return path


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of one case out of five, with two checkpoints and proofs of other sizes."""
    path = tmp_path_factory.mktemp("bundle") / "selection.zip"
    case, *others = streams(5)
    log = MadeUpLog(case, *others)
    scope = {"type": "cases", "cases": [case.id]}
    contents = contents_of(case, others[-1], log=log, scope=scope)
    write_bundle(path, replace(contents, log=log.excerpt(9, proven_sizes=range(1, 33))))
    return path


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory, everything: Path) -> Path:
    """A bundle of the format that had no log."""
    path = tmp_path_factory.mktemp("bundle") / "unsigned.zip"
    path.write_bytes(pack_zip(as_format_0(read_bundle(everything))))
    return path


@pytest.fixture(scope="module", params=[(), ("named", "plan")], ids=["opened", "withheld"])
def closed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with closed fields, opened or withheld."""
    rng = random.Random(20260302)
    path = tmp_path_factory.mktemp("bundle") / "closed.zip"
    write_bundle(path, contents_of(case_with_closed_fields(rng, request.param), house_stream(rng)))
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


def compare(viewer: Viewer, folder: Path, forgeries: Iterable[tuple[str, bytes]]) -> set[str]:
    """Let both verifiers look at each forgery; gives the codes that were found."""
    found, expected = {}, {}
    viewer.drop(b"")
    for name, content in forgeries:
        expected[name] = code_of(folder, content)
        found[name] = viewer.verify(content)
    assert found == expected
    assert [name for name, code in expected.items() if code == "none"] == []
    return set(expected.values())


def test_bundle_of_everything_is_right_and_whole(viewer: Viewer, everything: Path) -> None:
    assert viewer.drop(everything.read_bytes()) == "right"
    said = viewer.page.locator(".verdict").inner_text()
    assert "3 条记录链共 15 条记录，2 个案件" in said
    assert "第 0 至 14 条：应有 15 条，实有 15 条，其中密封 0 条，缺 0 条。" in said
    assert "内部一致，未与外部存证核对" in said
    verdict = verify_bundle(everything)
    assert viewer.page.locator("#fingerprint").inner_text() == verdict.fingerprint


def test_selection_is_right_and_says_that_completeness_is_not_provable(
    viewer: Viewer, selection: Path
) -> None:
    assert viewer.drop(selection.read_bytes()) == "right"
    assert "由导出者选取，完整性无法证明" in viewer.page.locator(".verdict").inner_text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_verdict_is_said_in_the_words_of_verify_py(
    chromium: Browser,
    tmp_path: Path,
    everything: Path,
    selection: Path,
    unsigned: Path,
    language: str,
) -> None:
    """All but the lines with times, of which the page tells no seconds, and the fingerprint."""
    with open_viewer(chromium, tmp_path) as viewer:
        if language == "en":
            viewer.page.get_by_role("button", name="English").click()
        for path in (everything, selection, unsigned):
            viewer.drop(path.read_bytes())
            said = viewer.page.locator(".verdict").inner_text()
            lines = map(str.strip, verdict_text("", verify_bundle(path), language).splitlines())
            kept = [
                line for line in lines if not re.search(r"duban-bundle|UTC\+8|--key|[:：]$", line)
            ]
            assert len(kept) >= 3
            assert [line for line in kept if line not in said] == []


def test_closed_fields_are_shown_or_withheld_with_their_reason(
    chromium: Browser, tmp_path: Path, closed: Path
) -> None:
    with open_viewer(chromium, tmp_path) as viewer:
        assert viewer.drop(closed.read_bytes()) == "right"
        said = viewer.page.locator(".verdict").inner_text()
        fields = verify_bundle(closed).counts.fields
        assert ("个单独封存的栏目不予提供" in said) == (fields > 0)
        assert (f"其中另有 {fields} 个" in said) == (fields > 0)
        case = next(iter(json_lines(read_bundle(closed)["state.jsonl"])))["id"]
        viewer.go(f"/case/{case}")
        viewer.page.locator(".timeline").wait_for()
        told = viewer.page.locator("main").inner_text()
        assert ("不予提供：涉及个人" in told) == (fields > 0)
        assert ("由乌兰负责" in told) == (fields == 0)
        viewer.go("/")
        viewer.page.locator(".verdict").wait_for()
        assert viewer.page.get_by_text("（一个栏目）").count() == fields


def test_forged_fields_are_named_as_python_names_them(
    viewer: Viewer, closed: Path, tmp_path: Path
) -> None:
    forger = Forger.of(closed)
    found = compare(viewer, tmp_path, forger.forgeries_of_fields())
    assert found >= {"payload_field_missing", "payload_field_unexpected", "state_differs"}


def test_bundle_without_a_log_is_never_more_than_unsigned(viewer: Viewer, unsigned: Path) -> None:
    assert viewer.drop(unsigned.read_bytes()) == "unsigned"
    said = viewer.page.locator(".verdict").inner_text()
    assert "通过，未签名" in said
    assert "能写这个文件的人也能重新编造一份" in said


def test_what_the_exporter_forges_is_named_as_python_names_it(
    viewer: Viewer, everything: Path, tmp_path: Path
) -> None:
    forger = Forger.of(everything)
    assert len(compare(viewer, tmp_path, forger.forgeries())) >= 20


def test_forged_logs_and_signatures_are_named_as_python_names_them(
    viewer: Viewer, selection: Path, tmp_path: Path
) -> None:
    forger = Forger.of(selection)
    assert len(compare(viewer, tmp_path, forger.forgeries_of_the_log())) >= 15


def test_forgeries_of_the_old_format_are_named_as_python_names_them(
    viewer: Viewer, unsigned: Path, tmp_path: Path
) -> None:
    forger = Forger.of(unsigned, relist_unsigned)
    assert len(compare(viewer, tmp_path, forger.forgeries())) >= 20


def test_random_bytes_are_named_as_python_names_them(
    viewer: Viewer, selection: Path, tmp_path: Path
) -> None:
    rng = random.Random(20261130)
    original = Forger.of(selection).bundle
    places = [(rng.randrange(len(original)), 1 << rng.randrange(8)) for _ in range(100)]
    compare(
        viewer,
        tmp_path,
        (
            (f"{bit} at {at}", original[:at] + bytes((original[at] ^ bit,)) + original[at + 1 :])
            for at, bit in places
        ),
    )


def test_what_is_wrong_is_told_with_its_step_and_code(viewer: Viewer, everything: Path) -> None:
    forged = everything.read_bytes().replace(b'"rung":2', b'"rung":3', 1)
    assert viewer.drop(forged) == "wrong"
    said = viewer.page.locator(".verdict").inner_text()
    assert "未通过" in said
    assert "文件与清单" in said
    assert "文件 records.jsonl 与清单不符" in said
    assert viewer.code() == "file_differs"
    assert viewer.page.locator("#badge").inner_text().endswith("未通过")
    viewer.drop(b"no zip")
    assert viewer.code() == "zip_form_broken"
