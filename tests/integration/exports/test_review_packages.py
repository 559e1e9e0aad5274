"""A review package opened as its reader opens it, each line looked up in the bundle beside it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.exports.test_exports_interrupted import let_time_pass, make_and_die
from tests.integration.test_late_entries import JUNE_22, REPORT, Branch, rectifying, review_reached
from tests.support.casework import World
from tests.support.exports import EVERYTHING, ExportDesk, verified
from tests.support.packages import Opened, opened
from webapp.review_package.writing import write_package
from workflows.audit.shipping import viewer_page
from workflows.domain.bundle_scopes import BundleScope, PeriodInvalid, ScopeKind
from workflows.domain.sampling import Draw, pool_hash, ranked
from workflows.jobs.exporting import bundle_path, run_exports, run_one
from workflows.services.access import SYSTEM
from workflows.services.exports.asking import ask_again
from workflows.services.exports.packages import PackageWish
from workflows.services.steps.pausing import pause
from workflows.store.tables import BundleJob, Case

INTERNAL = frozenset({"L1"})


@pytest.fixture
def branch(world: World) -> Branch:
    """A branch under rectification: a late entry took the first letter back, the report waits."""
    branch = rectifying(world)
    branch.sweep("2026-06-25")
    branch.day("2026-06-26")
    branch.confirm(branch.enter("report", JUNE_22, **REPORT))
    return branch


@pytest.fixture(scope="module")
def packages() -> dict[str, tuple[Opened, str]]:
    """What `package` and `number` give, by kind of database; nobody changes it."""
    return {}


@pytest.fixture
def of_everything(
    database_kind: str, packages: dict[str, tuple[Opened, str]], request: pytest.FixtureRequest
) -> tuple[Opened, str]:
    if database_kind not in packages:
        branch: Branch = request.getfixturevalue("branch")
        desk: ExportDesk = request.getfixturevalue("desk")
        made = opened(desk.package(draw=Draw("骰子 4 1 6", 1)))
        packages[database_kind] = made, number_of(branch)
    return packages[database_kind]


@pytest.fixture
def package(of_everything: tuple[Opened, str]) -> Opened:
    """A package of everything, for tests that read it."""
    return of_everything[0]


@pytest.fixture
def number(of_everything: tuple[Opened, str]) -> str:
    """The number of the case in it."""
    return of_everything[1]


def organisation_of(branch: Branch, **days: str) -> BundleScope:
    """Give the scope of the branch's organisation, in a period if days are given."""
    with branch.world.transaction() as session:
        case = session.get_one(Case, branch.case_id)
        return BundleScope.from_json(
            {"type": "organisation", "organisation": case.subject_organisation_id, **days}
        )


def number_of(branch: Branch) -> str:
    """Give the number of its case."""
    with branch.world.transaction() as session:
        return str(session.get_one(Case, branch.case_id).number)


def test_a_package_holds_the_bundle_and_a_paper_for_every_purpose(
    package: Opened, number: str
) -> None:
    assert verified(package.bundle).manifest["recipient"] == "盟委巡察办"
    assert package.files["viewer.html"] == viewer_page()
    expected = {"先读我.txt", "情况说明.docx", "台账.xlsx", "例外清单.xlsx", "抽样.xlsx"}
    assert expected < set(package.files)
    paper = package.files[f"卷宗/{number}.pdf"]
    assert paper.startswith(b"%PDF-")
    readme = package.files["先读我.txt"]
    assert readme.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in readme
    assert "不能证明" in readme.decode()


def test_every_line_leads_to_its_record_in_the_bundle(package: Opened) -> None:
    places = package.places()
    lines = [*package.ledger(), *package.deviations(), *package.sheet("抽样", "抽样")]
    assert len(lines) > 3
    for line in lines:
        assert places[line["案件编号"], int(line["记录序号"])] == line["叶号"]


def test_a_late_entry_stands_with_its_days_and_what_it_took_back(package: Opened) -> None:
    (late,) = package.deviations("补录")
    assert (late["日期"], late["天数"]) == (JUNE_22, 4)
    assert "整改报告" in late["情况"]
    (withdrawn,) = package.deviations("误触发升级已撤")
    assert withdrawn["天数"] == 1
    assert withdrawn["理由"] == "收文登记 17"
    assert package.deviations("补录待确认") == []
    (paused,) = package.deviations("按规则暂停")
    assert "按规则处理" in paused["理由"]
    assert "尚未恢复" in paused["情况"]
    assert paused["记录序号"] == late["记录序号"]


def test_the_counts_are_those_of_the_lines(package: Opened) -> None:
    counted = {line["类别"]: line["条数"] for line in package.sheet("例外清单", "汇总")}
    for kind in ("补录", "误触发升级已撤", "按规则暂停", "延期", "更正"):
        assert counted[kind] == len(package.deviations(kind))
    assert "共 1 件" in package.statement()


def test_an_undone_entry_that_waits_is_listed_as_waiting(world: World, desk: ExportDesk) -> None:
    branch = rectifying(world)
    branch.sweep("2026-06-25")
    branch.day("2026-06-26")
    branch.enter("report", JUNE_22, **REPORT)
    package = opened(desk.package())
    assert len(package.deviations("补录待确认")) == 1
    assert package.deviations("补录") == []
    assert package.deviations("误触发升级已撤") == []


def test_a_review_that_the_supervisor_lets_lie_is_listed(world: World, desk: ExportDesk) -> None:
    branch = rectifying(world)
    review_reached(branch)
    branch.day("2026-08-20")
    (found,) = [
        line
        for line in opened(desk.package()).deviations("督办、研判逾期")
        if "至今未办" in line["情况"]
    ]
    assert "研判" in found["情况"]
    assert found["天数"] > 0


def test_a_pause_tells_its_reason(branch: Branch, desk: ExportDesk, world: World) -> None:
    other = world.open_rectification()
    with world.transaction() as session:
        stage = world.cast.stage(session, other, world.now)
        leader = stage.actor("分管领导", ("R05",))
        clock = next(row for row in stage.case.clocks.values() if row.state == "running")
        place = f"{clock.path}#{clock.n}"
        pause(session, leader, world.now, other, place, reason="=洪水", approver="部长")
    (line,) = opened(desk.package()).deviations("人工暂停、暂缓")
    assert line["理由"] == "'=洪水"


def test_nothing_in_a_workbook_is_a_formula(package: Opened) -> None:
    import zipfile
    from io import BytesIO

    for name, content in package.files.items():
        if name.endswith(".xlsx"):
            with zipfile.ZipFile(BytesIO(content)) as book:
                sheets = [each for each in book.namelist() if "worksheets/sheet" in each]
                assert sheets
                assert not any(b"<f>" in book.read(each) for each in sheets)


def test_the_draw_is_that_of_the_seed(package: Opened, number: str) -> None:
    lines = package.sheet("抽样", "抽样")
    (lot,) = ranked([number], "骰子 4 1 6")
    assert [(line["名次"], line["抽中"], line["案件编号"]) for line in lines] == [
        (1, "抽中", lot.name)
    ]
    digest = hashlib.sha256("骰子 4 1 6".encode() + b"\0" + lot.name.encode()).hexdigest()
    assert lines[0]["SHA-256(种子 ‖ 00 ‖ 案件编号)"] == digest
    said = {line["项目"]: line["内容"] for line in package.sheet("抽样", "说明")}
    assert pool_hash([lot.name]) in said["名单"]


def test_the_same_record_gives_the_same_package_whatever_happened_since(
    branch: Branch, desk: ExportDesk
) -> None:
    job_id = desk.ask(package=PackageWish())
    first = desk.make(job_id).read_bytes()
    branch.world.now += timedelta(days=30)
    branch.world.open_matter(problem_type="P301")
    branch.day("2026-07-06")
    branch.world.sweep()
    with desk.transaction() as session:
        session.get_one(BundleJob, job_id).state = "expired"
        ask_again(session, SYSTEM["init"], job_id)
    assert desk.make(job_id).read_bytes() == first


def test_a_package_whose_maker_is_killed_is_taken_up_and_is_the_same(
    branch: Branch, desk: ExportDesk, engine: Engine
) -> None:
    job_id = desk.ask(package=PackageWish(Draw("1", 1)))
    make_and_die(engine.url.render_as_string(hide_password=False), desk.instance, share=5 / 6)
    assert desk.job(job_id).state == "running"
    assert list(desk.folder.glob(".work-*/package/*")), "it had begun with the papers"
    branch.world.open_matter(problem_type="P301")
    let_time_pass(desk, job_id)
    made = run_exports(desk.sessions, desk.folder, write_package=write_package)
    assert made == {"made": 1}
    path = bundle_path(desk.folder, job_id)
    first = path.read_bytes()
    assert len(opened(path).ledger()) == 1
    assert len(desk.house_records("exported")) == 1
    path.with_suffix(".bundle.zip").unlink()
    with desk.transaction() as session:
        session.get_one(BundleJob, job_id).state = "expired"
        ask_again(session, SYSTEM["init"], job_id)
    assert desk.make(job_id).read_bytes() == first


def test_an_organisation_in_a_period_has_the_cases_of_those_days(
    branch: Branch, desk: ExportDesk
) -> None:
    scope = organisation_of(branch, **{"from": "2026-06-01", "to": "2026-06-30"})
    package = opened(desk.package(scope, INTERNAL))
    verdict = verified(package.bundle)
    assert verdict.manifest["scope"] == {
        "type": "organisation",
        "organisation": scope.id,
    }
    assert len(package.ledger()) == 1
    assert "期间 2026年6月1日 至 2026年6月30日" in package.statement()
    assert (
        "此类未列"
        in {line["类别"]: line["说明"] for line in package.sheet("例外清单", "汇总")}[
            "非工作时间查阅"
        ]
    )


def test_a_period_without_any_case_comes_to_nothing(branch: Branch, desk: ExportDesk) -> None:
    scope = organisation_of(branch, **{"from": "2020-01-01", "to": "2020-12-31"})
    job_id = desk.ask(scope, INTERNAL, package=PackageWish())
    outcome = run_one(desk.sessions, desk.folder, job_id, write_package=write_package)
    assert outcome == "failed"
    assert desk.job(job_id).failure["code"] == "nothing_to_export"


def test_a_period_that_ends_before_it_begins_is_refused(branch: Branch) -> None:
    with pytest.raises(PeriodInvalid):
        organisation_of(branch, **{"from": "2026-06-30", "to": "2026-06-01"})


def test_a_process_that_cannot_make_papers_says_so(branch: Branch, desk: ExportDesk) -> None:
    job_id = desk.ask(package=PackageWish())
    assert run_one(desk.sessions, desk.folder, job_id) == "failed"
    assert desk.job(job_id).failure["code"] == "package_impossible"


def test_a_package_without_content_shows_none_and_tells_how_much_is_withheld(
    branch: Branch, desk: ExportDesk
) -> None:
    package = opened(desk.package(EVERYTHING, frozenset()))
    (line,) = package.ledger()
    assert line["案件编号"] == branch.case_id
    assert line["问题表述"] == "（留存不出）"
    (withheld,) = package.deviations("内容留存不出")
    assert withheld["情况"].startswith(f"{int(line['记录序号'])} 条记录")
    said = f"{package.ledger()}{package.deviations()}{package.statement()}"
    for text in ("召开专题组织生活会", "班子不团结", "收文登记 17"):
        assert text not in said


def test_a_made_up_period_of_everything_is_a_package_too(branch: Branch, desk: ExportDesk) -> None:
    scope = BundleScope.from_json({"type": "period", "from": "2026-06-01", "to": "2026-06-30"})
    assert scope.kind is ScopeKind.PERIOD
    package = opened(desk.package(scope))
    assert len(package.ledger()) == 1
    assert "是否齐全" in package.statement()


def test_work_files_are_gone_and_the_package_is_the_owners_alone(
    branch: Branch, desk: ExportDesk
) -> None:
    path: Path = desk.package()
    assert list(desk.folder.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o600
