"""Which page of the handbook helps on which screen, and three answers that stand there at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Help:
    """When one needs a screen, who may use it, what follows; ``page`` of how-to says it at length.

    ``section`` is the second-level heading to begin at, from 1; 0 is the top.
    """

    page: str
    when: Any
    who: Any
    then: Any
    section: int = 0


LOG_IN = Help(
    "log-in",
    _l("每天开始办理之前；离开座位要退出。"),
    _l("由系统管理员建立、安全管理员批准的账号。第一次登录须换掉一次性密码。"),
    _l("只看到本人角色和单位范围内的内容。填到一半登录到期的，重新登录后原样还在。"),
)
_HOME = Help(
    "work-at-the-desk",
    _l("每天先看这里：我手上的任务按缓急排列，旁边是今晚巡检要推进的案件和原因。"),
    _l("承办、分管、督办等各角色，各看各的范围。"),
    _l("领取的任务由您办理；没有人办的，到期由巡检交给下一级的人，系统不替人作决定。"),
)
_WORKLIST = Help(
    "work-at-the-desk",
    _l("要找一批任务，或者对许多任务做同一件事：领取、退回、转办、催办。"),
    _l("勾选框只出现在您可以办的行；能不能领取按角色、单位、回避和岗位分离逐行判断。"),
    _l("每一行单独办理，下一页逐行说明结果；催办、转办都记入案件。"),
    1,
)
_REGISTER = Help(
    "register-a-matter",
    _l("检查、巡察、信访或者日常工作中发现一个党组织的问题。"),
    _l("登记人（R01）和承办人（R03），限本人范围内的单位。"),
    _l("生成事项和它的第一个案件，先受理、再由两人核实；从哪一档办起在核实时才定。"),
)
_MATTER = Help(
    "register-a-matter",
    _l("要看一个问题的全貌：它的各个案件走到哪一档、以前有没有类似事项。"),
    _l("看得到其中一个案件的人；涉及个人的案件另须授权。"),
    _l("从这里进入各案件；并案、反弹、来源反馈也从这里办。"),
)
_CASE = Help(
    "do-a-task",
    _l("办理一项任务，或者想知道案件走到哪里、下一步是谁、还有几天。"),
    _l("任务卡上写明的角色和单位；查看的范围更大，办理只限这些人。"),
    _l("每一步都成为一条办理记录，不能改写；一分钟内可以撤回，之后只能更正。"),
)
_WHY = Help(
    "explain-a-case",
    _l("有人问：为什么升级、为什么到我这里、为什么是这一天、接下来会怎样。"),
    _l("看得到这个案件的人；超出您授权的条件只写“未予显示”。"),
    _l("只是查看，不改变案件；打印时全部展开。"),
    1,
)
_PAPERS = Help(
    "make-documents",
    _l("任务办完之后要出具、编号、送达文书，或者要先看样子。"),
    _l("办理本案的人；看得到案件的人可以下载已编号的文书。"),
    _l("编号以后文书不再变化；送达以送达回证为准，系统内消息不算送达。"),
)
_PAPER_ENTRY = Help(
    "paper-and-late",
    _l("没有账号的人在纸上办了事，或者按期办了却没有及时登记。"),
    _l("本案经办人录入；补录须另一人确认。"),
    _l("记录写明谁办的、谁录的；因补录不再成立的升级由系统撤回，不改写记录。"),
)
_BESIDE = Help(
    "open-beside-a-case",
    _l("当事人申诉、申请容错，或者要自行纠正、澄清、移送。"),
    _l("页面列出谁可以提出、期限怎么算；没有账号的按纸质材料代录。"),
    _l("另开一个案件，由没有参与过的人办理；原决定在此期间是否执行，页面写明。"),
)
_OWN = Help(
    "your-own-case",
    _l("您是案件的当事人，要看文书、陈述意见、申诉或者申请回避。"),
    _l("只有本人；别人的案件和办案的内部材料都不显示。"),
    _l("提交的内容进入案件，由办理人答复；不使用本系统、用纸质材料提出，效力相同。"),
)
_ORGANISATION = Help(
    "register-a-matter",
    _l("要找一个单位，看它的职务、责任清单和过去、现在的事项。"),
    _l("本人范围内的单位。"),
    _l("从这里登记问题、导出台账和案卷、办理职务交接。"),
)
_OVERVIEW = Help(
    "overview",
    _l("要知道一个地方的任务停在哪一档、逾期多少、反弹多少。"),
    _l("各看各的范围；只有事项和组织，没有个人，也不排名。"),
    _l("点数字看到对应的任务；调度会的议定事项记入案件备注，不推动案件。"),
)
_EXPORT = Help(
    "export-and-verify",
    _l("要把记录交给评查、巡察的人，由对方自己核验。"),
    _l("办案角色在本人范围内；含涉及个人内容的，须另一人同意。"),
    _l("先留记录，再出文件；文件保存七天，下载也留记录。"),
)
_PACKS = Help(
    "change-a-pack",
    _l("要看规则怎么规定，或者要改一个期限、一个环节。"),
    _l("各角色可以查看；一人提交，另一人审批。"),
    _l("通过核查和审批后，新开案件按新版本办理；在办案件不变，除非另作迁移方案。"),
)
_AUDIT = Help(
    "audit",
    _l("要知道谁看过什么，或者要核验全部记录是否完整。"),
    _l("安全审计员（R20）；看得到记录，看不到案件内容。"),
    _l("只是查看和核验，不能改动任何东西。"),
)
_ACCOUNTS = Help(
    "accounts-and-roles",
    _l("有人到岗、离岗、换角色，或者忘了密码。"),
    _l("系统管理员建账号，安全管理员批准和授权，安全审计员只看：三员互相分开。"),
    _l("授权从指定的日子起生效，收回后仍留在记录里。"),
)
_DETERMINATION = Help(
    "determine-weak-and-lax",
    _l("常委会集体研究认定（或者退出）软弱涣散之后。"),
    _l("承办和集体决定两个角色；系统自己不认定。"),
    _l("结果写入各案件的记录；整顿情况统计表由此统计。"),
)
_CLEARANCE = Help(
    "answer-about-effects",
    _l("有单位来函询问一个人有没有影响期未满。"),
    _l("承办、审核、主要负责人；不能查本人。"),
    _l("一人起草、主要负责人另一人签发；之后影响被撤销的，提示重新出具。"),
)
_INFORMANTS = Help(
    "protect-an-informant",
    _l("要告知、联系反映问题的人，或者要指定由谁打开。"),
    _l("主要负责人指定的人；登记人登记后也不能再看。"),
    _l("每次打开都写明理由、留下记录；文书、导出和查询中都没有。"),
)
_RECUSAL = Help(
    "recusal",
    _l("您与案件一方有关系，有人申请回避，或者要决定回避。"),
    _l("人人须自行申报；由主要负责人决定，涉及其本人的报上级。"),
    _l("决定回避后不再看到和办理这个案件，也不能批准与它有关的事。"),
)
_MIGRATION = Help(
    "migrate-running-cases",
    _l("新版规则也要用于在办案件。"),
    _l("规则包的提交人作方案，主要负责人另一人批准。"),
    _l("逐案迁移，各留一条记录；期限不缩短，除非方案逐案列明。"),
)

_CALENDAR = Help(
    "change-the-calendar",
    _l("放假通知下达，或者本地另有放假、调休。"),
    _l("系统管理员提出；影响正在计时的期限的，由另一位系统管理员或安全管理员审批。"),
    _l("先看影响：期限推后的自动推后，提前的须逐案告知确认。"),
)
# By endpoint where a screen has its own, otherwise by its part of the pages.
HELP: dict[str, Help] = {
    "account": LOG_IN,
    "administration": _ACCOUNTS,
    "audit": _AUDIT,
    "beside": _BESIDE,
    "break_glass": Help(
        "open-a-case-in-need",
        _l("紧急情况下，要打开一件无人有权打开的案件。"),
        _l("安全审计员提出，主要负责人同意。"),
        _l("一人、一案、24 小时，到时自动关闭，记入例外清单并报告上级。"),
    ),
    "calendars": _CALENDAR,
    "calendar_proposals": _CALENDAR,
    "case_acts": _PAPER_ENTRY,
    "cases": _CASE,
    "cases.timetable": _PAPERS,
    "cases.why": _WHY,
    "clearance": _CLEARANCE,
    "corrections": Help(
        "correct-a-mistake",
        _l("发现一条记录填错了。"),
        _l("填写这条记录的角色，或者本案承办人；涉及个人的须另一人确认。"),
        _l("新增一条更正记录，旧记录保留；案件位置和期限都不变。"),
    ),
    "delegations": Help(
        "act-for-somebody",
        _l("出差、休假前要有人代办，或者一项任务没有人能办。"),
        _l("本人把自己的角色交给他人，最长一年；主要负责人也可以指定。"),
        _l("记录写作“乙（代甲）”；到期自动结束，随时可以收回。"),
    ),
    "determinations": _DETERMINATION,
    "digests": Help(
        "due-dates-outside",
        _l("想在邮箱里看到每天的待办。"),
        _l("本人，邮箱限本单位的域名。"),
        _l("工作日八时一封，没有内容就不发；不写人名，也不写涉及个人的案件。"),
        2,
    ),
    "documents": _PAPERS,
    "exchange": Help(
        "import-organisations",
        _l("已有 Excel 表：单位、任职、责任清单或者事项。"),
        _l("系统管理员导入单位和任职，登记人、承办人导入事项。"),
        _l("先预览；有问题的行退回一张写明原因的表，其余照常导入。"),
        1,
    ),
    "exports": _EXPORT,
    "filters": _WORKLIST,
    "home": _HOME,
    "incidents": Help(
        "watch-the-installation",
        _l("页面提示有异常待处理，或者巡检没有按时运行。"),
        _l("系统管理员处理；各案件的办理人看得到与本案有关的异常。"),
        _l("处理只是重试或者关闭，不替任何人作决定。"),
    ),
    "informants": _INFORMANTS,
    "inspection_reports": Help(
        "make-an-inspection-report",
        _l("要向巡察、督查的人提交一个单位的情况说明。"),
        _l("可以导出的角色；涉及个人的内容须另一人先同意。"),
        _l("生成 docx 或 PDF，留下记录后下载。"),
    ),
    "interventions": Help(
        "register-an-intervention",
        _l("有人无故打听案情，或者说情、干预。"),
        _l("遇到的人如实登记；只有纪检监察机关主要负责人和安全审计员可以看。"),
        _l("登记后密封，被登记的人看不到，登记的人也不能再看。"),
    ),
    "joint_reports": Help(
        "ask-less-of-the-base",
        _l("一个单位有几份进展报告在相近几天到期。"),
        _l("该单位的书记；单位没有账号的，承办人凭一张纸质表代录。"),
        _l("每份写入各自的案件，逐份说明结果；报送不成的留作草稿。"),
        3,
    ),
    "letters": Help(
        "make-documents",
        _l("一次签发许多督办单。"),
        _l("督办（R12），限本人可以办理的任务。"),
        _l("每份单独签发、编号、留记录，合成一个 PDF 打印。"),
        1,
    ),
    "matters": _MATTER,
    "matters.new": _REGISTER,
    "mergers": Help(
        "merge-matters",
        _l("两个事项说的是同一个问题，或者要记下该向谁反馈。"),
        _l("承办人和领导；来源在外单位或者措施已开始的，须另一人同意。"),
        _l("被并的案件停在原处，通知书送达前可以拆分。"),
    ),
    "migrations": _MIGRATION,
    "organisation_changes": Help(
        "hand-over-a-post",
        _l("职务换人，或者单位合并、撤销。"),
        _l("承办人、分管和主要负责人。"),
        _l("期限照常走；前任只对自己在任的时间负责。"),
    ),
    "organisations": _ORGANISATION,
    "overview": _OVERVIEW,
    "overview.asked": Help(
        "ask-less-of-the-base",
        _l("想知道一个月里向各嘎查村提出了多少事项，谁快到上限。"),
        _l("看得到该单位案件的人；数字对各人相同，逐项只列能查看的案件。"),
        _l("按规则要报的照计不拒；催办和批量督办到上限须写明理由，列入月报的例外。"),
    ),
    "own": _OWN,
    "packs.backtest": Help(
        "back-test-a-change",
        _l("想知道新规则用在往年案件上会怎样。"),
        _l("规则包的提交人和审批人。"),
        _l("只是推演，不写入任何案件。"),
    ),
    "packs": _PACKS,
    "process_logs": Help(
        "mine-the-process",
        _l("要用过程分析工具看办理过程。"),
        _l("可以导出的角色。"),
        _l("导出 XES 或者 OCEL 文件，留下记录。"),
    ),
    "publications": Help(
        "publish-a-measure",
        _l("集体研究决定公开一件处理结果。"),
        _l("一人提出，另一人决定。"),
        _l("系统不自动公开任何内容；到期提示撤下。"),
    ),
    "recusals": _RECUSAL,
    "responsibility": Help(
        "keep-the-responsibility-list",
        _l("一个职务的责任有增减。"),
        _l("承办人、分管和主要负责人。"),
        _l("旧条目保留；认定责任时只能选事发当日有效的条目。"),
    ),
    "review_packages": Help(
        "review-package",
        _l("巡察组来查，要一整套材料。"),
        _l("可以导出的角色和安全审计员。"),
        _l("台账、案卷、例外清单和审计包装在一个文件里，可以抽样核对。"),
    ),
    "secret_words": Help(
        "keep-secrets-out",
        _l("本系统不得存放涉密内容，要维护拦截用的词。"),
        _l("安全管理员。"),
        _l("含有拦截词的不予提交；含有提醒词的，须声明不含涉密内容。"),
    ),
    "session": LOG_IN,
    "staff": Help(
        "check-the-staff",
        _l("想知道现有的人够不够走完一个案件。"),
        _l("主要负责人、案件监督管理、系统和安全管理员。"),
        _l("指出哪一步没有人能办；补人须另行授权。"),
    ),
    "superior": Help(
        "register-a-matter",
        _l("收到反映上级管理的单位或者人员的材料。"),
        _l("登记人只登记信封，主要负责人转交。"),
        _l("五个工作日内转交；内容不得录入本系统。"),
        2,
    ),
    "supervisions": Help(
        "supervise-a-case",
        _l("纪检线要督办一个案件。"),
        _l("纪检机关的承办、分管和主要负责人。"),
        _l("只看不办：纳入和结束记入案件，期间本机关每次查看都有记录。"),
    ),
    "tasks": _CASE,
    "tour": Help(
        "work-at-the-desk",
        _l("第一次看演示。"),
        _l("任何人；数据都是虚构的。"),
        _l("照着走十一站，随时可以结束，也可以重新开始。"),
    ),
    "webhooks": Help(
        "tell-another-system",
        _l("别的系统要知道案件走了一步。"),
        _l("系统管理员。"),
        _l("通知带签名，送不到会重试，不影响办案。"),
    ),
    "worklist": _WORKLIST,
}


def help_for(endpoint: str | None) -> Help | None:
    """Give the help of the screen that an endpoint shows, where it has one."""
    if endpoint is None:
        return None
    return HELP.get(endpoint) or HELP.get(endpoint.partition(".")[0])
