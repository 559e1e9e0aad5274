"""What the viewer shows of a bundle, opened from a file, in the current Chromium and in 109."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.bundles import pack_zip, read_bundle, relist
from tests.support.told import LADDER, SCAN, ToldCase, scan_folder
from tests.support.viewer import Viewer, open_viewer
from workflows.audit.bundle import write_bundle

FindBarriers = Callable[[Page], list[str]]
MARKUP = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\'"&amp;{name}'
ADDRESSES = ("/", "/cases", "/search", "/search?text=三会一课", "/draw?seed=8461&count=1", "case")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("told")
    told = ToldCase()
    write_bundle(folder / "told.zip", told.contents(attachments=scan_folder(folder)))
    return (folder / "told.zip").read_bytes()


@pytest.fixture(params=["chromium", "old_chromium"])
def viewer(request: pytest.FixtureRequest, tmp_path: Path, bundle: bytes) -> Iterator[Viewer]:
    browser: Browser = request.getfixturevalue(request.param)
    with open_viewer(browser, tmp_path) as opened:
        assert opened.drop(bundle) == "right"
        yield opened


def open_case(viewer: Viewer) -> Page:
    page = viewer.page
    viewer.go("/cases")
    page.locator("table.cases th a").first.click()
    page.locator(".timeline").wait_for()
    return page


def visit(viewer: Viewer, address: str) -> Page:
    if address == "case":
        return open_case(viewer)
    viewer.go(address)
    viewer.page.wait_for_function("() => !document.querySelector('.bar')")
    return viewer.page


def test_overview_tells_who_made_it_for_whom_and_what_is_not_proved(viewer: Viewer) -> None:
    said = viewer.page.locator("main").inner_text()
    for words in ("duban.test/made-up", "巡察组", "全部案件", "不能证明什么", "涉及检举人"):
        assert words in said


def test_timeline_tells_each_record_with_its_differences(viewer: Viewer) -> None:
    page = open_case(viewer)
    said = page.locator(".timeline").inner_text()
    for words in (
        "开立案件，编号 督〔2026〕7号-1",
        "已被第 3 条撤回",
        "已由第 6 条更正",
        "内容暂不提供：涉及检举人",
        "阿古拉（代 其木格）（承办）",
        "巴特尔（纸质件），阿古拉 代录",
        "补录，迟 4 天",
        "原件待补",
        "“批评教育谈话”到期",
        "巡检迟到 2 小时",
        "内容已依规销毁，记录的存在仍可核验",
    ):
        assert words in said, words
    corrected = page.locator("#r6 .changes tbody tr")
    assert corrected.locator("th").inner_text() == "问题类型"
    assert corrected.locator("del").inner_text() == "三会一课不按期"
    assert corrected.locator("ins").inner_text() == "组织生活会、民主评议缺失"


def test_correction_and_what_it_corrects_lead_to_each_other(viewer: Viewer) -> None:
    page = open_case(viewer)
    rows = page.locator("#r1 .changes tbody tr")
    first, new = rows.filter(has_text="问题类型"), "组织生活会、民主评议缺失"
    assert first.locator("del").inner_text() == "三会一课不按期"
    assert first.locator("ins").inner_text() == new
    first.get_by_role("button", name="第 6 条更正").click()
    assert page.locator("#r6").evaluate("each => each === document.activeElement")
    told = page.locator("#r6").inner_text()
    assert "按更正后的内容，以下判断会不同" in told
    assert "2026年3月9日 → 2026年3月10日" in told
    page.locator("#r6").get_by_role("button", name="原记录：第 1 条").click()
    assert page.locator("#r1").evaluate("each => each === document.activeElement")


def test_diagram_shows_where_it_stood_at_each_record(viewer: Viewer) -> None:
    page = open_case(viewer)
    told = page.locator("#step-title")
    standing = page.locator(".diagram .d-current > title")
    page.locator("#r5").get_by_role("button", name="在流程图上查看").click()
    expect(told).to_contain_text("当时停在：批评教育谈话")
    assert standing.all_text_contents() == ["批评教育谈话（当前位置）"]
    assert page.locator(".diagram").evaluate("each => each === document.activeElement")
    page.keyboard.press("ArrowLeft")
    expect(told).to_contain_text("第 4 条，共 9 条")
    assert standing.all_text_contents() == ["核实（当前位置）"]
    page.keyboard.press("ArrowLeft")
    expect(told).to_contain_text("撤回第 2 条")
    assert standing.all_text_contents() == ["受理审查（当前位置）"]
    page.get_by_role("button", name="最近", exact=True).click()
    expect(told).to_contain_text("当时已办结")
    assert standing.count() == 0


def test_called_process_is_opened_from_its_call_by_keyboard(viewer: Viewer) -> None:
    page = open_case(viewer)
    page.locator(".d-door").first.focus()
    page.keyboard.press("Enter")
    pressed = page.locator(".processes [aria-pressed=true]")
    expect(pressed).to_have_text("批评教育")
    assert "批评教育谈话" in page.locator(".diagram").inner_text()


@pytest.mark.parametrize(
    "asked, found",
    [
        ({"文字": "按期召开"}, [1]),
        ({"文字": "组织生活会、民主评议"}, [6]),
        ({"人员或单位": "巴特"}, [5]),
        ({"类别": "到期"}, [7]),
        ({"录入日期从": "2026-03-06", "到": "2026-03-07"}, [5, 6]),
        ({"文字": "没有这样的字"}, []),
    ],
)
def test_search_finds_records(viewer: Viewer, asked: dict[str, str], found: list[int]) -> None:
    page = visit(viewer, "/search")
    for label, value in asked.items():
        field = page.get_by_label(label, exact=label != "文字")
        if label == "类别":
            field.select_option(value)
        else:
            field.first.fill(value)
    page.get_by_role("button", name="检索").click()
    page.locator("#results").get_by_text(re.compile("找到|没有符合")).wait_for()
    rows = page.locator("#results th[scope=row]").all_inner_texts()
    told = [int(re.findall(r"第 (\d+) 条", row)[0]) for row in rows if "督〔2026〕" in row]
    assert told == found


def test_attachment_is_handed_out_as_it_is(viewer: Viewer) -> None:
    page = open_case(viewer)
    with page.expect_download() as download:
        page.get_by_role("button", name="保存附件 移交单.pdf").click()
    assert download.value.suggested_filename == "移交单.pdf"
    assert Path(download.value.path()).read_bytes() == SCAN


def test_page_speaks_english_too(viewer: Viewer) -> None:
    page = open_case(viewer)
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Timeline").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    said = page.locator("main").inner_text()
    assert "undone by record 3" in said
    assert "Organisation-life meeting" in said
    page.get_by_role("button", name="中文").click()
    page.get_by_role("heading", name="经过").wait_for()


def test_nothing_keeps_people_out(viewer: Viewer, find_barriers: FindBarriers) -> None:
    found = {}
    for language in ("English", "中文"):
        for address in ADDRESSES:
            page = visit(viewer, address)
            page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
            assert page.locator("h1").count() == 1
            if barriers := find_barriers(page):
                found[language, address] = barriers
        viewer.page.get_by_role("button", name=language).click()
    assert found == {}


def test_start_page_has_no_barriers(
    chromium: Browser, tmp_path: Path, find_barriers: FindBarriers
) -> None:
    with open_viewer(chromium, tmp_path) as viewer:
        assert find_barriers(viewer.page) == []
        viewer.drop(b"no zip")
        assert find_barriers(viewer.page) == []


def test_no_page_is_wider_than_a_phone(chromium: Browser, tmp_path: Path, bundle: bytes) -> None:
    with open_viewer(chromium, tmp_path, width=390, height=844) as viewer:
        viewer.drop(bundle)
        for address in ADDRESSES:
            page = visit(viewer, address)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_case_prints_on_a4_without_what_is_for_the_screen(viewer: Viewer) -> None:
    page = open_case(viewer)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 673, "height": 1000})  # A4 less its margins
    for hidden in (".masthead", ".stepper", ".proof"):
        assert not page.locator(hidden).first.is_visible(), hidden
    said = page.locator("#frame").inner_text()
    assert "审计包核验：通过" in said
    assert "打印于" in said
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    pages = page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n")
    assert 2 <= pages <= 5


def test_markup_in_a_bundle_stays_text(
    request: pytest.FixtureRequest, tmp_path: Path, chromium: Browser
) -> None:
    quoted = MARKUP.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    files = dict(LADDER)
    diagram = files["ladder.bpmn"].decode()
    files["ladder.bpmn"] = diagram.replace('name="受理审查"', f'name="{quoted}"').encode()
    files["facts.toml"] = files["facts.toml"].replace("三会一课不按期".encode(), b"<b>P101</b>")
    names = dict.fromkeys(("officer", "secretary", "branch", "office", "problem"), MARKUP)
    told = ToldCase(files, scan="../../<svg onload=alert(1)>.html", **names)
    path = tmp_path / "hostile.zip"
    write_bundle(path, told.contents(recipient=MARKUP, attachments=scan_folder(tmp_path)))
    with open_viewer(chromium, tmp_path) as viewer:
        assert viewer.drop(path.read_bytes()) == "right"
        for address in ADDRESSES:
            page = visit(viewer, address)
            assert page.locator("img, iframe, object, embed, link, base").count() == 0
            assert page.locator("script").count() == 1
            assert page.evaluate("window.hacked") is None
        said = page.locator("main").inner_text()
        assert MARKUP in said
        assert "<b>P101</b>" in said
        assert page.locator(f"text=办结“{MARKUP[:20]}").count() > 0
        with page.expect_download() as download:
            page.get_by_role("button", name="保存附件").click()
        assert not re.search(r"[/\\<>]", download.value.suggested_filename)


def test_diagram_that_declares_entities_is_not_drawn(
    chromium: Browser, tmp_path: Path, bundle: bytes
) -> None:
    files = dict(LADDER)
    laughs = b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>\n<bpmn:definitions'
    files["ladder.bpmn"] = files["ladder.bpmn"].replace(b"<bpmn:definitions", laughs, 1)
    path = tmp_path / "laughs.zip"
    write_bundle(path, ToldCase(files).contents(attachments=scan_folder(tmp_path)))
    with open_viewer(chromium, tmp_path) as viewer:
        viewer.drop(path.read_bytes())
        page = open_case(viewer)
        assert "没有这个案件的流程图" in page.locator("main").inner_text()


def test_what_cannot_be_read_is_left_out_and_the_verdict_says_so(
    chromium: Browser, tmp_path: Path, bundle: bytes
) -> None:
    path = tmp_path / "told.zip"
    path.write_bytes(bundle)
    files = read_bundle(path)
    for name in ("records.jsonl", "payloads.jsonl", "state.jsonl", "directory.jsonl"):
        files[name] = b'{"id":"\xff\n[[[\n{}\nnull\n' + files[name]
    with open_viewer(chromium, tmp_path) as viewer:
        assert viewer.drop(pack_zip(relist(files))) == "wrong"
        page = open_case(viewer)
        assert page.locator(".event").count() == 9
        assert page.locator("#badge").inner_text().endswith("未通过")


def test_policy_lets_no_request_out(chromium: Browser, tmp_path: Path) -> None:
    with open_viewer(chromium, tmp_path) as viewer:
        failures: list[str | None] = []
        viewer.page.on("requestfailed", lambda request: failures.append(request.failure))
        refused = viewer.page.evaluate(
            """async (address) => {
              const tried = [() => fetch(address), () => import(address)];
              return Promise.all(tried.map((act) => act().then(() => false, () => true)));
            }""",
            "https://example.invalid/",
        )
        assert refused == [True, True]
        assert set(failures) <= {"csp"}
        assert all("Content Security Policy" in each for each in viewer.complaints)
        viewer.complaints.clear()
        viewer.requests[:] = viewer.requests[:1]
