"""What people read of posts that change hands, units that end, matters that are merged."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.sentences.shared import CORRECT, LOOK, Sentence

SENTENCES: dict[str, Sentence] = {
    "nothing_earlier": Sentence(403, _l("%(number)s 没有因放假通知会提前的期限。"), LOOK),
    "certificate_needed": Sentence(
        422,
        _l("因重病、不可抗力暂停的，须有证明：种类、编号、出具单位和起止日期，缺一不可。"),
        _l("请取得证明后再暂停；证明后补的，到时按补录暂停办理。"),
    ),
    "certificate_unfit": Sentence(
        422,
        _l("证明的期间是 %(from_on)s 至 %(until_on)s，不包括暂停之日 %(on)s。"),
        _l("事由在此前已经开始的，按补录暂停办理；期间已过的，须有新的证明。"),
    ),
    "duty_incomplete": Sentence(
        422, _l("责任清单的一条须写明职务、职责、依据和起始日期；终止的，写明依据和日期。"), CORRECT
    ),
    "duty_untimely": Sentence(
        422,
        _l("责任清单最早自 %(earliest)s 起修改或者终止，以前的不作改变。"),
        CORRECT,
    ),
    "duty_listed": Sentence(409, _l("这一职务的这项职责已在清单上，自 %(from_on)s 起。"), LOOK),
    "duty_over": Sentence(409, _l("这项职责已于 %(on)s 终止。"), LOOK),
    "tenure_over": Sentence(409, _l("%(post)s的这一任已于 %(on)s 结束。"), LOOK),
    "before_appointment": Sentence(
        422,
        _l("%(first_on)s 不晚于现任的任职日 %(from_on)s，不能作为接任日。"),
        _l("请核对任免文件上的日期；任职日登记有误的，先更正人员表再登记交接。"),
    ),
    "held_already": Sentence(
        409,
        _l("接任人自 %(from_on)s 起已任%(post)s，同一人不能重复任同一职务。"),
        _l("请核对接任人；同名的，在人员表中按人员编号区分。"),
    ),
    "handover_signed": Sentence(409, _l("这次交接已于 %(on)s 签字。"), LOOK),
    "organisation_over": Sentence(
        409, _l("%(name)s已于 %(on)s 撤销。"), _l("请在其承继单位的页面办理。")
    ),
    "successor_unfit": Sentence(
        422, _l("承继单位须是本旗县内同一层级、尚未撤销的另一单位。"), CORRECT
    ),
    "units_below": Sentence(
        403,
        _l("%(name)s还有 %(count)s 个下级单位。"),
        _l("请先逐个登记下级单位的撤并，或者先在单位表中改变其隶属。"),
    ),
    "merge_reason_missing": Sentence(422, _l("并案、不同意并案和拆分都须写明理由。"), CORRECT),
    "other_organisation": Sentence(
        403,
        _l("只有同一单位的事项可以并案，%(other)s 属于另一单位。"),
        _l("请分别办理；两个单位撤并的，先在单位页登记撤并。"),
    ),
    "merged_already": Sentence(
        409,
        _l("%(number)s 已经并案，或者已有人提出并案。"),
        _l("请打开该事项的并案页；要改并到别处的，先拆分。"),
    ),
    "nothing_to_merge": Sentence(
        403,
        _l("%(number)s 没有办理中的组织案件，不能并案。"),
        _l("已办结的事项，请在新事项中写明关联。"),
    ),
    "served_already": Sentence(
        403,
        _l("%(number)s 的整改通知已于 %(on)s 送达，不能再并案或者拆分。"),
        _l("通知没有写到的问题，请另行登记事项、另发通知。"),
    ),
    "feedback_unknown": Sentence(
        403,
        _l("%(number)s 来自外部，还没有登记向谁反馈、何时反馈，不能并案。"),
        _l("请先在该事项的“并案与反馈”页登记反馈责任。"),
    ),
    "merge_decided": Sentence(409, _l("这件并案已有结论。"), LOOK),
    "own_merge": Sentence(
        403, _l("提出并案的人不能自己同意。"), _l("请由另一位分管领导或者主要负责人决定。")
    ),
    "feedback_invalid": Sentence(422, _l("请选择向谁反馈，并写明依据的来文。"), CORRECT),
    "feedback_given": Sentence(409, _l("这项反馈已于 %(on)s 登记。"), LOOK),
}
