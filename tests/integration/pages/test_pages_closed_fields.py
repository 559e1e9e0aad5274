"""Who is responsible by name, in a rectification plan: shown inside, withheld from others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from tests.integration.pages.test_pages_case_file import told
from tests.integration.pages.test_pages_cases import to_rectification
from tests.integration.pages.test_pages_ledger import organisation_of, rows_of, take
from tests.support.bundles import json_lines, read_bundle
from tests.support.case_site import CaseSite
from tests.support.exports import CONTENT, ExportDesk, verified, whole_text
from webapp.work import writing_sessions
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.services.vault import HOUSE, PayloadErased, read_payload, vault_of
from workflows.store.journal import read_stream
from workflows.store.scope import SystemScope
from workflows.store.tables import SubjectKey
from workflows.store.transaction import transaction

NAME, WITHHELD = "乌兰图雅", "（不在您的查看范围内）"
MEASURES = "补开会议，书记牵头。"


@pytest.fixture
def planned(site: CaseSite) -> tuple[CaseSite, str]:
    """A case whose plan names who is responsible."""
    case_id = to_rectification(site, plan_required="yes")
    site.at("2026-03-12")
    site.officer("chengban").enter_paper(
        case_id, "plan", measures=MEASURES, responsible=NAME, _paper_document="方案"
    )
    return site, case_id


def export(site: CaseSite, folder: Path, case_id: str, levels: frozenset[str]) -> Path:
    desk = ExportDesk(writing_sessions(site.app), folder)
    return desk.export(BundleScope(ScopeKind.CASES, (case_id,)), levels)


def plan_line(path: Path) -> Any:
    lines = json_lines(read_bundle(path)["payloads.jsonl"])
    return next(line for line in lines if "responsible" in line["payload"]["form"])


def test_the_name_is_shown_to_the_banner_and_withheld_in_the_township(
    planned: tuple[CaseSite, str],
) -> None:
    site, case_id = planned
    banner = site.officer("buzhang").open(f"/cases/{case_id}").text
    assert NAME in banner
    township = site.officer("sumu1").open(f"/cases/{case_id}").text
    assert NAME not in township
    assert re.search(rf"责任人姓名\s*{WITHHELD}", township)
    assert MEASURES in township, "all else that was filled in is open"
    assert NAME in site.officer("chengban").open(f"/cases/{case_id}").text, "his own act"


def test_the_ledger_names_him_to_those_who_may_read_of_persons(
    planned: tuple[CaseSite, str],
) -> None:
    site, case_id = planned
    place = organisation_of(site, case_id)
    (line,) = rows_of(take(site.officer("buzhang"), place))
    assert line["责任人"] == NAME
    (line,) = rows_of(take(site.officer("sumu1"), place))
    assert NAME not in line["责任人"]
    assert line["措施"] == MEASURES


def test_a_bundle_without_persons_withholds_the_name_alone(
    planned: tuple[CaseSite, str], tmp_path: Path
) -> None:
    site, case_id = planned
    shown = export(site, tmp_path, case_id, CONTENT)
    withheld = export(site, tmp_path, case_id, frozenset({"L1"}))
    assert verified(shown).counts.fields == 0
    assert verified(withheld).counts.fields == 1
    assert NAME in whole_text(read_bundle(shown))
    assert NAME not in whole_text(read_bundle(withheld))
    one, other = plan_line(shown), plan_line(withheld)
    assert one["payload"] == other["payload"]
    assert one["salt"] == other["salt"]
    assert other["payload"]["form"]["measures"] == MEASURES
    ((key, opening),) = other["openings"].items()
    assert opening == {"by": "system:init", "reason": "confidential"}
    assert other["payload"]["form"]["responsible"] == {"commitment": key}
    assert [each["value"] for each in one["openings"].values()] == [NAME]
    place = {"id": other["id"], "seq": other["seq"]}
    manifest = json.loads(read_bundle(withheld)["manifest.json"])
    assert place not in [{"id": e["id"], "seq": e["seq"]} for e in manifest["withheld"]]


def test_as_the_case_stood_then_the_name_is_withheld_too(planned: tuple[CaseSite, str]) -> None:
    site, case_id = planned
    site.at("2026-03-13")
    address = f"/cases/{case_id}?as_of=2026-03-12T12:00"
    assert NAME in site.officer("buzhang").open(address).text
    township = site.officer("sumu1").open(address).text
    assert NAME not in township
    assert WITHHELD in township


def test_the_file_of_a_case_names_him_only_where_persons_are_in_it(
    planned: tuple[CaseSite, str],
) -> None:
    site, case_id = planned
    for levels, is_shown in ((CONTENT, True), (frozenset({"L1"}), False)):
        text = json.dumps(told(site, case_id, "buzhang", levels), ensure_ascii=False, default=str)
        assert (NAME in text) == is_shown
        assert (WITHHELD in text) == (not is_shown)
        assert MEASURES in text


def test_without_the_subjects_key_neither_payload_nor_opening_is_left(
    planned: tuple[CaseSite, str], tmp_path: Path
) -> None:
    site, case_id = planned
    with transaction(writing_sessions(site.app), SystemScope("test")) as session:
        rows = [row for row in read_stream(session, case_id) if row.key_id != HOUSE]
        session.execute(delete(SubjectKey).where(SubjectKey.id == rows[0].key_id))
        vault_of(session).forget(rows[0].key_id)
        with pytest.raises(PayloadErased):
            read_payload(session, rows[-1].key_id, case_id, rows[-1].seq, rows[-1].sealed)
    text = whole_text(read_bundle(export(site, tmp_path, case_id, CONTENT)))
    assert NAME not in text
    assert MEASURES not in text
