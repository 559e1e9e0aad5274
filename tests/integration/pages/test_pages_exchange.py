"""Tables in and out on the pages: what was taken out and comes back changes nothing."""

import io
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite, Page
from tests.support.made_up import write_xlsx
from workflows.services.imports.applied import KEPT_DAYS, forget_drafts
from workflows.services.imports.spreadsheet import read_workbook
from workflows.services.imports.tables import text_of
from workflows.store.tables import Account, ImportDraft, JournalRecord, Organisation, Person, Tenure

UNITS, PEOPLE, MATTERS = "/exchange/units", "/exchange/people", "/exchange/matters"
NOTHING = "没有可以导入的行"


@pytest.fixture(scope="module")
def house(built_site: CaseSite) -> CaseSite:
    """The made-up world with one matter, and an organisation whose name is a formula."""
    register(built_site)
    with built_site.session() as session:
        branch = session.scalars(
            select(Organisation).where(Organisation.kind == "unit", Organisation.level == 5)
        ).first()
        assert branch is not None
        branch.name = "=HYPERLINK(1)"
    return built_site


def uploaded(site: CaseSite, username: str, address: str, name: str, content: bytes) -> Page:
    form = site.officer(username).open(address).form(address)
    return form.fill(file=(io.BytesIO(content), name)).send()


def taken_out(site: CaseSite, address: str, format_: str) -> bytes:
    form = site.officer("xitong").open(address).form(f"{address}/export")
    return received(form.send(format=format_).answer)


def received(answer: TestResponse) -> bytes:
    """Take the whole of a download."""
    assert answer.status_code == 200
    with closing(answer):
        return answer.data


def counts(page: Page) -> dict[str, int]:
    assert page.status == 200, page.text
    names, values = (page.root.xpath(f"//dl[@class='facts']//{tag}") for tag in ("dt", "dd"))
    return {a.text_content(): int(b.text_content()) for a, b in zip(names, values, strict=True)}


def unchanged(page: Page) -> bool:
    told = counts(page)
    return told.pop("没有变化") > 0 and not any(told.values()) and NOTHING in page.text


def cells(tmp_path: Path, content: bytes) -> list[list[list[str]]]:
    (tmp_path / "got.xlsx").write_bytes(content)
    sheets = read_workbook(tmp_path / "got.xlsx")
    return [[[text_of(cell) for cell in row] for row in sheet.rows] for sheet in sheets]


@pytest.mark.parametrize("format_", ["xlsx", "csv"])
@pytest.mark.parametrize("address", [UNITS, PEOPLE])
def test_what_was_taken_out_comes_back_without_a_change(
    house: CaseSite, address: str, format_: str
) -> None:
    content = taken_out(house, address, format_)
    if format_ == "csv" and address == UNITS:
        assert "'=HYPERLINK(1)" in content.decode("gb18030")
    if format_ == "csv" and address == PEOPLE:
        below = content.decode("gb18030").partition("\r\n责任清单\r\n")[2].splitlines()
        assert below[0] == "职责,职务,组织,组织代码,依据"
        assert len(below) > 1
    assert unchanged(uploaded(house, "xitong", address, f"表.{format_}", content))
    with house.session() as session:
        statement = select(JournalRecord).where(JournalRecord.body.contains("table_exported"))
        assert session.scalars(statement).first() is not None


def test_units_are_added_and_renamed_and_the_rest_comes_back(
    house: CaseSite, tmp_path: Path
) -> None:
    rows: list[list[Any]] = cells(tmp_path, taken_out(house, UNITS, "xlsx"))[0]
    gacha = next(row for row in rows if row[3] == "5" and not row[1].startswith("="))
    changed = [
        ["单位名录"],
        rows[0],
        [gacha[0], f"{gacha[1]}新", *gacha[2:]],
        ["NEW1", "+新嘎查", gacha[2], 5.0],
        ["NEW2", "没有上级", "无", "5"],
        ["NEW3", "上级没有导入", "NEW2", "5"],
        [rows[1][0], rows[1][1], "NEW1", "5"],
    ]
    content = write_xlsx(tmp_path / "units.xlsx", changed).read_bytes()
    page = uploaded(house, "xitong", UNITS, "units.xlsx", content)
    assert counts(page) == {"新增": 1, "变更": 1, "没有变化": 0, "有问题，不导入": 3}
    address = page.answer.request.path
    back = received(page.officer.client.get(f"{address}/left-out.xlsx"))
    (left_out,) = cells(tmp_path, back)
    assert [row[0] for row in left_out] == ["单位代码", "NEW2", "NEW3", rows[1][0]]
    assert left_out[0][-1] == "未导入原因"
    assert "上级代码 无 不存在" in left_out[1][-1]
    again = uploaded(house, "xitong", UNITS, "again.xlsx", back)
    assert counts(again)["有问题，不导入"] == 3
    done = page.form(address).send()
    assert "新增 1 行，变更 1 行，未导入 3 行" in done.text
    with house.session() as session:
        named = select(Organisation.name).where(Organisation.code.in_(("NEW1", gacha[0])))
        assert set(session.scalars(named)) == {"+新嘎查", f"{gacha[1]}新"}
    twice = page.form(address).send()
    assert (twice.status, "没有导入的行" in twice.text) == (422, True)
    # What came of it is there again, for whoever brings in such tables, with the rows left out.
    listed = page.officer.open(UNITS)
    assert listed.root.xpath(f"//section[@aria-labelledby='applied']//a[@href='{address}']")
    told = page.officer.open(address)
    assert "units.xlsx" in told.text
    assert "上级代码 无 不存在" in told.text
    kept = received(page.officer.client.get(f"{address}/left-out.xlsx"))
    assert cells(tmp_path, kept) == [left_out]
    with house.session() as session:
        draft = session.get_one(ImportDraft, address.rpartition("/")[2])
        assert draft.sheets == [], "the rows that were applied are not kept"
        assert draft.applied_at is not None
        last = draft.applied_at + timedelta(days=KEPT_DAYS)
        forget_drafts(session, last)
    assert page.officer.client.get(address).status_code == 200
    with house.session() as session:
        forget_drafts(session, last + timedelta(seconds=1))
    assert page.officer.client.get(address).status_code == 404


def test_posts_are_added_row_by_row(house: CaseSite, tmp_path: Path) -> None:
    sheets = cells(tmp_path, taken_out(house, PEOPLE, "xlsx"))
    known = sheets[0][1]
    new = ["样例新", "N-1", "组织委员", *known[3:5], "2026-01-05", "", known[7], "任字1号"]
    rows = [sheets[0][0], new, [*new[:5], "2099-01-01", *new[6:]], [*known[:8], "另一文号"]]
    content = write_xlsx(tmp_path / "p.xlsx", rows, sheets[1][:1]).read_bytes()
    page = uploaded(house, "xitong", PEOPLE, "p.xlsx", content)
    assert counts(page) == {"新增": 1, "变更": 0, "没有变化": 0, "有问题，不导入": 2}
    assert "任职文号" in page.text
    page.form(page.answer.request.path).send()
    with house.session() as session:
        person = session.scalars(select(Person).where(Person.staff_code == "N-1")).one()
        tenure = session.scalars(select(Tenure).where(Tenure.person_id == person.id)).one()
        assert (tenure.from_on, tenure.document) == (date(2026, 1, 5), "任字1号")


def test_matters_come_in_by_a_template_and_a_ledger_changes_nothing(
    house: CaseSite, tmp_path: Path
) -> None:
    clerk = house.officer("dengji")
    head = cells(tmp_path, received(clerk.client.get(f"{MATTERS}/template.xlsx")))[0][0]
    given = {"嘎查村/党组织": house.branch(), "问题类型": "101", "来源": "随机抽查"}
    with house.session() as session:
        given["嘎查村/党组织"] = session.get_one(Organisation, house.branch()).code
    given |= {"问题表述": "=1+1 未召开党员大会", "发现时间": "2026年3月2日"}
    rows = [head, [given.get(name, "") for name in head], ["", "", "没有的嘎查"]]
    content = write_xlsx(tmp_path / "m.xlsx", rows, [["另一张"]]).read_bytes()
    page = uploaded(house, "dengji", MATTERS, "m.xlsx", content)
    assert "没有读的工作表：表2。" in page.text
    assert counts(page) == {"新增": 1, "变更": 0, "没有变化": 0, "有问题，不导入": 1}
    assert "新增 1 行" in page.form(page.answer.request.path).send().text
    assert uploaded(house, "dengji", MATTERS, "m.xlsx", content).status == 422
    handler = house.officer("chengban")
    for format_ in ("xlsx", "csv"):
        taken = handler.open(MATTERS).form("/ledgers/").fill(format=format_).send().answer
        ledger = received(taken)
        assert format_ == "xlsx" or "2026年3月2日" in ledger.decode("gb18030")
        assert unchanged(uploaded(house, "chengban", MATTERS, f"台账.{format_}", ledger))


def test_tables_are_for_those_whose_they_are(house: CaseSite, tmp_path: Path) -> None:
    for username, address in (("dengji", UNITS), ("xitong", MATTERS), ("anquan", PEOPLE)):
        assert house.officer(username).open(address).status == 403
    assert house.officer("xitong").open("/exchange/none").status == 404
    content = write_xlsx(tmp_path / "x.xlsx", [["甲", "乙"]]).read_bytes()
    for name, what in (("x.xlsx", content), ("x.xlsx", b"PK\x03\x04 no"), ("x.exe", b"\xff\x00")):
        refused = uploaded(house, "xitong", UNITS, name, what)
        assert refused.status == 422, (name, refused.text)
        assert what == content or f"“{name}”没有读入：" in refused.text
    limits = refused.root.xpath("string(//*[@id=//input[@type='file']/@aria-describedby])")
    assert ("20 MB" in limits, "100,000 行" in limits) == (True, True)
    page = uploaded(house, "xitong", UNITS, "u.csv", taken_out(house, UNITS, "csv"))
    address = page.answer.request.path
    with house.session() as session:
        clerk = session.scalars(select(Account.id).where(Account.username == "dengji")).one()
        session.get_one(ImportDraft, address.rpartition("/")[2]).account_id = clerk
    for way in (address, f"{address}/left-out.xlsx", address.replace("units", "people")):
        assert page.officer.client.get(way).status_code == 404
