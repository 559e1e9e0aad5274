"""Documents of a case: what they say, their numbers, and that none tells who complained."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.integration.test_referrals import approve, feed_back, refer, seal
from tests.support.case_papers import papers_of_case, text_of
from tests.support.casework import Player, World, memory_world
from tests.support.filled import SERVED, VERIFIED
from tests.support.persons import FirstChoice, measured, person_case
from webapp.papers.documents import document_paper
from webapp.papers.official import Grid, Heading, OfficialPaper, Paragraph
from webapp.speaking import speaking
from workflows.domain.clocks import local_date
from workflows.domain.roles import Actor
from workflows.engine.documents import Addressee, Layout
from workflows.engine.facts import FactType
from workflows.queries.case.page import case_page
from workflows.queries.case.timeline import whole_timeline
from workflows.queries.papers.documents import (
    DocumentLine,
    documents_of,
    documents_to_come,
    form_of,
    material_of,
    told_of,
    void_numbers,
)
from workflows.services import casework
from workflows.services.access import OwnCase, RoleMissing
from workflows.services.corrections.correcting import correct
from workflows.services.corrections.corrigible import Wanted
from workflows.services.corrections.late import confirm_late
from workflows.services.papers.documents import (
    DocumentIssued,
    DocumentUnnumbered,
    Made,
    issue_document,
    made_called,
    made_documents,
)
from workflows.services.steps.previewing import do_unkept
from workflows.store.scope import SystemScope, set_scope
from workflows.store.tables import Case, IssuedDocument, JournalRecord
from workflows.store.transaction import trial


def _handler(world: World, *, role: str = "R03") -> Actor:
    with world.transaction() as session:
        account = world.cast.account(session, "办理文书的人", world.now)
        return world.cast.allow(session, account, (role,), world.now)


def _made(session: Any, world: World, case_id: str, key: str) -> tuple[Case, Made]:
    page = case_page(session, case_id, local_date(world.now))
    made = [line.made for line in documents_of(session, page)]
    seq = next(each.record.seq for each in made if each.key == key)
    return page.case, made_called(made, key, seq)


def _issue(world: World, case_id: str, key: str, actor: Actor) -> str:
    with world.transaction() as session:
        case, made = _made(session, world, case_id, key)
        return issue_document(session, actor, world.now, case, made).number


@pytest.fixture(scope="module")
def looked() -> tuple[World, str, str]:
    """An organisation's case that stalled and its person's case after admonishment; to read."""
    world = memory_world()
    case_id = person_case(world, "镇党委委员")
    measured(world, case_id, on=date(2026, 8, 17))
    return world, world.cases[0], case_id


def test_a_notice_prints_its_deadline_how_it_was_reckoned_and_how_to_object(
    looked: tuple[World, str, str],
) -> None:
    world, case_id, _ = looked
    paper = papers_of_case(world, case_id)["D07"]
    said = text_of(paper)
    assert (paper.head, paper.addressee) == ("苏布德旗委组织部", "阿日善图嘎查党支部")
    assert "最后一日：2026年6月8日。" in said
    assert "起算日2026年3月10日（周二），当日不计入；期限90日（自然日）" in said
    assert "官方安排截至" not in said, "that is for officers"
    assert "受理单位：苏布德旗委组织部。" in said
    assert "自2026年3月10日送达之日起5个工作日，最后一日为2026年3月17日" in said
    assert "处分" not in said, "a notice threatens nothing"


def test_a_decision_prints_facts_basis_effects_and_the_last_day_of_the_appeal(
    looked: tuple[World, str, str],
) -> None:
    world, _, case_id = looked
    for key in ("D23", "D28"):
        said = text_of(papers_of_case(world, case_id)[key])
        assert "一、事实" in said
        assert "《中国共产党问责条例》（2019）第二十条" in said
        assert "自2026年8月17日起，至2027年2月17日止" in said
        assert "自2026年8月17日送达之日起1个月，最后一日为2026年9月17日" in said


def test_proof_of_service_is_filled_from_the_task_that_served(
    looked: tuple[World, str, str],
) -> None:
    world, case_id, _ = looked
    said = text_of(papers_of_case(world, case_id)["D07-D40"])
    assert "送达的文书|责令整改通知书" in said
    assert "送达日期|2026年3月10日" in said
    assert "受送达人|阿日善图嘎查党支部" in said


def test_letters_are_made_when_they_are_issued_and_not_before() -> None:
    world = memory_world()
    case_id = world.open_rectification()
    with world.transaction() as session:
        page = case_page(session, case_id, local_date(world.now))
        assert "D12" not in {each.id for each, _ in documents_to_come(page)}
    assert "D12" not in papers_of_case(world, case_id)
    for _ in range(30):
        if "letter1" in [each.activity for each in _open(world, case_id)]:
            break
        world.now = world.now.replace(day=1, month=world.now.month + 1)
        world.sweep()
    with world.transaction() as session:
        page = case_page(session, case_id, local_date(world.now))
        assert "D12" in {each.id for each, _ in documents_to_come(page)}
    Player(world, FirstChoice()).do(case_id, "letter1")
    said = text_of(papers_of_case(world, case_id)["D12"])
    assert "只有答复而没有实质进展的，不停止督办" in said
    assert "答复期限" in said


def test_the_first_of_two_signers_sees_the_paper_and_nothing_of_it_stays() -> None:
    world = memory_world()
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="accept")
    with trial(world.sessions) as session:
        set_scope(session, SystemScope("test"))
        stage = world.cast.stage(session, case_id, world.now)
        task = stage.task("verify")
        actor = stage.actor("核实甲", ("R02",))
        seq = do_unkept(session, actor, world.now, case_id, task, VERIFIED)
        session.expire_all()
        page = case_page(session, case_id, local_date(world.now))
        assert ("D03", seq) in {
            (each.made.key, each.made.record.seq) for each in documents_of(session, page)
        }
    assert "verify" in [each.activity for each in _open(world, case_id)]
    assert "D03" not in papers_of_case(world, case_id)


def _open(world: World, case_id: str) -> list[Any]:
    with world.transaction() as session:
        return [task.row for task in case_page(session, case_id, local_date(world.now)).tasks]


def test_numbers_run_without_a_gap_per_office_word_and_year() -> None:
    world = memory_world()
    handler = _handler(world)
    cases = [world.open_rectification() for _ in range(3)]
    assert _issue(world, cases[0], "D07", handler) == "改通〔2026〕1号"
    with pytest.raises(DocumentIssued) as again:
        _issue(world, cases[0], "D07", handler)
    assert again.value.number == "改通〔2026〕1号"
    assert _issue(world, cases[1], "D07", handler) == "改通〔2026〕2号", "a refusal takes none"
    assert papers_of_case(world, cases[1])["D07"].number == "改通〔2026〕2号"
    assert "文号|改通〔2026〕2号" in text_of(papers_of_case(world, cases[1])["D07-D40"])
    world.now = world.now.replace(year=2027)
    assert _issue(world, cases[2], "D07", handler) == "改通〔2027〕1号"


def test_issuing_is_a_record_of_the_house_that_names_no_case_in_the_open() -> None:
    world = memory_world()
    case_id = world.open_rectification()
    before = _version(world, case_id)
    _issue(world, case_id, "D07", _handler(world))
    assert _version(world, case_id) == before, "the case does not move"
    with world.transaction() as session:
        bodies = session.scalars(
            select(JournalRecord.body).where(JournalRecord.kind == "house")
        ).all()
        (record,) = [json.loads(each) for each in bodies if "document_issued" in each]
        row = session.scalars(select(IssuedDocument)).one()
        page = case_page(session, case_id, local_date(world.now))
        lines = documents_of(session, page)
        assert void_numbers(session, case_id, lines) == ()
        taken_back = [line for line in lines if line.made.key != "D07"]
        assert void_numbers(session, case_id, taken_back) == (row,), "given, and not lost"
    assert record["trigger"]["ref"] == str(row.id)
    assert case_id not in json.dumps(record)


def _version(world: World, case_id: str) -> int:
    with world.transaction() as session:
        return session.get_one(Case, case_id).version


def test_who_does_not_work_on_it_and_whom_it_is_about_issue_nothing(
    looked: tuple[World, str, str],
) -> None:
    world, case_id, about_person = looked
    for role in ("R10", "R13", "R16"):
        with pytest.raises(RoleMissing):
            _issue(world, case_id, "D07", _handler_only(world, role))
    with world.transaction() as session:
        subject = session.get_one(Case, about_person).subject_person_id
    handler = _handler(world)
    own = Actor(handler.account_id, "", handler.grants, subject)
    with pytest.raises(OwnCase):
        _issue(world, about_person, "D23", own)
    with pytest.raises(DocumentUnnumbered):
        _issue(world, case_id, "D07-D40", handler)


def _handler_only(world: World, role: str) -> Actor:
    with world.transaction() as session:
        account = world.cast.account(session, f"只有{role}的人", world.now)
        return world.cast.allow(session, account, (role,), world.now)


def test_a_correction_changes_a_draft_and_no_numbered_document() -> None:
    world = memory_world()
    one, other = world.open_rectification(), world.open_rectification()
    handler = _handler(world)
    _issue(world, one, "D07", handler)
    for case_id in (one, other):
        _correct(world, case_id, "served_on", "2026-03-09")
    assert "本通知于2026年3月10日送达" in text_of(papers_of_case(world, one)["D07"])
    draft = text_of(papers_of_case(world, other)["D07"])
    assert "本通知于2026年3月9日送达" in draft
    assert "由2026年3月10日更正为2026年3月9日。更正不改变期限：仍自2026年3月10日起算" in draft
    assert "更正不改变期限" not in text_of(papers_of_case(world, one)["D07"])


def _correct(world: World, case_id: str, name: str, value: str) -> None:
    with world.transaction() as session:
        case, made = _made(session, world, case_id, "D07")
        wanted = Wanted(made.record.seq, {name: value}, "笔误", case.version)
        corrected = correct(session, _allowed(session, world, "更正人"), world.now, case_id, wanted)
    if corrected.entry_id is not None:
        with world.transaction() as session:
            second = _allowed(session, world, "另一人")
            confirm_late(session, second, world.now, corrected.entry_id)


def _allowed(session: Any, world: World, alias: str) -> Actor:
    account = world.cast.account(session, alias, world.now)
    return world.cast.allow(session, account, ("R03",), world.now)


def test_no_document_tells_more_than_its_description_names(
    looked: tuple[World, str, str],
) -> None:
    """Fill every fact and every field of every form, and look for them in every paper."""
    world, organisation_case, about_person = looked
    today = local_date(world.now)
    with speaking("zh"), world.transaction() as session:
        for case_id in (organisation_case, about_person):
            page = case_page(session, case_id, today)
            pack = page.definition.pack
            facts = {
                name: f"＠要素{name}＠"
                for name, each in pack.facts.items()
                if each.type is FactType.TEXT
            }
            activities = {*_activities(pack), "start"}
            filled = {each: _marked(pack, each) for each in activities}
            record = documents_of(session, page)[0].made.record
            assert len(pack.documents) > 5
            for document in pack.documents.values():
                served = pack.documents["D07"] if document.is_receipt else None
                line = DocumentLine(Made(document, record, facts, filled, served), None)
                material = material_of(session, page, line)
                said = text_of(document_paper(material, today, is_real=True))
                named = {name for part in document.parts for name in part.names}
                named |= {document.served_way or "", served.served_way or "" if served else ""}
                told = _told(said)
                assert told <= named, document.id
                if document.addressee is not Addressee.NOBODY:
                    assert not {each for each in told if "source" in each}, document.id
                if document.layout is Layout.OFFICIAL:
                    assert document.word, document.id


def _activities(pack: Any) -> set[str]:
    return {
        element.id
        for definition in pack.processes.values()
        for element in definition.process.elements.values()
        if element.attributes.get("form")
    }


def _marked(pack: Any, activity: str) -> dict[str, str]:
    schema = pack.forms[form_of(pack, activity)]
    return {each.key: f"＠{activity}.{each.key}＠" for each in schema.fields if each.is_input}


def _told(said: str) -> set[str]:
    return {each.removeprefix("要素") for each in said.split("＠")[1::2]}


def test_a_text_too_long_for_a_row_stands_between_tables(looked: tuple[World, str, str]) -> None:
    world, _, case_id = looked
    long = "长" * 900
    with speaking("zh"), world.transaction() as session:
        page = case_page(session, case_id, local_date(world.now))
        line = next(each for each in documents_of(session, page) if each.made.key == "D20")
        told = {**line.made.filled, "facts_shown": {"fact_material": long}}
        line = DocumentLine(replace(line.made, filled=told), None)
        paper = document_paper(
            material_of(session, page, line), page.case.opened_at.date(), is_real=True
        )
    assert Paragraph(long) in paper.blocks
    assert [type(block) for block in paper.blocks].count(Grid) == 2


def test_a_paper_of_another_round_has_a_service_of_its_own(looked: tuple[World, str, str]) -> None:
    world, case_id, person_case = looked
    with world.transaction() as session:
        page = case_page(session, case_id, local_date(world.now))
        told = list(told_of(whole_timeline(session, case_id).entries, page.definition))
        person_page = case_page(session, person_case, local_date(world.now))
        decisions = {line.made.key: line.made for line in documents_of(session, person_page)}
    first = next(each for each in told if each.activity == "notice")
    form = {**first.form, "served_on": "2026-09-01"}
    record = replace(first.record, seq=told[-1].record.seq + 1)
    again = replace(first, form=form, changes=form, record=record)
    days = [
        (each.key, each.served_day)
        for each in made_documents(page.definition.pack, [*told, again])
        if each.document.id == "D07" or each.key == "D07-D40"
    ]
    assert days == [
        *(("D07", "2026-03-10"), ("D07-D40", "2026-03-10")),
        *(("D07", "2026-09-01"), ("D07-D40", "2026-09-01")),
    ]
    assert decisions["D28"].served_day == "2026-08-17", "served after it was made"


def _paper(
    looked: tuple[World, str, str], key: str, *, standing: str = "stands", **filled: Any
) -> OfficialPaper:
    """Give a paper of the person's case with other values in the form that made it."""
    world, _, case_id = looked
    with speaking("zh"), world.transaction() as session:
        page = case_page(session, case_id, local_date(world.now))
        line = next(each for each in documents_of(session, page) if each.made.key == key)
        (activity, *_) = line.made.document.activities
        form = {**line.made.filled[activity], **filled}
        made = replace(line.made, filled={**line.made.filled, activity: form})
        effects = tuple(replace(each, standing=standing) for each in page.effects)
        material = material_of(session, page, DocumentLine(made, line.issued))
        material = replace(material, page=replace(page, effects=effects))
        return document_paper(material, local_date(world.now), is_real=True)


def test_a_form_shows_a_0_and_leaves_no_room_for_what_nobody_was_asked(
    looked: tuple[World, str, str],
) -> None:
    said = text_of(_paper(looked, "D23_approval", votes_against=0, abstentions=None))
    assert "反对票|0\n" in said
    assert "弃权票|　\n" in said
    approved = text_of(_paper(looked, "D19", start_approval="approved", reason=None))
    assert "不同意的理由" not in approved
    assert "不同意的理由|　" in text_of(
        _paper(looked, "D19", start_approval="refused", reason=None)
    )
    assert "谈话事由|" in text_of(_paper(looked, "D04")), "a row is called by its heading"


def test_a_decision_states_what_it_imposed_also_after_it_was_revoked(
    looked: tuple[World, str, str],
) -> None:
    for standing in ("stands", "void", "ended"):
        said = text_of(_paper(looked, "D23", standing=standing))
        assert said.count("自2026年8月17日起，至2027年2月17日止") == 1, standing


def test_papers_have_the_titles_and_the_address_that_are_signed(
    looked: tuple[World, str, str],
) -> None:
    world, _, case_id = looked
    papers = papers_of_case(world, case_id)
    assert papers["D23"].addressee.endswith("同志")
    assert "受送达人|" + papers["D23"].addressee.removesuffix("同志") in text_of(papers["D23-D40"])
    notice = [each.text for each in papers["D23_talk"].blocks if isinstance(each, Heading)]
    assert notice == ["你的权利"], "one heading alone has no number"
    with world.transaction() as session:
        pack = case_page(session, case_id, local_date(world.now)).definition.pack
    told_apart = ("（个人", "（党组织", "（旗委", "（验收组", "（主要负责人")
    for document in pack.documents.values():
        assert not [each for each in told_apart if each in document.heading], document.id


def test_a_withdrawn_act_has_made_no_document(looked: tuple[World, str, str]) -> None:
    world, case_id, _ = looked
    with world.transaction() as session:
        page = case_page(session, case_id, local_date(world.now))
        told = list(told_of(whole_timeline(session, case_id).entries, page.definition))
    pack = page.definition.pack
    assert "D07" in {each.key for each in made_documents(pack, told)}
    taken_back = [replace(each, is_withdrawn=each.activity == "notice") for each in told]
    assert not {"D07", "D07-D40"} & {each.key for each in made_documents(pack, taken_back)}


def test_x24_proof_of_a_void_service_says_so_and_keeps_its_day() -> None:
    world = memory_world()
    case_id = world.open_rectification()
    world.now = world.now.replace(day=12)
    found = {
        "void_ground": "wrong_recipient",
        "wrongly_served": "相邻嘎查党支部委员",
        "found_void_on": "2026-03-12",
        "service_proof": "送达回证3号",
        "reason": "误送",
    }
    with world.transaction() as session:
        leader = world.cast.stage(session, case_id, world.now).actor("部长", ("R06",))
        casework.send_message(session, leader, world.now, case_id, "service_void", found)
    said = text_of(papers_of_case(world, case_id)["D07-D40"])
    assert "送达日期|2026年3月10日" in said
    assert "2026年3月12日认定送达无效（送错单位或者人员，作废送达回证3号）" in said
    assert "期限自有效送达之日重新起算" in said
    world.now = world.now.replace(day=13)
    world.complete(case_id, "notice", "承办", **{**SERVED, "served_on": "2026-03-13"})
    valid = text_of(papers_of_case(world, case_id)["D07-D40"])
    assert "送达日期|2026年3月13日" in valid
    assert "认定送达无效" not in valid
    assert "最后一日：2026年6月11日。" in text_of(papers_of_case(world, case_id)["D07"])
    assert world.differences() == []


def test_a_referral_makes_its_letter_then_the_register_and_tells_no_source() -> None:
    world = memory_world()
    referral = refer(world, world.open_rectification(), referral_matter="疑似虚报，甲某反映。")
    approve(world, referral)
    letter = papers_of_case(world, referral)
    assert {each for each in letter if each.startswith("D29")} == {"D29"}
    assert _issue(world, referral, "D29", _handler(world)) == "移〔2026〕1号"
    feed_back(world, referral, "closed")
    papers = papers_of_case(world, referral)
    said = {key: text_of(papers[key]) for key in ("D29", "D29_register", "D29_feedback")}
    assert "封存的材料" in said["D29"]
    assert "核对表三份。" in said["D29"]
    assert "《中国共产党巡视工作条例》" in said["D29"]
    for row in ("受理单位|纪委监委", "证据份数|3", "证据页数|9", "密封号|封1号", "签收人|信访室"):
        assert row in said["D29_register"], row
    assert "反馈期限（自签收之日起）|移送结果反馈：3个月" in said["D29_register"]
    assert "反馈结果|予以了结" in said["D29_feedback"]
    assert not [key for key in said if "甲某" in said[key]]


def test_a_referral_that_is_sent_back_makes_no_letter() -> None:
    world = memory_world()
    referral = refer(world, world.open_rectification())
    seal(world, referral)
    world.complete(referral, "approve_referral", "部长", referral_approval="returned")
    assert "D29" not in papers_of_case(world, referral)
