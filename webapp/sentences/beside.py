"""What people read of what stands beside a case, and of recusal."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.sentences.shared import CORRECT, LOOK, OTHERS, Sentence

SENTENCES: dict[str, Sentence] = {
    "beside_unready": Sentence(
        403,
        _l("%(number)s 现在的情况还不能提出这一项。"),
        _l("请打开该案件，在“可以申请、启动”中看清须具备的条件。"),
    ),
    "beside_open": Sentence(
        409,
        _l("同一案件的同类申请正在办理，编号 %(number)s，不能重复提出。"),
        _l("请打开该件查看进展，补充材料在该件中提交。"),
    ),
    "beside_decided": Sentence(
        409,
        _l("同一案件的同类申请已有决定，编号 %(number)s，不再重复受理。"),
        _l("请打开该件查看决定；对该决定不服的，在该件中看可以提出什么。"),
    ),
    "no_public_duty": Sentence(
        403,
        _l("该人没有登记任何公职岗位，不能对其立案（只对党组织和履行公职的人员办理）。"),
        _l("请核对人员；确有职务的，请先在单位页登记任职。普通村民的诉求按单位的问题登记。"),
    ),
    "held_by_beside": Sentence(
        409,
        _l("本案的申请正在办理，编号 %(number)s；答复之前不能作出这一步。"),
        _l("请打开该件查看进展，答复送达后再办。"),
    ),
    "not_above": Sentence(
        400,
        _l("“%(organisation)s”不是本案单位的上级，事项只能向上一级提出。"),
        _l("请选择本案单位所在苏木乡镇、旗县或者盟市的党组织。"),
    ),
    "not_by_subject": Sentence(
        403,
        _l("只能由当事人（当事单位）自己提出，他人不能代替。"),
        _l("请由本人提出；本人没有账号的，凭其书面材料代录，办理人须选本人。"),
    ),
    "declaration_needed": Sentence(
        403,
        _l("打开本案前，须先申报与本案当事人是否有应当回避的关系。"),
        _l("请打开该案件，如实申报后再办。"),
    ),
    "declared_already": Sentence(
        409,
        _l("您已于 %(at)s 就本案申报过，每案只申报一次。"),
        _l("后来出现须回避的情形的，请在案件页申请回避。"),
    ),
    "recused": Sentence(
        403,
        _l("您自 %(at)s 起对本案回避，不再参与，也不能查看。"),
        _l("办理、审批都由另一位有权的人员进行；没有的，提请上级决定。"),
    ),
    "recusal_pending": Sentence(
        403,
        _l("您申报了与本案的关系，正在等待决定；决定前本案对您不开放。"),
        _l("请等待负责人决定。"),
    ),
    "recusal_invalid": Sentence(
        422,
        _l("回避须写明情形、事实和理由，日期不能晚于今天；举报人不得写明姓名。"),
        CORRECT,
    ),
    "recusal_unfit": Sentence(422, _l("只有办理本案的人员才谈得上对本案回避。"), CORRECT),
    "recusal_asked": Sentence(409, _l("该人员对本案的回避已于 %(on)s 提出或者已经决定。"), LOOK),
    "recusal_decided": Sentence(409, _l("这件回避已由%(by)s于 %(at)s 决定。"), LOOK),
    "own_recusal": Sentence(
        403,
        _l("回避由本人自己申请；没有人能决定自己的回避。"),
        _l("主要负责人本人的回避，由上级决定。"),
    ),
    "act_settled": Sentence(409, _l("这一项已由%(by)s于 %(at)s 处理。"), LOOK),
    "own_acts": Sentence(403, _l("回避前所办的事项由他人确认或者重办，不能由本人处理。"), OTHERS),
    "touched_origin": Sentence(
        403,
        _l("经办过原案的人员和原案当事人不能办理这一步，也不能列名。"),
        OTHERS,
    ),
}
