"""The shell commands of the documentation, run as they stand there.

Blocks marked ``sh`` are run from top to bottom on an installation of the test's own;
lines that call `duban` run in this process, all others in a shell. ``|| …`` behind a
command says that it is refused.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.support.doc_tables import ROOT
from tests.support.postgresql import Cluster
from webapp.cli import main
from webapp.commands.edge import open_edge
from workflows.domain.ids import new_id
from workflows.services.installation import clock_now
from workflows.services.staff.accounts import new_token
from workflows.store.tables import Account, Case, Grant, Organisation

DOCS = ROOT / "docs"
SET_UP = ("how-to/set-up.md", "how-to/import-organisations.md")
PROGRAM = ".venv/bin/duban "


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def play(page: str) -> list[str]:
    """Run the commands of a page and give what they printed."""
    return [
        run(line)
        for block in blocks(page, "sh")
        for line in block.splitlines()
        if not line.startswith("make ")
    ]


def run(line: str) -> str:
    command, _, otherwise = line.partition(" || ")
    if command.startswith(PROGRAM):
        arguments = shlex.split(command.removeprefix(PROGRAM))
        done = CliRunner().invoke(main, arguments, catch_exceptions=False)
        code, printed = done.exit_code, done.output
    else:
        shell = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        # cmp answers 1 where files differ, which is what it is asked for.
        code, printed = (0 if command.startswith("cmp ") else shell.returncode), shell.stdout
    assert (code != 0) is bool(otherwise), f"{line}: exit code {code}\n{printed}"
    return printed


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation as the how-to pages make it, with one officer and one matter."""
    folder = tmp_path_factory.mktemp("docs")
    with pytest.MonkeyPatch.context() as patch:
        enter(folder, patch)
        Path("units.csv").write_text(blocks(SET_UP[1], "csv")[0], encoding="utf-8")
        for page in SET_UP:
            play(page)
        make_officer("dengji")
        Path("ledger.csv").write_text(
            blocks("how-to/import-a-ledger.md", "csv")[0], encoding="utf-8"
        )
        printed = play("how-to/import-a-ledger.md")
        assert "1 matters registered, 1 rows left out" in printed[-1]
    return folder


def enter(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.chdir(folder)
    patch.setenv("DUBAN_INSTANCE", str(folder / "instance"))
    patch.delenv("DUBAN_DATABASE_URL", raising=False)
    patch.setenv("LC_ALL", "C.UTF-8")
    patch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")


def make_officer(username: str) -> None:
    """Give an officer the role of registering over the whole tree."""
    with open_edge(None) as edge, edge.transaction("test") as session:
        root = session.scalars(select(Organisation).where(Organisation.code == "15")).one()
        account = Account(
            id=new_id("u"),
            username=username,
            display_name="登记员",
            password_hash="",
            token=new_token(),
            created_at=clock_now(session),
        )
        account.grants = [
            Grant(
                role="R01",
                organisation_id=root.id,
                org_path=root.path,
                from_on=date(2020, 1, 1),
            )
        ]
        session.add(account)


@pytest.fixture
def site(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the prepared installation, with the shipped pack beside it as in a checkout."""
    shutil.copytree(prepared / "instance", tmp_path / "instance")
    shutil.copytree(ROOT / "bpmn", tmp_path / "bpmn")
    enter(tmp_path, monkeypatch)
    return tmp_path


@pytest.mark.parametrize(
    "page",
    [
        "tutorial/first-change.md",
        "how-to/scheduler.md",
        "how-to/backup.md",
        "how-to/checkpoints.md",
        "how-to/export-and-verify.md",
        "how-to/mine-the-process.md",
        "how-to/take-out-the-ledger.md",
        "how-to/make-an-inspection-report.md",
        "how-to/review-package.md",
        "how-to/change-a-pack.md",
        "how-to/back-test-a-change.md",
        "explanation/clock.md",
        "explanation/journal.md",
    ],
)
def test_the_commands_of_a_page_do_what_it_says(site: Path, page: str) -> None:
    assert play(page)


def test_the_file_of_a_case_is_made_as_the_page_says(site: Path) -> None:
    (block,) = blocks("how-to/take-out-a-case-file.md", "sh")
    with open_edge(None, read_only=True) as edge, edge.transaction("test") as session:
        number = session.scalars(select(Case.number)).one()
    assert number in run(block.strip().replace("NUMBER", number))
    assert (site / "case.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.postgresql
def test_two_roles_are_made_as_the_page_says(
    postgresql: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(tmp_path, monkeypatch)
    made, taken_back = (renamed(block) for block in blocks("how-to/postgresql.md", "sql"))
    with postgresql.administer() as connection:
        for statement in filter(None, map(str.strip, made.split(";"))):
            connection.execute(statement)
    page = renamed((DOCS / "how-to" / "postgresql.md").read_text(encoding="utf-8"))
    for name, address in re.findall(r"export (DUBAN_\w+)='(\S+)'", page):
        monkeypatch.setenv(name, f"{address.replace('127.0.0.1', '')}?host={postgresql.folder}")
    line = next(line.strip() for line in page.splitlines() if PROGRAM in line)
    assert "One-time passwords" in run(line)
    assert not (tmp_path / "instance" / "duban.sqlite3").exists()
    monkeypatch.delenv("DUBAN_OWNER_DATABASE_URL")
    assert '"failed": 0' in run(".venv/bin/duban sweep --json")
    with postgresql.administer() as connection:
        connection.execute("GRANT site_owner TO site")
        refused = run(".venv/bin/duban sweep || echo refused")
        for statement in filter(None, map(str.strip, taken_back.split(";"))):
            connection.execute(statement)
    assert "site could rewrite the record" in refused
    assert '"failed": 0' in run(".venv/bin/duban sweep --json")


def renamed(page: str) -> str:
    """Let a page speak of roles and a database that the tests' own do not have."""
    return re.sub(r"(?<!bin/)\bduban", "site", page)


def test_no_page_with_commands_is_left_out() -> None:
    module = Path(__file__).read_text(encoding="utf-8")
    # Those in Chinese hold the same blocks (tests/unit/test_docs_languages.py).
    pages = [
        page.relative_to(DOCS).as_posix()
        for page in DOCS.rglob("*.md")
        if not page.is_relative_to(DOCS / "zh")
    ]
    assert [page for page in pages if blocks(page, "sh") and f'"{page}"' not in module] == []


def test_the_scenario_of_the_how_to_page_plays(site: Path) -> None:
    (site / "mine.toml").write_text(blocks("how-to/write-a-scenario.md", "toml")[0], "utf-8")
    assert "NOT MET" not in run(".venv/bin/duban scenario run mine.toml")


def test_the_forged_bundle_of_the_tutorial_differs_by_one_byte(site: Path) -> None:
    page = "tutorial/first-case.md"
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    printed = dict(zip(lines, play(page), strict=True))
    compared = next(text for line, text in printed.items() if line.startswith("cmp "))
    assert len(compared.splitlines()) == 1
    forged = printed['.venv/bin/duban verify forged.zip || echo "found"']
    assert "NOT VERIFIED" in forged
    assert "records.jsonl" in forged
