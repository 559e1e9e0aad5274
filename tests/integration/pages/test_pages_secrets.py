"""State secrets stay outside: refused without a trace, or confirmed; one keeps the list."""

import io
import logging

import pytest
from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite, Form
from tests.support.writes import written_so_far
from workflows.store.tables import Attachment, Matter, SecretWord

GIVEN = {
    "problem_type": "P101",
    "source": "spot_check",
    "found_on": "2026-03-10",
    "disposition": "procedure",
}


def intake(site: CaseSite, description: str) -> Form:
    address = f"/matters/new?organisation={site.branch()}"
    form = site.officer("dengji").open(address).form(address)
    return form.fill(description=description, **GIVEN)


def rows(site: CaseSite) -> object:
    with site.session() as session:
        return written_so_far(session.connection(), but={"calendar_day", "pack_file"})


def test_what_is_on_the_hard_list_is_refused_without_a_trace(
    site: CaseSite, caplog: pytest.LogCaptureFixture
) -> None:
    text = "转发某机密文件的要求"
    before = rows(site)
    with caplog.at_level(logging.DEBUG):
        refused = intake(site, text).send()
        file = intake(site, "未开支委会。").fill(evidence=(io.BytesIO(text.encode()), "说明.txt"))
        refused_file = file.send()
        named = intake(site, "未开支委会。").fill(evidence=(io.BytesIO(b"x"), "绝密.txt")).send()
    for page in (refused, refused_file, named):
        assert page.status == 422
        assert "转发某" not in page.answer.text
    assert "含有“机密”" in refused.text
    assert "说明.txt" in refused_file.text
    assert "转发某" not in caplog.text
    assert rows(site) == before


def test_a_word_of_warning_is_confirmed_and_nothing_typed_is_lost(site: CaseSite) -> None:
    asked = intake(site, "涉密人员没有参加学习。").send()
    assert asked.status == 422
    assert "涉密" in asked.text
    form = asked.form(f"/matters/new?organisation={site.branch()}")
    assert form.send(_no_secrets="1").status == 200
    with site.session() as session:
        assert session.scalars(select(Matter.summary)).one() == "涉密人员没有参加学习。"


def test_a_file_needs_the_declaration(site: CaseSite) -> None:
    form = intake(site, "未开支委会。").fill(evidence=(io.BytesIO(b"plain"), "说明.txt"))
    undeclared = form.send(_no_secrets="")
    assert undeclared.status == 422
    assert "须声明不含国家秘密" in undeclared.text
    form.fill(evidence=(io.BytesIO(b"plain"), "说明.txt"))
    assert form.send().status == 200
    with site.session() as session:
        assert session.scalars(select(Attachment.name)).all() == ["说明.txt"]


def test_each_of_several_files_is_read(site: CaseSite) -> None:
    form = intake(site, "未开支委会。")
    plain, marked = (io.BytesIO(b"plain"), "一.txt"), (io.BytesIO("机密".encode()), "二.txt")
    form.values["evidence"] = [plain, marked]
    refused = form.send(_no_secrets="1")
    assert refused.status == 422
    assert "二.txt" in refused.text


def test_a_draft_with_a_marking_is_not_kept(site: CaseSite) -> None:
    case_id = register(site)
    address = site.address(case_id, "accept")
    officer = site.officer("chengban")
    token = officer.open(address).form(address).value("csrf_token")
    for text, status in (("机密", 422), ("涉密", 204)):
        sent = {"csrf_token": token, "remark": text}
        assert officer.client.post(f"{address}/draft", data=sent).status_code == status


def test_the_security_administrator_alone_keeps_the_list(site: CaseSite) -> None:
    keeper = site.officer("anquan")
    page = keeper.open("/administration/secret-words/")
    assert "绝密" in page.text
    added = page.form("/administration/secret-words/").fill(word="白狼工程", kind="hard").send()
    assert "立即生效" in added.text
    assert intake(site, "白狼 工程有关情况。").send().status == 422
    address = "/administration/secret-words/"
    token = page.form(address).value("csrf_token")
    keeper.client.post(address, data={"csrf_token": token, "word": "白狼工程", "kind": "off"})
    assert intake(site, "白狼工程有关情况。").send().status == 200
    for username in ("xitong", "shenji", "buzhang", "chengban"):
        officer = site.officer(username)
        assert officer.open(address).status == 403, username
        token = officer.open("/account").form("/logout").value("csrf_token")
        sent = {"csrf_token": token, "word": "机密", "kind": "off"}
        assert officer.client.post(address, data=sent).status_code == 403, username
    with site.session() as session:
        assert [row.kind for row in session.scalars(select(SecretWord))] == ["off"]
