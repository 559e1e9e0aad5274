"""The main job: a case that nobody works on climbs the ladder, and a person's case is closed.

Every act is done as an officer would: his own login, his work desk, the task, its form.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.officers import Desk, House
from webapp.work import writing_sessions
from workflows.domain.demo_world import demo_posts
from workflows.jobs.exporting import FOLDER, run_exports

FindBarriers = Callable[[Page], list[str]]
MOST_PRESSES = 12
# The committee member for organisation of the first township, by whatever name.
PERSON = next(post.name for post in demo_posts() if post.staff_code == "SYN-T13")


@dataclass
class Job:
    """A matter on its way: its two cases by number and address."""

    house: House
    find_barriers: FindBarriers
    folder: Path
    case: str = ""
    case_path: str = ""
    matter_path: str = ""
    person: str = ""
    person_path: str = ""
    barriers: dict[str, list[str]] = field(default_factory=dict)

    def desk(self, username: str) -> Desk:
        """Give somebody's desk."""
        return self.house.desk(username)

    def look_for_barriers(self, desk: Desk, page: str) -> None:
        """Keep what keeps people out of a page."""
        if found := self.find_barriers(desk.page):
            self.barriers[page] = found

    def wait_for(self, desk: Desk, task: str, number: str) -> None:
        """Press the clock bar until a task stands on somebody's desk."""
        for _ in range(MOST_PRESSES):
            if desk.find_task(task, number).count():
                return
            desk.move_clock("下一个到期")
        pytest.fail(f"{task} never came: {desk.says()}")


def test_a_stalled_case_climbs_to_a_person_whose_case_is_closed_and_verified(
    house: House, find_barriers: FindBarriers, tmp_path: Path
) -> None:
    job = Job(house, find_barriers, tmp_path)
    register(job)
    verify(job)
    plan(job)
    stall(job)
    escalate(job)
    decide_attribution(job)
    show_to_those_who_may_see(job)
    show_facts(job)
    hear(job)
    decide(job)
    admonish(job)
    close(job)
    bundle = export(job)
    verify_bundle(bundle)
    forge_bundle(bundle)
    assert job.barriers == {}


def register(job: Job) -> None:
    """Register a problem; what it opens is accepted."""
    desk = job.desk("dengji")
    desk.page.get_by_role("link", name="登记问题").click()
    desk.page.get_by_role("searchbox").fill("阿日善图")
    desk.page.get_by_role("button", name="查找").click()
    desk.page.get_by_role("link", name="阿日善图嘎查党支部").first.click()
    desk.fill(
        {
            "问题类型": "班子不团结",
            "问题来源": "督查",
            "问题描述": "班子成员矛盾突出，重大事项久拖不决。",
            "办理方式": "按程序办理",
        }
    )
    desk.send("登记")
    job.case = desk.heading()
    job.case_path = desk.path()
    trail = desk.page.get_by_role("navigation", name="位置").get_by_role("link")
    job.matter_path = trail.get_attribute("href") or ""
    job.desk("chengban").do("受理审查", job.case, {"受理意见": "受理"})


def verify(job: Job) -> None:
    """Have two people verify it, and serve the notice."""
    desk = job.desk("heshi1")
    desk.do(
        "核实",
        job.case,
        {
            "核实结论": "属实",
            "情形": ["履职不到位", "作用发挥不明显"],
            "问题程度": "较重",
            "起步档": "限期整改",
            "被核实方意见": "无异议",
        },
        "签署",
    )
    expect(desk.page.get_by_role("status").first).to_contain_text("待第二人签署")
    second = job.desk("heshi2")
    second.start("核实", job.case)
    expect(second.page.get_by_label("第一人已签署的内容")).to_contain_text(desk.name)
    second.agree("核实", job.case)
    job.desk("chengban").do(
        "下达整改通知书",
        job.case,
        {"送达方式": "直接送达签收", "报送整改方案": "须报送", "报送进展": "须报送"},
    )


def plan(job: Job) -> None:
    """Enter the branch's plan from paper, and have the township approve it."""
    desk = job.desk("chengban")
    desk.enter_paper(
        "报送整改方案",
        job.case_path,
        {"纸质件文号或名称": "整改方案", "整改措施、责任人和时限": "召开专题组织生活会。"},
    )
    expect(desk.page.locator(".timeline")).to_contain_text(f"{desk.name} 代录")
    job.desk("sumu1").do("方案审核", job.case, {"方案审核意见": "同意"})


def stall(job: Job) -> None:
    """Do nothing until the supervisor has sent two letters, each in two clicks."""
    desk = job.desk("duban")
    job.wait_for(desk, "签发第一次督办单", job.case)
    job.look_for_barriers(desk, "work desk")
    job.house.effort.forget()
    desk.find_task("签发第一次督办单", job.case).click()
    desk.send("办结")
    effort = job.house.effort
    assert (len(effort.clicks), len(effort.submits), effort.typed) == (2, 1, [])
    job.wait_for(desk, "签发第二次督办单", job.case)
    desk.do("签发第二次督办单", job.case)


def escalate(job: Job) -> None:
    """Let the last term run out: the review opens by itself, and the page says why."""
    desk = job.desk("fubuzhang")
    job.wait_for(desk, "升级研判", job.case)
    desk.go(job.matter_path)
    expect(desk.page.locator(".step-2 .marker")).to_contain_text("阿日善图嘎查党支部")
    desk.page.locator(".step-2 .marker a").click()
    chain = desk.page.get_by_role("region", name="为什么升级").get_by_role("listitem")
    told = [" ".join(each.split()) for each in chain.all_inner_texts()]
    firings = [each for each in told if "转入" in each]
    expected = [
        ("整改期限", "签发第一次督办单"),
        ("第一次督办答复", "签发第二次督办单"),
        ("第二次督办答复", "升级研判"),
    ]
    assert len(firings) == len(expected), told
    for (rule, opened), told_as in zip(expected, firings, strict=True):
        assert f"“{rule}”到期未办" in told_as
        assert f"转入“{opened}”" in told_as
    job.look_for_barriers(desk, "case under review")


def decide_attribution(job: Job) -> None:
    """Let two people decide who is responsible: his case opens."""
    job.desk("fubuzhang").do(
        "升级研判",
        job.case,
        {
            "主要原因": "主观不作为",
            "原因的依据": "两次督办均未落实，分管领导未到村。",
            "研判结论": "责任认定",
            "拟认定责任的人员": PERSON,
            "结论理由": "分管责任人长期不抓整改。",
            "会议纪要号": "部务会纪要〔2026〕3号",
            "出席人数": 5,
        },
        "签署",
    )
    second = job.desk("buzhang")
    second.agree("升级研判", job.case)
    expect(second.page.locator("main")).to_contain_text("已在同一事项下开立个人案件")


def show_to_those_who_may_see(job: Job) -> None:
    """Show the person's case on rung 3 to those who work on it, and to nobody else."""
    desk = job.desk("chengban")
    desk.go(job.matter_path)
    expect(desk.page.locator(".step-2 .marker")).to_contain_text(job.case)
    expect(desk.page.locator(".step-3 .marker")).to_contain_text(PERSON)
    job.look_for_barriers(desk, "matter")
    desk.page.locator(".step-3 .marker a").click()
    desk.declare()
    job.person, job.person_path = desk.heading(), desk.path()
    for username in ("tanhua1", "sumu1"):
        township = job.desk(username)
        township.go(job.matter_path)
        expect(township.page.locator(".ladder")).to_contain_text(job.case)
        expect(township.page.locator("main")).not_to_contain_text(job.person)
        expect(township.page.locator("main")).not_to_contain_text(PERSON)
        assert township.go(job.person_path) == 404


def show_facts(job: Job) -> None:
    """Attribute responsibility, have the start approved, and show the facts."""
    desk, second = job.desk("chengban"), job.desk("shenhe")
    desk.do(
        "责任认定",
        job.person,
        {
            "情形": "不履行或者不正确履行管党治党责任",
            "问题发生起日": "2026-04-01",
            "问题发生止日": "2026-05-01",
            "作为或者不作为": "不作为（不履行）",
            "具体行为": "未督促整改。",
            "因果关系": "不履职是整改逾期的直接原因。",
            "主要原因": "主观不作为",
            "原因的依据": "督办记录。",
            "容错初查": "未见容错情形",
            "责任类别": "主要领导责任",
            "提出单位": "旗委",
            "是否本级党委直接领导的党组织或其主要负责人": "否",
        },
        "签署",
    )
    second.agree("责任认定", job.person)
    job.desk("changwei").do("旗委主要负责人批准启动", job.person, {"启动审批意见": "同意启动"})
    shown = {"事实材料": "逐条事实及证据摘要。", "本人签署": "签署保留意见"}
    desk.do("核实并与本人见面", job.person, shown, "签署")
    second.agree("核实并与本人见面", job.person)


def hear(job: Job) -> None:
    """Enter what the person said; tasks of one officer that follow open as one page."""
    desk = job.desk("chengban")
    desk.enter_paper(
        "陈述申辩",
        job.person_path,
        {
            "纸质件文号或名称": "陈述申辩书",
            "陈述申辩": "已提交",
            "陈述申辩内容": "曾反映人手不足。",
        },
    )
    job.look_for_barriers(desk, "case of a person")
    desk.fill({"逐点意见与采纳理由": "反映属实，采纳。", "采纳条数": 1})
    desk.send("办结")
    desk.fill({"容错审查结论": "不属于容错情形", "理由": "不属于条例所列情形。"})
    desk.send("办结")
    desk.fill({"拟处理方式": "诫勉", "为何不能更轻": "已两次督办仍未改正。"})
    desk.send("办结")


def decide(job: Job) -> None:
    """Have the committee decide, signed by two."""
    job.desk("changwei").do(
        "集体研究决定",
        job.person,
        {
            "决定": "同意拟处理意见",
            "会议纪要号": "常委会纪要〔2026〕8号",
            "应到人数": 11,
            "实到人数": 9,
            "赞成票": 9,
        },
        "签署",
    )
    job.desk("buzhang").agree("集体研究决定", job.person)


def admonish(job: Job) -> None:
    """Give notice, talk, and enter the written self-examination."""
    desk = job.desk("chengban")
    desk.do("送达谈话通知", job.person, {"谈话日期": "2026-07-10"})
    job.desk("tanhua").do(
        "诫勉谈话",
        job.person,
        {
            "谈话人": "布和宁布",
            "记录人": "额日呼白",
            "谈话内容": "指出问题，听取说明，提出要求。",
            "记录签字": "已签字",
        },
        "签署",
    )
    job.desk("peitan").agree("诫勉谈话", job.person)
    desk.enter_paper(
        "书面检查",
        job.person_path,
        {"纸质件文号或名称": "书面检查", "检查内容": "认识到错误，提出改正措施。"},
    )
    effects = desk.page.get_by_role("region", name="对本人的影响")
    expect(effects.get_by_role("listitem")).to_have_count(3)


def close(job: Job) -> None:
    """Look again after the six months, and close the person's case."""
    desk = job.desk("chengban")
    job.wait_for(desk, "六个月了解改正情况", job.person)
    remark = {"改正情况": "已改正", "了解情况": "已有明显改进。"}
    desk.do("六个月了解改正情况", job.person, remark)
    expect(desk.page.locator("main")).to_contain_text("本案已办结")
    expect(desk.page.get_by_role("region", name="为什么升级")).to_have_count(0)
    expect(desk.page.get_by_role("region", name="已过的期限")).to_contain_text("“诫勉影响期”期满")
    job.look_for_barriers(desk, "closed case")


def export(job: Job) -> Path:
    """Ask for the bundle of the person's case, let a principal agree, watch it and take it."""
    desk = job.desk("chengban")
    desk.go(job.person_path)
    desk.page.get_by_role("link", name="导出审计包").click()
    desk.page.get_by_label("交给谁").fill("盟委组织部")
    desk.page.get_by_label("用途").fill("核查")
    job.look_for_barriers(desk, "asking for a bundle")
    with desk.page.expect_navigation():
        desk.page.get_by_role("button", name="申请导出").click()
    state = desk.page.locator("#export-state")
    expect(state).to_contain_text("待同意")
    principal = job.desk("buzhang")
    principal.go(desk.path())
    with principal.page.expect_navigation():
        principal.page.get_by_role("button", name="同意导出", exact=True).click()
    desk.go(desk.path())
    expect(state).to_contain_text("正在等待生成")
    sessions = writing_sessions(job.house.site.app)
    assert run_exports(sessions, job.folder / FOLDER) == {"made": 1}
    # The page asks by itself; nobody reloads it.
    expect(state).to_contain_text("可以下载")
    job.look_for_barriers(desk, "bundle that is ready")
    with desk.page.expect_download() as coming:
        desk.page.get_by_role("button", name="下载审计包").click()
    bundle = job.folder / "bundle.zip"
    coming.value.save_as(bundle)
    shown = state.locator("code").all_text_contents()
    assert hashlib.sha256(bundle.read_bytes()).hexdigest() in shown
    return bundle


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program as a reviewer does, in a folder of its own."""
    return subprocess.run(
        [str(each) for each in command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )


def verify_bundle(bundle: Path) -> None:
    """Verify a bundle with the command and with the program that is in it."""
    by_command = run(Path(sys.executable).with_name("duban"), "verify", bundle)
    assert by_command.returncode == 0, by_command.stdout + by_command.stderr
    script = bundle.with_name("verify.py")
    with zipfile.ZipFile(bundle) as packed:
        script.write_bytes(packed.read("verify.py"))
    alone = run(sys.executable, "-I", script, bundle)
    assert alone.returncode == 0, alone.stdout + alone.stderr


def forge_bundle(bundle: Path) -> None:
    """Change one byte of what was recorded: both verifiers name the file."""
    forged, victim = bundle.with_name("forged.zip"), "records.jsonl"
    content = bytearray(bundle.read_bytes())
    with zipfile.ZipFile(bundle) as packed:
        records = packed.read(victim)
    content[content.index(records) + len(records) // 2] ^= 1
    forged.write_bytes(content)
    for verifier in (
        (Path(sys.executable).with_name("duban"), "verify"),
        (sys.executable, "-I", bundle.with_name("verify.py")),
    ):
        verdict = run(*verifier, forged)
        assert verdict.returncode == 1, verdict.stdout + verdict.stderr
        assert f"'{victim}' is not the one of the manifest" in verdict.stdout, verdict.stdout
