"""What people read of what leaves the house."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.sentences.shared import AGAIN, ASK_ADMIN, CORRECT, OTHERS, Sentence

SENTENCES: dict[str, Sentence] = {
    "export_period_invalid": Sentence(
        422, _l("截止日期 %(to_on)s 早于起始日期 %(from_on)s。"), CORRECT
    ),
    "export_level_too_low": Sentence(
        422, _l("案件 %(number)s 涉及个人，须选择“含涉及个人的内容”。"), CORRECT
    ),
    "export_level_forbidden": Sentence(
        403,
        _l("线索类内容不随审计包外出。"),
        _l("请改选其他内容；确需提供的，按保密规定另行办理。"),
    ),
    "paper_purpose_missing": Sentence(
        422, _l("请写明用途，最多 %(most)s 个字。"), _l("请返回，填写用途后再制作。")
    ),
    "paper_recipient_missing": Sentence(422, _l("请写明主送单位，最多 %(most)s 个字。"), CORRECT),
    "month_invalid": Sentence(422, _l("月报只能做已经开始的月份。"), CORRECT),
    "paper_inspectors_invalid": Sentence(
        422, _l("检查人员须为二至 %(most)s 人，姓名各不相同；也可以都不填，留待手签。"), CORRECT
    ),
    "inspection_report_not_agreed": Sentence(
        403,
        _l("“%(organisation)s”的情况说明要列入涉及个人的案件，须先经另一人同意。"),
        _l("请在单位页申请导出审计包（含涉及个人的内容），经同意后再制作。"),
    ),
    "case_file_not_agreed": Sentence(
        403,
        _l("案件 %(number)s 涉及个人，卷宗外出须先经另一人同意。"),
        _l("请在案件页申请导出审计包（含涉及个人的内容），经同意后再制作卷宗。"),
    ),
    "own_export": Sentence(403, _l("不能同意自己申请的导出。"), OTHERS),
    "export_moved": Sentence(
        409,
        _l("这项导出已经有了变化，刚才的操作没有执行。"),
        _l("请打开该导出的最新页面，看清现状后再办。"),
    ),
    "export_interrupted": Sentence(
        500,
        _l("生成已中断 %(attempts)s 次，没有继续。"),
        _l("请系统管理员查看服务日志和磁盘空间，然后再做一次。"),
    ),
    "export_lost": Sentence(409, _l("这项导出已由另一个进程接手。"), AGAIN),
    "export_changed": Sentence(
        409,
        _l("此前导出过的内容后来有删除，做不出完全相同的文件。"),
        _l("请另行申请一次导出，新的审计包会注明哪些内容已经删除。"),
    ),
    "export_outdated": Sentence(
        409,
        _l("程序版本或者签名密钥在此期间更换过（%(was)s，现为 %(now)s），做不出完全相同的文件。"),
        _l("请另行申请一次导出。"),
    ),
    "export_not_written": Sentence(
        500,
        _l("文件写不进磁盘（%(reason)s）。"),
        _l("请系统管理员检查 instance 文件夹和磁盘空间，然后再做一次。"),
    ),
    "export_crashed": Sentence(
        500, _l("生成时遇到意外情况（%(kind)s），没有文件外出。"), ASK_ADMIN
    ),
    "package_impossible": Sentence(
        500, _l("这个进程只能制作审计包，不能制作巡察审计包，没有文件外出。"), ASK_ADMIN
    ),
    "draw_seed_missing": Sentence(
        422, _l("抽样要填写种子（最多 %(most)s 个字）和至少 1 的件数。"), _l("请补全后再抽。")
    ),
}
