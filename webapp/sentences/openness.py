"""What people read of what is sealed, published, opened in need, or named in a document."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.sentences.shared import CORRECT, LOOK, Sentence

SENTENCES: dict[str, Sentence] = {
    "document_issued": Sentence(409, _l("该文书已经编号：%(number)s。"), LOOK),
    "document_unnumbered": Sentence(
        409, _l("“%(name)s”是内部表格或记录，不编号。"), _l("直接打印、下载即可。")
    ),
    "secret_found": Sentence(
        422,
        _l("%(where)s含有“%(words)s”，不能提交：本系统不得存储、处理国家秘密。"),
        _l(
            "请不要在本系统填写或者上传，按保密规定另行办理；没有保存任何内容，也没有写入日志。确属误判的，请安全管理员调整涉密词表。"
        ),
    ),
    "secret_undeclared": Sentence(
        422,
        _l("上传附件须声明不含国家秘密。%(words)s"),
        _l("请返回上一页，勾选“不含国家秘密”的声明后重新提交，填写的内容都在；附件须重新选择。"),
    ),
    "secret_word_invalid": Sentence(
        422,
        _l("词语须为 2 至 %(longest)s 个字。"),
        CORRECT,
    ),
    "provision_invalid": Sentence(
        422, _l("须写明提供给哪个机关和用途，每项不超过 %(longest)s 字。"), CORRECT
    ),
    "provision_decided": Sentence(409, _l("已经决定，或者已经取走。"), LOOK),
    "own_provision": Sentence(
        403,
        _l("提出的人不能自己同意。"),
        _l("请由另一名可以看登记的人同意，例如安全审计员或者上级纪检监察机关主要负责人。"),
    ),
    "approach_invalid": Sentence(
        422,
        _l("须填写何人、涉及哪一案和不晚于今天的日期，每项不超过 %(longest)s 字。"),
        CORRECT,
    ),
    "informant_named": Sentence(
        422,
        _l("文字或者附件中有不得写入案件的内容：请不要写明是谁反映的。"),
        _l("请删去反映问题的人的姓名、联系方式后重新提交；本次提交已提示主要负责人。"),
    ),
    "leak_invalid": Sentence(
        422,
        _l("请填写本事项案件的编号、记录序号或者附件号，并写明情况，不超过 %(longest)s 字。"),
        CORRECT,
    ),
    "leak_closed": Sentence(
        409,
        _l("已经封存，或者是您本人登记的，须由另一人封存。"),
        LOOK,
    ),
    "publication_invalid": Sentence(
        422,
        _l("须填写公开什么、在哪里、范围、会议纪要号和不早于今天的截止日期。"),
        CORRECT,
    ),
    "not_published": Sentence(
        403,
        _l("按规则不公开：案件未办结、已封存，或者该措施一般不公开。"),
        _l("组织调整、组织处理办结后可以提出；其他措施须规则允许并写明理由。"),
    ),
    "publication_decided": Sentence(
        409,
        _l("已经决定，或者是您本人提出的，须由另一人决定。"),
        LOOK,
    ),
    "break_glass_invalid": Sentence(
        422,
        _l("须填写未封存的案件、在当地任职且既非当事人也未回避的人员和理由。"),
        CORRECT,
    ),
    "supervises": Sentence(
        403,
        _l("您代表纪检监察机关督办本案，只查阅，不办理。"),
        _l("有意见的，另行发出建议书，或者询问为何未启动。"),
    ),
    "supervision_invalid": Sentence(
        422, _l("请写明事由或者结果，不超过 %(longest)s 字。"), CORRECT
    ),
    "not_supervisable": Sentence(
        403,
        _l("纳入督办的，须是组织部门在办的党组织案件；涉及个人的、已封存的、已办结的不纳入。"),
        LOOK,
    ),
    "supervised_already": Sentence(409, _l("本机关已经在督办这一案件。"), LOOK),
    "break_glass_decided": Sentence(409, _l("已经决定。"), LOOK),
    "own_glass": Sentence(
        403, _l("提出的人和要开放给的人不能表示同意。"), _l("请由另一名主要负责人决定。")
    ),
    "informant_invalid": Sentence(
        422,
        _l("实名举报须填写举报人姓名，每项不超过 %(longest)s 字。"),
        CORRECT,
    ),
    "opening_unfounded": Sentence(
        422,
        _l("须写明理由或者方式，不超过 %(longest)s 字；日期不能早于存入之日或者晚于今天。"),
        CORRECT,
    ),
    "reader_unfit": Sentence(
        422,
        _l("只能指定办理该事项的人员，不能是登记人、当事人、回避人员和指定人本人。"),
        _l("请另选一人。"),
    ),
    "informant_erased": Sentence(
        409,
        _l("举报人的情况已于 %(on)s 按清册删除，不能再读。"),
        _l("无须您做什么。"),
    ),
    "notice_untimely": Sentence(
        409,
        _l("已登记过告知，或者事项还没有办结。"),
        LOOK,
    ),
    "stub_invalid": Sentence(
        422,
        _l("收到日期不能晚于今天；封口编号只能填编号，不能写文字内容。"),
        CORRECT,
    ),
    "stub_forwarded": Sentence(
        409,
        _l("该件已于 %(on)s 转交。"),
        _l("请刷新列表查看。"),
    ),
}
