"""What people read of accounts, roles, effects on persons and replies about them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.sentences.shared import ASK_ROLE, CORRECT, LOOK, OTHERS, Sentence

SENTENCES: dict[str, Sentence] = {
    "reply_incomplete": Sentence(
        422, _l("须写明来函单位和文号；类别与建议不同或者退回的，须写明理由。"), CORRECT
    ),
    "reply_class_missing": Sentence(422, _l("请选定回复的类别。"), CORRECT),
    "reply_decided": Sentence(409, _l("回复 %(number)s 已经签发或者退回。"), LOOK),
    "own_reply": Sentence(403, _l("起草回复的人不能自己签发。"), OTHERS),
    "reply_outdated": Sentence(
        409, _l("起草之后，所依据的影响期或者个人案件有了变化。"), _l("请退回后重新起草。")
    ),
    "sealed_unchecked": Sentence(
        422, _l("签发前须由有权查阅的人核对密封的线索和移送。"), _l("请核对后勾选，再签发。")
    ),
    "not_replaceable": Sentence(
        409, _l("只有已签发、对象相同、尚未代替的回复可以重新出具。"), LOOK
    ),
    "not_over_yet": Sentence(409, _l("这一影响尚未期满，或者已被撤销。"), LOOK),
    "notice_issued": Sentence(409, _l("这一影响的届满告知书已经出具。"), LOOK),
    "own_erasure": Sentence(403, _l("申请销毁的人不能自己签署。"), ASK_ROLE),
    "extension_too_long": Sentence(
        422, _l("最多还能延长%(most)s日，申请的%(days)s日超出规定。"), CORRECT
    ),
    "minutes_needed": Sentence(
        422, _l("集体认定须写明会议纪要号和不晚于今天的常委会日期，并至少选定一个结果。"), CORRECT
    ),
    "steps_needed": Sentence(
        422,
        _l(
            "每个结果都要写明自查、苏木乡镇复核、组织部研判的日期，依次在先，不晚于常委会；认定的还要选类型。"
        ),
        CORRECT,
    ),
    "weak_lax_follow_up_invalid": Sentence(
        422,
        _l("请选择一项，数量从 1 到 %(most)s，日期不晚于今天；只有认定过的党组织才记整顿情况。"),
        CORRECT,
    ),
    "weak_lax_follow_up_withdrawn": Sentence(409, _l("这一条已经撤回。"), LOOK),
    "determined_already": Sentence(
        409, _l("事项%(number)s的认定情况已经变动，本次结果不能写入。"), LOOK
    ),
    "registered_already": Sentence(
        409, _l("这份登记已经提交过，编号 %(number)s，没有重复登记。"), LOOK
    ),
    "same_person": Sentence(403, _l("这一步须由另一人办理：%(activity)s是您办的。"), OTHERS),
    "roles_forbidden": Sentence(
        403,
        _l("您在本案中已担任%(other)s，不得再担任%(role)s。"),
        OTHERS,
    ),
    "liaison_accepts": Sentence(403, _l("您包联这个党组织，不得参加对它整改情况的验收。"), OTHERS),
    "pair_needs_reason": Sentence(
        422,
        _l("您在本案中已担任%(other)s，由同一人再担任%(role)s，须说明理由并由主要负责人会签。"),
        _l("请写明理由后再提交；也可以交由本单位其他人员办理。"),
    ),
    "delegation_too_narrow": Sentence(
        403, _l("委托或借调的范围不包括这一步，这一步由“%(roles)s”办理。"), OTHERS
    ),
    "reserved_in_person": Sentence(403, _l("这一步须由本人亲自办理，不能代办。"), OTHERS),
    "delegation_invalid": Sentence(
        422,
        _l("委托或借调须写明文号和起止日期（不超过一年），对象须是另一人，且不是管理员。"),
        CORRECT,
    ),
    "no_superior": Sentence(
        403, _l("%(office)s没有上级单位可以提请。"), _l("请借调人员，或由安全管理员授予角色。")
    ),
    "not_a_section": Sentence(
        403, _l("任务只能转给本单位的另一科室，或提请上级。"), _l("请另选单位。")
    ),
    "not_held": Sentence(
        403, _l("只能委托本人在该范围内持有的角色。"), _l("请核对委托人的角色和范围。")
    ),
    "not_lent": Sentence(
        403, _l("委托由委托人本人或该范围的主要负责人办理。"), _l("请交由他们办理。")
    ),
    "second_administrator": Sentence(
        403, _l("借调由安全管理员批准，申请人和被借调人不能批准。"), _l("请交由安全管理员办理。")
    ),
    "nothing_to_co_sign": Sentence(409, _l("这一步没有等待主要负责人会签。"), LOOK),
    "administrator_acts": Sentence(403, _l("管理员不办理案件；这件事由“%(roles)s”办理。"), OTHERS),
    "own_case": Sentence(
        403, _l("本案涉及您本人，您不能办理。"), _l("请交由他人办理；如有异议，可按程序提出。")
    ),
    "role_missing": Sentence(403, _l("这件事由“%(roles)s”办理。"), ASK_ROLE),
    "password_weak": Sentence(422, _l("新密码不够安全。"), CORRECT),
    "password_wrong": Sentence(422, _l("当前密码不正确。"), CORRECT),
    "username_taken": Sentence(422, _l("登录名 %(username)s 已被使用。"), CORRECT),
    "roles_exclude": Sentence(
        403,
        _l("同一账号不能兼有%(role)s和%(other)s（三员分离）。"),
        _l("请为另一人建立账号，分别授权。"),
    ),
    "own_account": Sentence(403, _l("不能为自己的账号审批或授权。"), _l("请由另一位管理员办理。")),
    "grant_exists": Sentence(422, _l("该账号在该单位已有角色：%(role)s。"), CORRECT),
}
