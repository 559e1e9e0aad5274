"""What differs between two versions is said whole, in both languages, and nothing else is."""

from collections.abc import Mapping

import pytest

from tests.support.packs import changed_files, replaced, shipped_files, shipped_pack
from workflows.engine import build_pack
from workflows.engine.difference import Change, ChangeKind, Part, compare_packs


def _changes(files: Mapping[str, bytes]) -> tuple[Change, ...]:
    return compare_packs(shipped_pack(), build_pack(files)).changes


def _said(path: str, old: str, new: str) -> list[tuple[str, str]]:
    return [each.said for each in _changes(replaced(shipped_files(), path, old, new))]


def test_a_version_differs_in_nothing_from_itself() -> None:
    assert _changes(shipped_files()) == ()


def test_a_shorter_term_is_said_as_officers_say_it() -> None:
    (label, term) = _changes(changed_files("2", R_PLANCHK=3))
    assert label.said == ("规则包的版本号由1改为2", "Pack: version changed from 1 to 2")
    assert term.said == (
        "方案审核期限由5个工作日改为3个工作日",
        "“Review of the plan”: term changed from 5 working days to 3 working days",
    )
    assert (term.kind, term.part, term.place) == (ChangeKind.CHANGED, Part.PARAMETER, "R_PLANCHK")


@pytest.mark.parametrize(
    "path,old,new,zh,en",
    [
        (
            "parameters.toml",
            "B = { value = 60",
            "B = { value = 1",
            "整改期限（B类 一般整改）由60天改为1天",
            "“Rectification term” (B, ordinary): term changed from 60 days to 1 day",
        ),
        (
            "parameters.toml",
            "工作规则》（2020）",
            "工作规则》（2026）",
            "参数“实名检举告知”的依据由“《纪检监察机关处理检举控告工作规则》（2020）”改为"
            "“《纪检监察机关处理检举控告工作规则》（2026）”",
            "",
        ),
        (
            "deciding.bpmn",
            'duban:form="decision" duban:signatures="2"',
            'duban:form="decision" duban:signatures="1"',
            "环节“集体研究决定”的签名人数由2人改为1人",
            "Task “Collective decision”: signatures changed from 2 to 1",
        ),
        (
            "accountability.bpmn",
            "start_approval == 'refused'",
            "start_approval == 'refused' or start_approval is null",
            "从“批准启动？”到“不予启动”的走向的条件由启动审批意见为“不同意”改为启动审批意见为“不同意”或启动审批意见未填",
            "Way from “Start approved?” to “Not started”: condition changed from Approval to start "
            "is “Refused” to Approval to start is “Refused” or Approval to start is not given",
        ),
        (
            "criticism.bpmn",
            'roles="R08" office="parent_committee"',
            'roles="R08 R05" office="banner_committee"',
            "泳道“谈话人”的办理单位由上级党委改为旗委",
            "Lane “Talker”: office changed from the parent committee to the banner's committee",
        ),
        (
            "criticism.bpmn",
            ">R_TALK<",
            ">R_CHECK<",
            "时限“谈话期限”的期限由批评教育谈话改为书面检查",
            "Deadline “Talk due”: term changed from Talk of criticism to Written check",
        ),
        (
            "criticism.bpmn",
            'attachedToRef="talk" cancelActivity="false"',
            'attachedToRef="talk" cancelActivity="true"',
            "时限“谈话期限”的到时中止所附环节由否改为是",
            "Deadline “Talk due”: interrupts changed from no to yes",
        ),
        (
            "rectification_class.dmn",
            '<text>"C"</text>',
            '<text>"D"</text>',
            "决策表“整改类别”第4行由（软弱涣散是否已集体认定：“未认定”，问题程度：“较重” → "
            "整改类别：“C类 重点整改”）改为（软弱涣散是否已集体认定：“未认定”，问题程度：“较重” → "
            "整改类别：“D类 软弱涣散整顿”）",
            "Row 4 of decision table “整改类别” changed from (Determined as weak and lax: “Not "
            "determined”, Weight: “Serious” → Class of rectification: “C, key”) to (Determined as "
            "weak and lax: “Not determined”, Weight: “Serious” → Class of rectification: “D, weak "
            "and lax”)",
        ),
        (
            "forms/plan.json",
            '"required": true',
            '"required": false',
            "“报送整改方案、修改方案”的表单中栏目“整改措施、责任人和时限”的必填由是改为否",
            "Field “Measures, who and by when” of the form of “Submit the plan, Revise the plan”: "
            "required changed from yes to no",
        ),
        (
            "guardrails.toml",
            'activities = ["letter1"]',
            'activities = ["letter2"]',
            "护栏“未送达整改通知书，不得督办”所管的环节或条件有改动",
            "",
        ),
        (
            "guardrails.toml",
            "未送达整改通知书，不得督办",
            "未送达整改通知书，不得发督办单",
            "护栏“未送达整改通知书，不得发督办单”的内容由“未送达整改通知书，不得督办”改为"
            "“未送达整改通知书，不得发督办单”",
            "",
        ),
        (
            "pack.toml",
            'entry = "ladder"',
            'entry = "criticism"',
            "规则包的入口流程由督办阶梯改为批评教育",
            "Pack: entry changed from The ladder to Criticism and education",
        ),
        (
            "parameters.toml",
            "# The numbers",
            "# Numbers",
            "文件“parameters.toml”只改了注释或写法",
            "",
        ),
        (
            "criticism.bpmn",
            '<dc:Bounds x="',
            '<dc:Bounds x="1',
            "流程图“批评教育”只改了版面或写法",
            "",
        ),
        ("scenarios/c01.toml", "\n\n", "\n\n\n", "情景“c01”有改动", "Scenario “c01” changed"),
        ("en.toml", "# English", "# The English", "英文名称有改动", "The English names changed"),
    ],
)
def test_each_kind_of_change_is_said(path: str, old: str, new: str, zh: str, en: str) -> None:
    said = dict(_said(path, old, new))
    assert zh in said
    assert said[zh] == (en or said[zh])


def test_what_is_new_and_gone_on_a_diagram_is_marked() -> None:
    files = replaced(shipped_files(), "criticism.bpmn", "talk_overdue", "talk_late")
    difference = compare_packs(shipped_pack(), build_pack(files))
    assert difference.marks("criticism") == {
        "talk_late": ChangeKind.ADDED,
        "talk_overdue": ChangeKind.REMOVED,
        "talk_due__talk_late": ChangeKind.ADDED,
        "talk_due__talk_overdue": ChangeKind.REMOVED,
    }
    assert difference.marks("ladder") == {}
    said = {each.text("zh") for each in difference.in_process("criticism")}
    assert "取消终点“逾期提示”" in said
    assert "新增从“谈话期限”到“逾期提示”的走向" in said


def test_a_way_that_an_editor_only_renamed_is_the_same() -> None:
    before = "facts_verified__talk"
    (only,) = _changes(replaced(shipped_files(), "criticism.bpmn", before, "Flow_0x1"))
    assert (only.part, only.file) == (Part.FILE, "criticism.bpmn")


def test_facts_fields_rows_and_parameters_that_come_and_go_are_said() -> None:
    files = shipped_files()
    files["facts.toml"] += (
        '\n[visited_on]\ntype = "date"\nname = "走访日期"\nlevel = "L1"\n'.encode()
    )
    files["parameters.toml"] += (
        '\n[R_VISIT]\nname = "走访"\nvalue = 5\nunit = "days"\nkind = "act"\nbasis = "本单位自定"\n'
    ).encode()
    del files["scenarios/c01.toml"]
    there = {each.text("zh") for each in _changes(files)}
    assert there == {"新增要素“走访日期”", "新增参数“走访”：5天", "取消情景“c01”"}
    back = compare_packs(build_pack(files), shipped_pack()).changes
    assert {each.text("en") for each in back} == {
        "Removed: fact “走访日期”",
        "Removed: parameter “走访”",
        "Added: scenario “c01”",
    }


@pytest.mark.parametrize(
    "path",
    [
        "ladder.bpmn",
        "entry_rung.dmn",
        "forms/plan.json",
        "facts.toml",
        "parameters.toml",
        "en.toml",
    ],
)
def test_no_changed_file_goes_unsaid(path: str) -> None:
    (only,) = _changes({**shipped_files(), path: shipped_files()[path] + b"\n"})
    assert only.file == path


def test_every_change_is_said_in_both_languages_and_as_json() -> None:
    files = changed_files("2", R_ACC=9)
    for path in ("criticism.bpmn", "en.toml"):
        files = replaced(files, path, "talk_overdue", "talk_late")
    difference = compare_packs(shipped_pack(), build_pack(files))
    for each in difference.changes:
        assert all(each.said)
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in each.text("en")), each.said
    shown = difference.to_json()
    assert isinstance(shown["changes"], list)
    assert len(shown["changes"]) == len(difference.changes)
