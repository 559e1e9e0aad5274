"""Packs: loaded whole or refused with reasons, known by their hash."""

import hashlib
import json
from pathlib import Path

import pytest
import rfc8785

from tests.support.diagrams import diagram, pack_files
from workflows.engine import PackInvalid, load_pack
from workflows.engine.loading import build_pack, read_files

TOP = """
start s form=intake -> a
user a rung=3 form=plan signatures=2 line=discipline -> c
call c process=inner -> e
end e
"""
INNER = """
start s -> part
sub part rung=4 -> b
    start s2 -> x
    user x -> e2
    end e2
catch b message=asked form=ask -> e
end e
"""


def test_hash_is_of_the_canonical_json_of_the_hashes_of_all_files(tmp_path: Path) -> None:
    files = pack_files(top=TOP, inner=INNER) | {"scenarios/甲.toml": b"x = 1\n"}
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    expected = hashlib.sha256(rfc8785.dumps(hashes)).hexdigest()
    assert build_pack(files).hash == expected
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / ".DS_Store").write_bytes(b"litter")
    assert build_pack(read_files(tmp_path)).hash == expected
    assert build_pack(files | {"pack.toml": files["pack.toml"] + b"\n"}).hash != expected


def test_activity_tells_who_where_and_how() -> None:
    lanes = (
        '<laneSet id="ls"><lane id="l1" name="承办"><extensionElements>'
        '<duban:lane roles="R03 R01" office="banner_organisation"/></extensionElements>'
        "<flowNodeRef>a</flowNodeRef></lane></laneSet>"
    )
    files = pack_files(top=TOP, inner=INNER)
    files["top.bpmn"] = files["top.bpmn"].replace(b"<startEvent", lanes.encode() + b"<startEvent")
    pack = build_pack(files)
    definition = pack.processes["top"]
    activity = definition.activity("a")
    assert (activity.roles, activity.office_rule) == (("R03", "R01"), "banner_organisation")
    assert (activity.rung, activity.form, activity.signatures) == (3, "plan", 2)
    assert (activity.line, activity.process_id, activity.file) == ("discipline", "top", "top.bpmn")
    assert definition.start_form == "intake"
    inner = definition.activity("c/part/x")
    assert (inner.rung, inner.signatures, inner.line, inner.roles) == (4, 1, "organisation", ())
    assert (inner.process_id, inner.file) == ("inner", "inner.bpmn")
    message = definition.message("c/b")
    assert (message.message, message.form, message.rung) == ("asked", "ask", 2)


def test_lane_of_a_subprocess_holds_for_what_is_inside() -> None:
    lanes = (
        '<laneSet id="ls"><lane id="l1" name="承办"><extensionElements>'
        '<duban:lane roles="R12" office="subject"/></extensionElements>'
        "<flowNodeRef>part</flowNodeRef></lane></laneSet>"
    )
    files = pack_files(top=INNER)
    files["top.bpmn"] = files["top.bpmn"].replace(
        b'<startEvent id="s"', lanes.encode() + b'<startEvent id="s"'
    )
    assert build_pack(files).processes["top"].activity("part/x").roles == ("R12",)


def test_names_fall_back_from_english_to_chinese_to_the_id() -> None:
    form = {
        "type": "default",
        "id": "plan",
        "schemaVersion": 18,
        "components": [{"type": "textfield", "key": "remark", "label": "备注"}],
    }
    files = pack_files(top=TOP, inner=INNER)
    files["top.bpmn"] = files["top.bpmn"].replace(
        b'<userTask id="a"', '<userTask id="a" name="方案"'.encode()
    )
    files["forms/plan.json"] = json.dumps(form).encode()
    files["en.toml"] = (
        b'[activity]\na = "Plan"\n[choice]\n"kind.A" = "First"\n[choice.unit]\nX = "x"\n'
        b'[form.plan]\nremark = "Remark"\n[fact]\nok = "Fine"\n'
    )
    pack = build_pack(files)
    assert (pack.name("activity", "a"), pack.name("activity", "a", "en")) == ("方案", "Plan")
    assert pack.name("choice", "kind.A", "en") == "First"
    assert pack.name("choice", "kind.B", "en") == "乙"
    assert pack.name("choice", "unit.X", "en") == "x"
    assert pack.name("form.plan", "remark") == "备注"
    assert pack.name("form.plan", "remark", "en") == "Remark"
    assert (pack.name("fact", "ok", "en"), pack.name("fact", "n", "en")) == ("Fine", "次数")
    assert pack.name("parameter", "R_A") == "甲期限"
    assert pack.name("activity", "c", "en") == "c"
    assert (pack.title(), pack.title("en"), pack.entry) == ("测试包", "Test pack", "top")


def test_two_processes_may_use_the_same_ids() -> None:
    text = """
    start s -> part
    sub part -> e
        start s2 -> x
        user x -> e2
        end e2
    end e
    """
    pack = build_pack(pack_files(top=text, other=text))
    assert sorted(pack.specs) == ["other", "other/part", "top", "top/part"]


def test_long_process_is_parsed_without_going_deep() -> None:
    tasks = [f"user t{number} -> t{number + 1}" for number in range(800)]
    pack = build_pack(
        pack_files(top="\n".join(["start s -> t0", *tasks, "user t800 -> e", "end e"]))
    )
    assert len(pack.processes["top"].process.elements) == 803


def test_ids_may_be_any_xml_name() -> None:
    pack = build_pack(
        pack_files(
            top="""
            start Start -> End
            user End -> Root
            end Root
            """
        )
    )
    assert pack.processes["top"].activity("End").id == "End"


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"top.bpmn": b""},
        {"top.bpmn": b"<definitions"},
        {"top.bpmn": b'<!DOCTYPE x [<!ENTITY a "b">]><definitions/>'},
        {"top.bpmn": diagram("top", "start s -> a\nuser a -> nowhere")},
        {"top.bpmn": diagram("top", "user a -> e\nend e")},
        {"top.bpmn": diagram("top", "start s -> a\nuser a -> b | e\nuser b -> e\nend e")},
        {"top.bpmn": diagram("top", "start s -> e\nend e").replace(b"endEvent", b"scriptTask")},
        {"top.bpmn": diagram("top", "start s -> c\ncall c process=missing -> e\nend e")},
        {"top.bpmn": diagram("top", "start s -> e\nend e"), "pack.toml": b"= nothing"},
    ],
)
def test_pack_that_is_not_whole_is_refused_with_findings(files: dict[str, bytes]) -> None:
    with pytest.raises(PackInvalid) as refused:
        load_pack(files)
    assert refused.value.findings
    assert all(finding.message("zh") and finding.remedy("en") for finding in refused.value.findings)


def test_pack_that_only_the_linter_refuses_is_not_loaded() -> None:
    files = pack_files(top="start s -> a\nuser a -> e\nend e")
    assert build_pack(files).processes["top"].activity("a").name == "a"
    with pytest.raises(PackInvalid, match="faults; the first: "):
        load_pack(files)
