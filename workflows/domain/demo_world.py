"""塔林盟: a made-up league with one banner at work, for the demo; no name in it is real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.domain.organisations import BODY_SUFFIX, Kind
from workflows.domain.roles import Role
from workflows.domain.subjects import SubjectCategory
from workflows.domain.worlds import PREFIX, MadeUnit

TITLE = "塔林盟督办演示（演示数据·虚构）"
REGION = f"{PREFIX}01"
LEAGUE = f"{REGION}01"
BANNER = f"{LEAGUE}01"
TOWNSHIPS = 5

_BANNERS = (
    "苏布德旗",
    "那日图旗",
    "伊拉图旗",
    "呼格尔旗",
    "敖登旗",
    "白彦图旗",
    "安丰县",
    "塔林浩特市",
)
_TOWNSHIPS = ("吉日嘎图苏木", "海日图苏木", "朝伦图苏木", "南斯勒镇", "宝日霍镇")
# A line for each township.
_GACHAS = (
    (
        "阿日善图嘎查",
        "格根图嘎查",
        "查干扎德嘎查",
        "哈日莫图嘎查",
        "额布苏图嘎查",
        "浩雅图嘎查",
        "温都苏嘎查",
        "苏米雅图嘎查",
    ),
    (
        "萨如拉图嘎查",
        "洪格日图嘎查",
        "塔本浩图嘎查",
        "都日木图嘎查",
        "乌力图嘎查",
        "巴音赫图嘎查",
        "其日格图嘎查",
        "阿如塔拉嘎查",
    ),
    (
        "伊和淖图嘎查",
        "满都宝嘎查",
        "希日莫图嘎查",
        "哈木尔图嘎查",
        "扎兰图嘎查",
        "莫力图嘎查",
        "特布日图嘎查",
        "柳泉畔村",
    ),
    (
        "东滩湾村",
        "北沟岔村",
        "新丰台村",
        "石桥坎村",
        "三合甸村",
        "南坪洼村",
        "青禾垄村",
        "驼铃社区",
    ),
    (
        "长胜畈村",
        "双河汊村",
        "前湾堰村",
        "大榆圩村",
        "黄土墕村",
        "上水磑村",
        "平川埂村",
        "河畔新苑社区",
    ),
)
_FIRST = (
    "阿古",
    "巴图",
    "苏和",
    "朝鲁",
    "哈斯",
    "乌恩",
    "特木",
    "那仁",
    "布和",
    "孟和",
    "额日",
    "牧仁",
    "宝音",
    "敖其",
    "格日",
    "伊德",
    "斯日",
    "图门",
    "吉仁",
)
_SECOND = (
    "拉泰",
    "苏荣",
    "毕力",
    "陶克",
    "木伦",
    "其尔",
    "图雅",
    "巴根",
    "宁布",
    "高娃",
    "呼白",
    "达赖",
    "敖敏",
)


@dataclass(frozen=True, slots=True)
class DemoPost:
    """Somebody's post; `organisation` is a code."""

    staff_code: str
    name: str
    post: str
    organisation: str
    category: SubjectCategory


@dataclass(frozen=True, slots=True)
class DemoDuty:
    """A line of the responsibility list."""

    organisation: str
    post: str
    content: str
    basis: str


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody who can log in: `office` is the code of his desk, `over` where his roles reach."""

    username: str
    title: str
    roles: tuple[Role, ...]
    office: str
    over: str
    staff_code: str


def demo_units() -> tuple[MadeUnit, ...]:
    """Give the region, the league, its banners, and the banner at work with its 40 gachas."""
    units = [
        MadeUnit(REGION, "苍原自治区", "", 1),
        MadeUnit(LEAGUE, "塔林盟", REGION, 2),
    ]
    units += [
        MadeUnit(f"{LEAGUE}{number:02d}", name, LEAGUE, 3)
        for number, name in enumerate(_BANNERS, start=1)
    ]
    units += [
        MadeUnit(township_code(number), name, BANNER, 4)
        for number, name in enumerate(_TOWNSHIPS, start=1)
    ]
    units += [
        MadeUnit(f"{township_code(township)}{number:03d}", name, township_code(township), 5)
        for township, gachas in enumerate(_GACHAS, start=1)
        for number, name in enumerate(gachas, start=1)
    ]
    return tuple(units)


def township_code(number: int) -> str:
    """Give the code of the n-th township of the banner at work, from 1."""
    return f"{BANNER}{number:03d}"


def body(unit: str, kind: Kind) -> str:
    """Give the code of a body of a unit."""
    return unit + BODY_SUFFIX[kind]


def demo_posts() -> tuple[DemoPost, ...]:
    """Give everybody who holds a post: the banner's officers, township leaders, secretaries."""
    posts = [
        DemoPost(f"{PREFIX}{code}", _person_name(place), post, organisation, category)
        for place, (code, post, organisation, category) in enumerate(_post_lines())
    ]
    return tuple(posts)


def _post_lines() -> Iterator[tuple[str, str, str, SubjectCategory]]:
    cadre = SubjectCategory.BANNER_CADRE
    for account in _ACCOUNTS:
        yield account.staff_code.removeprefix(PREFIX), account.title, account.office, cadre
    for number in range(1, TOWNSHIPS + 1):
        committee = body(township_code(number), Kind.COMMITTEE)
        yield f"T{number}1", "党委书记", committee, cadre
        yield f"T{number}2", "党委副书记", committee, cadre
        yield f"T{number}3", "组织委员", committee, cadre
    for unit in demo_units():
        if unit.level == 5:
            branch = body(unit.code, Kind.BRANCH)
            place = unit.code.removeprefix(BANNER)
            yield f"G{place}", "党支部书记", branch, SubjectCategory.GACHA_SECRETARY
    # Last, so that nobody's name changes: names are drawn in this order.
    for account in _DISCIPLINE_LINE:
        yield account.staff_code.removeprefix(PREFIX), account.title, account.office, cadre


def _person_name(place: int) -> str:
    return _FIRST[place % len(_FIRST)] + _SECOND[place % len(_SECOND)]


def demo_duties() -> tuple[DemoDuty, ...]:
    """Give the responsibility list that attribution needs."""
    local = "本单位自定：党建工作责任清单（演示）"
    duties = []
    for number in range(1, TOWNSHIPS + 1):
        committee = body(township_code(number), Kind.COMMITTEE)
        duties += [
            DemoDuty(
                committee, "党委书记", "对嘎查村党组织整改负第一责任，亲自审签方案和初验", local
            ),
            DemoDuty(
                committee,
                "党委副书记",
                "督促嘎查村党组织按期整改，收到督办单后五个工作日内答复",
                local,
            ),
            DemoDuty(committee, "组织委员", "审核三会一课台账，每月到嘎查村核对一次", local),
        ]
    duties += [
        DemoDuty(post.organisation, post.post, "主持支部工作，按期落实三会一课和整改方案", local)
        for post in demo_posts()
        if post.category is SubjectCategory.GACHA_SECRETARY
    ]
    return tuple(duties)


def demo_accounts() -> tuple[DemoAccount, ...]:
    """Give those who log in, in the order in which a visitor meets them."""
    townships = tuple(
        DemoAccount(
            f"sumu{number}",
            "党委书记",
            (Role.DEPUTY, Role.PRINCIPAL),
            body(township_code(number), Kind.COMMITTEE),
            township_code(number),
            f"{PREFIX}T{number}1",
        )
        for number in range(1, TOWNSHIPS + 1)
    )
    talkers = tuple(
        DemoAccount(
            f"tanhua{number}",
            "党委副书记",
            (Role.TALKER,),
            body(township_code(number), Kind.COMMITTEE),
            township_code(number),
            f"{PREFIX}T{number}2",
        )
        for number in range(1, TOWNSHIPS + 1)
    )
    return _ACCOUNTS[:-3] + _DISCIPLINE_LINE + townships + talkers + _ACCOUNTS[-3:]


def _officer(
    username: str, title: str, roles: tuple[Role, ...], kind: Kind, code: str, unit: str = BANNER
) -> DemoAccount:
    return DemoAccount(username, title, roles, body(unit, kind), unit, f"{PREFIX}{code}")


_ORGANISATION = Kind.ORGANISATION
_ACCOUNTS = (
    _officer("dengji", "基层组织科科员", (Role.INTAKE,), _ORGANISATION, "B01"),
    _officer("heshi1", "基层组织科核实员", (Role.VERIFIER,), _ORGANISATION, "B02"),
    _officer("heshi2", "干部监督科核实员", (Role.VERIFIER,), _ORGANISATION, "B03"),
    _officer("chengban", "基层组织科科长", (Role.HANDLER,), _ORGANISATION, "B04"),
    _officer("shenhe", "干部监督科科长", (Role.REVIEWER,), _ORGANISATION, "B05"),
    _officer("fubuzhang", "组织部副部长", (Role.DEPUTY,), _ORGANISATION, "B06"),
    _officer("buzhang", "组织部部长", (Role.PRINCIPAL,), _ORGANISATION, "B07"),
    _officer("changwei", "旗委常委会秘书", (Role.COMMITTEE,), Kind.COMMITTEE, "B08"),
    _officer("tanhua", "组织部谈话人", (Role.TALKER,), _ORGANISATION, "B09"),
    _officer("peitan", "组织部陪谈人", (Role.TALKER,), _ORGANISATION, "B10"),
    _officer("jilu", "干部科记录员", (Role.RECORDER,), _ORGANISATION, "B11"),
    _officer("duban", "督查室督查员", (Role.SUPERVISOR,), Kind.SUPERVISION, "B12"),
    _officer("yanshou1", "验收组组长", (Role.ACCEPTOR,), _ORGANISATION, "B13"),
    _officer("yanshou2", "验收组成员", (Role.ACCEPTOR,), _ORGANISATION, "B14"),
    _officer("yanshou3", "验收组成员", (Role.ACCEPTOR,), _ORGANISATION, "B15"),
    _officer(
        "mengwei", "盟委组织部督导员", (Role.SUPERVISOR, Role.DEPUTY), _ORGANISATION, "L01", LEAGUE
    ),
    _officer("anguan", "综合科案管员", (Role.CASE_SUPERVISOR,), _ORGANISATION, "B16"),
    _officer("fuhe1", "复核组组长", (Role.APPEAL_REVIEWER,), _ORGANISATION, "B17"),
    _officer("fuhe2", "复核组成员", (Role.APPEAL_REVIEWER,), _ORGANISATION, "B18"),
    _officer("fuhe3", "复核组成员", (Role.APPEAL_REVIEWER,), _ORGANISATION, "B19"),
    # Whoever verified in a case verifies no request for tolerance beside it.
    _officer("heshi3", "政策研究室核实员", (Role.VERIFIER,), _ORGANISATION, "B24"),
    _officer("heshi4", "政策研究室主任", (Role.VERIFIER,), _ORGANISATION, "B25"),
    _officer("baolian", "包联单位联络员", (Role.LIAISON,), Kind.COMMITTEE, "B20"),
    _officer("dangan", "档案室档案员", (Role.ARCHIVIST,), _ORGANISATION, "B21"),
    _officer("kaohe", "考核办考核员", (Role.ASSESSOR,), _ORGANISATION, "B22"),
    _officer("lingdao", "旗委办公室主任", (Role.LEADER_VIEW,), Kind.COMMITTEE, "B23"),
    _officer("xitong", "系统管理员", (Role.SYSTEM_ADMIN,), _ORGANISATION, "L02", LEAGUE),
    _officer("anquan", "安全管理员", (Role.SECURITY_ADMIN,), _ORGANISATION, "L03", LEAGUE),
    _officer("shenji", "安全审计员", (Role.AUDIT_ADMIN,), Kind.DISCIPLINE, "L04", LEAGUE),
)
# Who supervises what the organisation line handles, advises it and asks why nothing began:
# their roles are held in the discipline office alone.
_DISCIPLINE = body(BANNER, Kind.DISCIPLINE)
_DISCIPLINE_LINE = tuple(
    DemoAccount(username, title, (role,), _DISCIPLINE, _DISCIPLINE, f"{PREFIX}D0{number}")
    for number, (username, title, role) in enumerate(
        (
            ("jiancha", "监督检查室干部", Role.HANDLER),
            ("jiwei", "纪委副书记", Role.DEPUTY),
            ("jiweishuji", "纪委书记", Role.PRINCIPAL),
        ),
        start=1,
    )
)
