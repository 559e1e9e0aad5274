"""What work costs an officer at his browser: forms sent, fields typed into, clicks."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.officers import House

MOST_SUBMITS = 16
MOST_TYPED = 10
BRANCH = "阿日善图嘎查党支部"


def register(house: House, **more: str) -> str:
    """Register a problem of the branch and give the case's number."""
    desk = house.desk("dengji")
    desk.go(f"/matters/new?organisation={house.site.branch()}")
    given = {
        "问题类型": "三会一课不按期",
        "问题来源": "随机抽查",
        "问题描述": "上年第四季度未召开党员大会，一月、二月未召开支委会。",
        "办理方式": "按程序办理",
    }
    desk.fill({**given, **more})
    assert desk.send("登记") == 200
    return desk.heading()


def test_a_fix_on_the_spot_takes_two_submits(house: House) -> None:
    number = register(house, 办理方式="立行立改", 整改情况="会议已补开，台账已补齐。")
    desk = house.desk("chengban")
    desk.do("立行立改确认", number, {"确认结论": "确已整改"})
    expect(desk.page.locator("main")).to_contain_text("本案已办结")
    assert len(house.effort.submits) == 2, house.effort.submits
    assert len(house.effort.typed) == 2, house.effort.typed


def test_c01_takes_at_most_sixteen_submits_and_ten_typed_fields(house: House) -> None:
    number = register(house)
    path = house.desk("dengji").path()
    criticise(house, number)
    rectify(house, number, path)
    accept(house, number)
    house.site.at("2026-08-31")
    desk = house.desk("chengban")
    desk.do("回头看", number, {"回头看结论": "未反弹"})
    expect(desk.page.locator("main")).to_contain_text("本案已办结")
    effort = house.effort
    assert len(effort.submits) <= MOST_SUBMITS, effort.submits
    assert len(effort.typed) <= MOST_TYPED, effort.typed


def criticise(house: House, number: str) -> None:
    """Accept, verify by two, and talk."""
    house.site.at("2026-03-12")
    house.desk("chengban").do("受理审查", number, {"受理意见": "受理"})
    house.site.at("2026-03-20")
    verified: dict[str, str | int | list[str]] = {
        "核实结论": "属实",
        "情形": "履职不到位",
        "问题程度": "一般",
        "起步档": "批评教育",
        "被核实方意见": "无异议",
    }
    house.desk("heshi1").do("核实", number, verified, "签署")
    house.desk("heshi2").agree("核实", number)
    house.site.at("2026-03-24")
    talk: dict[str, str | int | list[str]] = {
        "谈话人": "布和宁布",
        "记录人": "额日呼白",
        "谈话对象态度": "接受",
        "记录签字": "已签字",
        "书面检查": "不要求",
        "批评教育结果": "转限期整改",
    }
    house.desk("tanhua").do("批评教育谈话", number, talk)


def rectify(house: House, number: str, path: str) -> None:
    """Serve the notice, and enter plan, progress and report from paper."""
    desk, township = house.desk("chengban"), house.desk("sumu1")
    house.site.at("2026-03-26")
    served = {"送达方式": "直接送达签收", "报送整改方案": "须报送", "报送进展": "须报送"}
    desk.do("下达整改通知书", number, served)
    house.site.at("2026-04-07")
    plan = {"纸质件文号或名称": "整改方案", "整改措施、责任人和时限": "四月补开，书记负责。"}
    desk.enter_paper("报送整改方案", path, plan)
    house.site.at("2026-04-09")
    township.do("方案审核", number, {"方案审核意见": "同意"})
    house.site.at("2026-04-24")
    progress = {"纸质件文号或名称": "第一次进展报告", "本期完成情况": "党员大会已补开。"}
    desk.enter_paper("报送进展", path, progress)
    house.site.at("2026-05-18")
    report = {"纸质件文号或名称": "整改报告", "逐条完成情况": "四项问题逐条整改到位。"}
    desk.enter_paper("报送整改报告", path, report)


def accept(house: House, number: str) -> None:
    """Accept in the township, by two people of the banner, and close."""
    house.site.at("2026-05-21")
    house.desk("sumu1").do("苏木乡镇初验", number, {"初验意见": "合格"})
    house.site.at("2026-05-27")
    scored: dict[str, str | int | list[str]] = {
        "验收得分": 82,
        "方式": "现场",
        "满意率（%）": 91,
        "民主测评": "已组织",
        "不满意票占比（%）": 9,
    }
    house.desk("yanshou1").do("两人验收", number, scored, "签署")
    house.desk("yanshou2").agree("两人验收", number)
    house.site.at("2026-05-29")
    house.desk("fubuzhang").do(
        "销号审批", number, {"销号意见": "同意销号", "公示": "已向党员和群众公示"}
    )
