"""For every error of Duban a status, what happened and what to do.

Sentences are in Chinese; English stands in translations/en/errors.po. ``%(name)s`` takes an
attribute of the error. A test demands that no error is without a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Sentence:
    """A status, what happened and what to do."""

    status: int
    happened: Any
    to_do: Any


AGAIN = _l("请返回上一页，刷新后再试。")
_ASK_ADMIN = _l("请把这句话和时间告诉系统管理员。")
_ASK_ROLE = _l("如确需办理，请联系安全管理员核对您的角色和范围。")
_CORRECT = _l("请按提示改正后重新提交，已填写的内容仍在页面上。")
_LOOK = _l("请打开该件的最新页面，看清现状后再办。")
_LOOK_MIGRATION = _l("请打开迁移方案的最新页面，看清现状后再办。")
_PACK = _l("请规则包的维护人员按提示改正规则包后再试。")
_VERSION = _l("请打开该版本的页面，看清现状后再办。")
_SIGNING_KEY = _l("请系统管理员恢复 instance/signing.key，并检查其内容和权限。")
_OTHERS = _l("请交由本单位其他人员办理，或报负责人指定人员。")

_BUNDLE = Sentence(
    422,
    _l("审计包核验没有通过。"),
    _l("请保留原件，用 duban verify 查看是哪一处不符，并向出具单位核实。"),
)
_JOURNAL = Sentence(
    500,
    _l("办理记录前后不一致，系统已停止本次操作。"),
    _l("请系统管理员运行 duban rebuild --check，并保留数据库副本备查。"),
)
_ENGINE = Sentence(
    500,
    _l("流程规则在这一步不能推进，案件没有变化。"),
    _l("请把案件编号和时间告诉规则包的维护人员。"),
)
_EXPRESSION = Sentence(422, _l("规则包中有一处条件不能使用。"), _PACK)
_FILE = Sentence(422, _l("导入的文件不能使用，没有写入任何内容。"), _CORRECT)

SENTENCES: dict[str, Sentence] = {
    "document_issued": Sentence(409, _l("该文书已经编号：%(number)s。"), _LOOK),
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
        _CORRECT,
    ),
    "approach_invalid": Sentence(
        422,
        _l("须填写何人、涉及哪一案和不晚于今天的日期，每项不超过 %(longest)s 字。"),
        _CORRECT,
    ),
    "informant_named": Sentence(
        422,
        _l("文字或者附件中有不得写入案件的内容：请不要写明是谁反映的。"),
        _l("请删去反映问题的人的姓名、联系方式后重新提交；本次提交已提示主要负责人。"),
    ),
    "leak_invalid": Sentence(
        422,
        _l("请填写本事项案件的编号、记录序号或者附件号，并写明情况，不超过 %(longest)s 字。"),
        _CORRECT,
    ),
    "leak_closed": Sentence(
        409,
        _l("已经封存，或者是您本人登记的，须由另一人封存。"),
        _LOOK,
    ),
    "publication_invalid": Sentence(
        422,
        _l("须填写公开什么、在哪里、范围、会议纪要号和不早于今天的截止日期。"),
        _CORRECT,
    ),
    "not_published": Sentence(
        403,
        _l("按规则不公开：案件未办结、已封存，或者该措施一般不公开。"),
        _l("组织调整、组织处理办结后可以提出；其他措施须规则允许并写明理由。"),
    ),
    "publication_decided": Sentence(
        409,
        _l("已经决定，或者是您本人提出的，须由另一人决定。"),
        _LOOK,
    ),
    "break_glass_invalid": Sentence(
        422,
        _l("须填写未封存的案件、在当地任职且不是当事人的人员和理由。"),
        _CORRECT,
    ),
    "break_glass_decided": Sentence(409, _l("已经决定。"), _LOOK),
    "own_glass": Sentence(
        403, _l("提出的人和要开放给的人不能表示同意。"), _l("请由另一名主要负责人决定。")
    ),
    "informant_invalid": Sentence(
        422,
        _l("实名举报须填写举报人姓名，每项不超过 %(longest)s 字。"),
        _CORRECT,
    ),
    "opening_unfounded": Sentence(
        422,
        _l("须写明理由或者方式，不超过 %(longest)s 字；日期不能早于存入之日或者晚于今天。"),
        _CORRECT,
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
        _LOOK,
    ),
    "stub_invalid": Sentence(
        422,
        _l("收到日期不能晚于今天；封口编号只能填编号，不能写文字内容。"),
        _CORRECT,
    ),
    "stub_forwarded": Sentence(
        409,
        _l("该件已于 %(on)s 转交。"),
        _l("请刷新列表查看。"),
    ),
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
        _l("本案由他人办理，无须您做什么。"),
    ),
    "recusal_pending": Sentence(
        403,
        _l("您申报了与本案的关系，正在等待决定；决定前本案对您不开放。"),
        _l("请等待负责人决定。"),
    ),
    "recusal_invalid": Sentence(
        422,
        _l("回避须写明情形、事实和理由，日期不能晚于今天；举报人不得写明姓名。"),
        _CORRECT,
    ),
    "recusal_unfit": Sentence(422, _l("只有办理本案的人员才谈得上对本案回避。"), _CORRECT),
    "recusal_asked": Sentence(409, _l("该人员对本案的回避已于 %(on)s 提出或者已经决定。"), _LOOK),
    "recusal_decided": Sentence(409, _l("这件回避已由%(by)s于 %(at)s 决定。"), _LOOK),
    "own_recusal": Sentence(
        403,
        _l("回避由本人自己申请；没有人能决定自己的回避。"),
        _l("主要负责人本人的回避，由上级决定。"),
    ),
    "nothing_earlier": Sentence(403, _l("%(number)s 没有因放假通知会提前的期限。"), _LOOK),
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
    "tenure_over": Sentence(409, _l("%(post)s的这一任已于 %(on)s 结束。"), _LOOK),
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
    "handover_signed": Sentence(409, _l("这次交接已于 %(on)s 签字。"), _LOOK),
    "organisation_over": Sentence(
        409, _l("%(name)s已于 %(on)s 撤销。"), _l("请在其承继单位的页面办理。")
    ),
    "successor_unfit": Sentence(
        422, _l("承继单位须是本旗县内同一层级、尚未撤销的另一单位。"), _CORRECT
    ),
    "units_below": Sentence(
        403,
        _l("%(name)s还有 %(count)s 个下级单位。"),
        _l("请先逐个登记下级单位的撤并，或者先在单位表中改变其隶属。"),
    ),
    "not_relapsed": Sentence(
        403,
        _l("%(number)s 不是本单位已办结的同类事项，不能登记为它的反弹。"),
        _l("请核对问题类型和以往的事项；不是反弹的，选“不是反弹”后再登记。"),
    ),
    "merge_reason_missing": Sentence(422, _l("并案、不同意并案和拆分都须写明理由。"), _CORRECT),
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
    "merge_decided": Sentence(409, _l("这件并案已有结论。"), _LOOK),
    "own_merge": Sentence(
        403, _l("提出并案的人不能自己同意。"), _l("请由另一位分管领导或者主要负责人决定。")
    ),
    "feedback_invalid": Sentence(422, _l("请选择向谁反馈，并写明依据的来文。"), _CORRECT),
    "feedback_given": Sentence(409, _l("这项反馈已于 %(on)s 登记。"), _LOOK),
    "act_settled": Sentence(409, _l("这一项已由%(by)s于 %(at)s 处理。"), _LOOK),
    "own_acts": Sentence(403, _l("回避前所办的事项由他人确认或者重办，不能由本人处理。"), _OTHERS),
    "touched_origin": Sentence(
        403,
        _l("经办过原案的人员和原案当事人不能办理这一步，也不能列名。"),
        _OTHERS,
    ),
    "error": Sentence(500, _l("系统遇到了意外情况。"), _ASK_ADMIN),
    "invalid_input": Sentence(422, _l("填写的内容不能接受。"), _CORRECT),
    "not_allowed": Sentence(403, _l("您的角色不能办理这件事。"), _ASK_ROLE),
    "not_found": Sentence(
        404,
        _l("没有找到，或者不在您的查看范围内。"),
        _l("请核对编号；如应当能看到，请联系安全管理员核对您的范围。"),
    ),
    "conflict": Sentence(409, _l("别人抢先一步改动了同一件事，您的提交没有写入。"), _LOOK),
    # the database
    "storage_failed": Sentence(
        503,
        _l("数据库没有收下这次改动，什么也没有写入。"),
        _l("请稍后再试；若持续出现，请告诉系统管理员检查磁盘空间和数据库。"),
    ),
    "scope_missing": Sentence(500, _l("系统拒绝了一次没有范围限定的查询。"), _ASK_ADMIN),
    "schema_newer": Sentence(
        503, _l("数据库由更新版本的程序建立，本程序不能打开。"), _l("请系统管理员升级程序。")
    ),
    "schema_unknown": Sentence(
        503, _l("数据库没有说明是哪一版结构，可能由未发布的程序建立。"), _ASK_ADMIN
    ),
    "schema_older": Sentence(
        503,
        _l("数据库是旧版程序建立的，只读方式不能升级。"),
        _l("请先用本版程序启动一次服务，再重新运行。"),
    ),
    "schema_for_owner": Sentence(
        503,
        _l("数据库是旧版程序建立的，须由表的所有者升级。"),
        _l("请系统管理员设置 DUBAN_OWNER_DATABASE_URL 后启动一次。"),
    ),
    "role_too_powerful": Sentence(
        503,
        _l("连接数据库的角色权限过大，有可能改写办理记录，系统不启动。"),
        _l("请系统管理员按说明分设所有者和应用两个数据库角色。"),
    ),
    "owner_missing": Sentence(
        503,
        _l("在 PostgreSQL 上正式安装须分设所有者和应用两个数据库角色。"),
        _l("请系统管理员设置 DUBAN_OWNER_DATABASE_URL。"),
    ),
    "schema_missing": Sentence(
        503, _l("数据库里还没有安装督办系统。"), _l("请系统管理员先运行 duban init。")
    ),
    "installed_already": Sentence(
        409, _l("这个数据库里已经安装了督办系统。"), _l("请直接使用，或者另选一个数据库。")
    ),
    "settings_invalid": Sentence(500, _l("系统设置有误，不能启动。"), _ASK_ADMIN),
    "clock_backwards": Sentence(
        503, _l("服务器时钟倒退，系统已停止办理。"), _l("请系统管理员校准服务器时钟。")
    ),
    "true_clock_only": Sentence(403, _l("正式安装的时钟不能拨动。"), _ASK_ADMIN),
    "vault_missing": Sentence(
        503, _l("找不到主密钥，办理记录不能读写。"), _l("请系统管理员恢复 instance/master.key。")
    ),
    "master_key_unusable": Sentence(
        503, _l("主密钥不能使用。"), _l("请系统管理员检查 instance/master.key 的内容和权限。")
    ),
    "dump_failed": Sentence(503, _l("备份或者恢复没有完成。"), _ASK_ADMIN),
    "tool_missing": Sentence(503, _l("缺少 PostgreSQL 的备份工具。"), _ASK_ADMIN),
    "target_in_use": Sentence(409, _l("目标位置已有内容，没有覆盖。"), _ASK_ADMIN),
    "backup_broken": Sentence(409, _l("备份不完整，或者被改动过。"), _ASK_ADMIN),
    "backup_of_other_kind": Sentence(409, _l("备份与要恢复的数据库种类不同。"), _ASK_ADMIN),
    "notary_missing": Sentence(503, _l("找不到签名密钥，存证点不能签发。"), _SIGNING_KEY),
    "signing_key_missing": Sentence(
        503, _l("签名密钥不见了，而此前已用它签发过存证点。"), _SIGNING_KEY
    ),
    "signing_key_foreign": Sentence(
        503, _l("现有签名密钥与签发过存证点的密钥不符。"), _SIGNING_KEY
    ),
    "signing_key_unusable": Sentence(503, _l("签名密钥不能使用。"), _SIGNING_KEY),
    "signing_key_not_lost": Sentence(
        409,
        _l("签名密钥还在，不能按遗失处理。"),
        _l("请系统管理员用 duban log rotate-key 正常更换。"),
    ),
    "recipient_invalid": Sentence(422, _l("请用不超过 120 个字写明存证点交给谁。"), _CORRECT),
    "log_differs": Sentence(
        500,
        _l("存证与办理记录不一致。"),
        _l("请保留数据库副本，用 duban log verify 查看是哪一处，并与库外的存证点核对。"),
    ),
    "key_history_broken": Sentence(
        503,
        _l("历次签名密钥的清单前后不一致。"),
        _l("请系统管理员从备份恢复 instance/keys.jsonl。"),
    ),
    "checkpoint_file_broken": Sentence(
        503,
        _l("库外保存的存证点文件不能使用，暂不签发新的存证点。"),
        _l(
            "请系统管理员核对 instance/checkpoints 中的文件：属于其他安装或已损坏的，移到别处保存。"
        ),
    ),
    "sm3_missing": Sentence(
        503,
        _l("要求使用国密 SM3，但本机的 OpenSSL 不支持。"),
        _l("请系统管理员更换运行环境，或者将 DUBAN_SM3 设为 0。"),
    ),
    "seal_broken": Sentence(500, _l("一条记录的内容与密钥不符，不能打开。"), _ASK_ADMIN),
    "payload_erased": Sentence(
        410, _l("这条记录的内容已依规删除，只保留存证。"), _l("需要了解原由的，请联系档案人员。")
    ),
    "nothing_to_erase": Sentence(404, _l("没有可以销毁的内容。"), _CORRECT),
    "kept_still": Sentence(
        409,
        _l("有 %(count)s 个案件尚未办完，或者办结不满 %(years)s 年，不能销毁。"),
        _l("待核查的后果、待确认的更正和补录也算未办完。请待全部案件办结期满后再列入销毁清册。"),
    ),
    "erasure_unfounded": Sentence(
        422, _l("须写明销毁清册编号和理由，理由不超过 %(longest)s 字。"), _CORRECT
    ),
    "erasure_waiting": Sentence(409, _l("已有人申请销毁，正待第二人签署。"), _LOOK),
    "erasure_decided": Sentence(409, _l("第 %(number)s 号销毁申请已有结论。"), _LOOK),
    # effects on persons and replies about them
    "reply_incomplete": Sentence(
        422, _l("须写明来函单位和文号；类别与建议不同或者退回的，须写明理由。"), _CORRECT
    ),
    "reply_decided": Sentence(409, _l("回复 %(number)s 已经签发或者退回。"), _LOOK),
    "own_reply": Sentence(403, _l("起草回复的人不能自己签发。"), _OTHERS),
    "reply_outdated": Sentence(
        409, _l("起草之后，所依据的影响期或者个人案件有了变化。"), _l("请退回后重新起草。")
    ),
    "sealed_unchecked": Sentence(
        422, _l("签发前须由有权查阅的人核对密封的线索和移送。"), _l("请核对后勾选，再签发。")
    ),
    "not_replaceable": Sentence(
        409, _l("只有已签发、对象相同、尚未代替的回复可以重新出具。"), _LOOK
    ),
    "not_over_yet": Sentence(409, _l("这一影响尚未期满，或者已被撤销。"), _LOOK),
    "notice_issued": Sentence(409, _l("这一影响的届满告知书已经出具。"), _LOOK),
    "own_erasure": Sentence(403, _l("申请销毁的人不能自己签署。"), _ASK_ROLE),
    # people and roles
    "extension_too_long": Sentence(
        422, _l("最多还能延长%(most)s日，申请的%(days)s日超出规定。"), _CORRECT
    ),
    "minutes_needed": Sentence(422, _l("集体认定须写明会议纪要号，并至少选定一个结果。"), _CORRECT),
    "determined_already": Sentence(
        409, _l("事项%(number)s的认定情况已经变动，本次结果不能写入。"), _LOOK
    ),
    "registered_already": Sentence(
        409, _l("这份登记已经提交过，编号 %(number)s，没有重复登记。"), _LOOK
    ),
    "same_person": Sentence(403, _l("这一步须由另一人办理：%(activity)s是您办的。"), _OTHERS),
    "roles_forbidden": Sentence(
        403,
        _l("您在本案中已担任%(other)s，不得再担任%(role)s。"),
        _OTHERS,
    ),
    "liaison_accepts": Sentence(403, _l("您包联这个党组织，不得参加对它整改情况的验收。"), _OTHERS),
    "pair_needs_reason": Sentence(
        422,
        _l("您在本案中已担任%(other)s，由同一人再担任%(role)s，须说明理由并由主要负责人会签。"),
        _l("请写明理由后再提交；也可以交由本单位其他人员办理。"),
    ),
    "delegation_too_narrow": Sentence(
        403, _l("委托或借调的范围不包括这一步；办理它需要角色：%(roles)s。"), _OTHERS
    ),
    "reserved_in_person": Sentence(403, _l("这一步须由本人亲自办理，不能代办。"), _OTHERS),
    "delegation_invalid": Sentence(
        422,
        _l("委托或借调须写明文号和起止日期（不超过一年），对象须是另一人，且不是管理员。"),
        _CORRECT,
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
    "nothing_to_co_sign": Sentence(409, _l("这一步没有等待主要负责人会签。"), _LOOK),
    "administrator_acts": Sentence(
        403, _l("管理员不办理案件；办理这件事需要角色：%(roles)s。"), _OTHERS
    ),
    "own_case": Sentence(
        403, _l("本案涉及您本人，您不能办理。"), _l("请交由他人办理；如有异议，可按程序提出。")
    ),
    "role_missing": Sentence(403, _l("办理这件事需要角色：%(roles)s。"), _ASK_ROLE),
    "password_weak": Sentence(422, _l("新密码不够安全。"), _CORRECT),
    "password_wrong": Sentence(422, _l("当前密码不正确。"), _CORRECT),
    "username_taken": Sentence(422, _l("登录名 %(username)s 已被使用。"), _CORRECT),
    "roles_exclude": Sentence(
        403,
        _l("同一账号不能兼有%(role)s和%(other)s（三员分离）。"),
        _l("请为另一人建立账号，分别授权。"),
    ),
    "own_account": Sentence(403, _l("不能为自己的账号审批或授权。"), _l("请由另一位管理员办理。")),
    "grant_exists": Sentence(422, _l("该账号在该单位已有角色：%(role)s。"), _CORRECT),
    # work on cases
    "validation_failed": Sentence(422, _l("有几处需要改正，没有写入。"), _CORRECT),
    "task_already_done": Sentence(
        409, _l("这项任务已由%(by)s于 %(at)s 办结，您的提交没有写入。"), _LOOK
    ),
    "task_held": Sentence(
        409, _l("这项任务已由%(by)s领取。"), _l("请与其联系；需要改由您办理的，请负责人转办。")
    ),
    "case_not_open": Sentence(409, _l("案件 %(number)s 已不在办理中，您的提交没有写入。"), _LOOK),
    "moment_unreadable": Sentence(
        400, _l("看不出“%(text)s”是哪一天。"), _l("请写成 2026-03-12，或 2026-03-12T09:30。")
    ),
    "moment_ahead": Sentence(
        400, _l("%(text)s 还没有到，没有那时的记录。"), _l("请另选今天或今天以前的日期。")
    ),
    "not_opened_yet": Sentence(
        404,
        _l("%(at)s 时本案还没有开立，开立时间是 %(opened_at)s。"),
        _l("请选开立以后的日期；更早的情况见同一事项的其他案件。"),
    ),
    "not_standing": Sentence(409, _l("案件已经离开这一步，您的提交没有写入。"), _LOOK),
    "signed_already": Sentence(
        403, _l("您已经签过，第二个签名必须由另一人完成。"), _l("请另一位有权人员签名。")
    ),
    "second_person_needed": Sentence(
        403, _l("补录须由另一人确认，录入人不能自己确认。"), _l("请另一位有权人员确认。")
    ),
    "nothing_late": Sentence(
        422, _l("这项行为之后没有期限到期，不需要补录。"), _l("请按普通事项录入。")
    ),
    "correction_reason_needed": Sentence(
        422, _l("更正须写明理由，不超过 %(longest)s 字。"), _CORRECT
    ),
    "nothing_to_correct": Sentence(
        422, _l("第 %(seq)s 条没有填写可以更正的内容。"), _l("请在填写了有误内容的那一条上更正。")
    ),
    "fact_not_set": Sentence(
        422,
        _l("第 %(seq)s 条没有填写“%(fact)s”，无从更正。"),
        _l("请按流程填写；当时办错了的，按补录或依职权纠正办理。"),
    ),
    "fact_unchanged": Sentence(
        422, _l("与第 %(seq)s 条现在的内容相同，没有要更正的。"), _l("请改动有误的一项，再提交。")
    ),
    "fact_computed": Sentence(
        422,
        _l("“%(fact)s”由规则推算或系统带入，不能直接更正。"),
        _l("请更正据以推算的内容，并在核查后果时处理。"),
    ),
    "fact_rewritten": Sentence(
        422,
        _l("“%(fact)s”在第 %(seq)s 条之后又由第 %(later)s 条写入。"),
        _l("请更正第 %(later)s 条。"),
    ),
    "content_erased": Sentence(
        409,
        _l("第 %(seq)s 条的内容已按规定销毁，不能更正。"),
        _l("记录的存在仍可核验；确需说明的，另立文书。"),
    ),
    "case_moved": Sentence(
        409,
        _l("%(number)s 在您填写期间有了新的记录，现已到第 %(seq)s 条，更正没有保存。"),
        _l("请重新打开更正页面，看清现状后再填。"),
    ),
    "correction_waits": Sentence(
        409,
        _l("%(number)s 已有一项更正等待第二人确认。"),
        _l("请先由另一人确认或不予确认，再提出新的更正。"),
    ),
    "finding_needed": Sentence(
        422, _l("核查后果须选定结论，并写明理由（不超过 %(longest)s 字）。"), _CORRECT
    ),
    "reviewed_apart": Sentence(
        422, _l("“核查后果”不推进案件，以结论办结。"), _l("请在案件页选定结论、写明理由。")
    ),
    "not_open_then": Sentence(422, _l("这项任务在 %(on)s 还没有开始或已经结束。"), _CORRECT),
    "several_sign": Sentence(
        403, _l("“%(task)s”须由多人签名，不能凭一份材料补录。"), _l("请各签名人分别办理。")
    ),
    "date_missing": Sentence(422, _l("这里须填写日期，例如 2026-05-25。"), _CORRECT),
    "pause_impossible": Sentence(
        422,
        _l("自 %(from_on)s 起的暂停与这项计时不符：它从 %(anchor_on)s 起算。"),
        _CORRECT,
    ),
    "step_not_reached": Sentence(
        409,
        _l("案件 %(id)s 第 %(seq)s 条记录的 %(what)s 与流程引擎重新计算的结果不同。"),
        _l("请保留这份审计包，并向出具单位核实这条记录。"),
    ),
    "replay_impossible": Sentence(
        409,
        _l("%(what)s 不是流程引擎所用的形式，无法重新计算。"),
        _l("请保留这份审计包，并向出具单位核实。"),
    ),
    "trace_ends": Sentence(
        409,
        _l("记录中的判断与流程图所问的不符：%(expression)s。"),
        _l("请向出具单位核实这条记录。"),
    ),
    "replay_differs": Sentence(
        409,
        _l("案件 %(number)s 的办理记录与现状不符，没有写入。"),
        _l("请管理员运行 duban rebuild --check。"),
    ),
    "rows_unknown": Sentence(
        409,
        _l("案件 %(id)s 的数据无法由办理记录恢复。"),
        _l("请管理员运行 duban rebuild --check。"),
    ),
    "handled_elsewhere": Sentence(
        403,
        _l("案件 %(number)s 的事项已由其他程序办理，不能恢复办理。"),
        _l("请终结本案，或者待其他程序办结后再定。"),
    ),
    "effects_started": Sentence(
        403,
        _l("案件 %(number)s 的处理已经生效，不能直接终止。"),
        _l("请按程序撤销原处理决定。"),
    ),
    "paper_needed": Sentence(422, _l("代录须有原件：扫描件或者文号。"), _CORRECT),
    "paper_in_future": Sentence(422, _l("代录的日期不能晚于今天。"), _CORRECT),
    "late_entry_needed": Sentence(
        422,
        _l("%(on)s 的行为早于一个已经到期的期限，不能直接代录。"),
        _l("请改用补录，由另一人确认。"),
    ),
    "own_account_needed": Sentence(
        403, _l("%(name)s 有自己的账号，须由本人办理，不能代录。"), _l("请联系本人登录办理。")
    ),
    "decides_case": Sentence(403, _l("您参与决定本案，不能代录当事人的材料。"), _OTHERS),
    "nothing_to_export": Sentence(
        404, _l("没有可以导出的案件。"), _l("请核对编号和您的查看范围。")
    ),
    "nothing_fits": Sentence(
        404, _l("没有符合条件、您又可以带走的案件。"), _l("请放宽期间或单位，或核对您的查看范围。")
    ),
    # exports
    "export_period_invalid": Sentence(
        422, _l("截止日期 %(to_on)s 早于起始日期 %(from_on)s。"), _CORRECT
    ),
    "export_level_too_low": Sentence(
        422, _l("案件 %(number)s 涉及个人，须选择“含涉及个人的内容”。"), _CORRECT
    ),
    "export_level_forbidden": Sentence(
        403,
        _l("线索类内容不随审计包外出。"),
        _l("请改选其他内容；确需提供的，按保密规定另行办理。"),
    ),
    "paper_purpose_missing": Sentence(
        422, _l("请写明用途，最多 %(most)s 个字。"), _l("请返回，填写用途后再制作。")
    ),
    "paper_recipient_missing": Sentence(422, _l("请写明主送单位，最多 %(most)s 个字。"), _CORRECT),
    "paper_inspectors_invalid": Sentence(
        422, _l("检查人员须为二至 %(most)s 人，姓名各不相同；也可以都不填，留待手签。"), _CORRECT
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
    "own_export": Sentence(403, _l("不能同意自己申请的导出。"), _OTHERS),
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
        500, _l("生成时遇到意外情况（%(kind)s），没有文件外出。"), _ASK_ADMIN
    ),
    "package_impossible": Sentence(
        500, _l("这个进程只能制作审计包，不能制作巡察审计包，没有文件外出。"), _ASK_ADMIN
    ),
    "draw_seed_missing": Sentence(
        422, _l("抽样要填写种子（最多 %(most)s 个字）和至少 1 的件数。"), _l("请补全后再抽。")
    ),
    # time
    "invalid_budget": Sentence(422, _l("期限写法不对。"), _l("请写成“10 工作日”“60 天”或日期。")),
    "date_out_of_range": Sentence(
        422, _l("日期超出日历范围（%(first_year)s—%(last_year)s 年）。"), _CORRECT
    ),
    "invalid_pause": Sentence(422, _l("暂停的结束日期早于开始日期。"), _CORRECT),
    "invalid_calendar": Sentence(422, _l("日历表不能使用。"), _CORRECT),
    "calendar_missing": Sentence(500, _l("缺少计算期限所用的日历版本。"), _ASK_ADMIN),
    "anchor_missing": Sentence(
        422, _l("期限的起算日期还没有填写。"), _l("请先填写该日期（如送达日期）再提交。")
    ),
    "naive_time": Sentence(500, _l("系统遇到了没有时区的时间。"), _ASK_ADMIN),
    # packs and files
    "period_empty": Sentence(
        404,
        _l("%(from_on)s 至 %(to_on)s 没有登记过事项，没有可回测的案件。"),
        _l("请改选有案件的时段。"),
    ),
    "period_backwards": Sentence(
        422, _l("起始日 %(from_on)s 晚于截止日 %(to_on)s。"), _l("请改正起止日期。")
    ),
    "processes_lacking": Sentence(
        422, _l("规则包缺少该时段案件所走的流程：%(processes)s。"), _PACK
    ),
    "too_many_matters": Sentence(
        422,
        _l("该时段有 %(matters)s 件事项，页面一次最多回测 %(most)s 件。"),
        _l("请缩短时段，或请系统管理员用 duban simulate --attach-by 回测后附到版本上。"),
    ),
    "facts_lacking": Sentence(
        422,
        _l("办理行为写过的要素，规则包没有声明或不接受其取值：%(facts)s。"),
        _PACK,
    ),
    "pack_missing": Sentence(500, _l("缺少本案所用的规则包版本。"), _ASK_ADMIN),
    "same_version": Sentence(
        422, _l("在办案件已经在用这个版本。"), _l("请选择另一个版本作为迁移的目标。")
    ),
    "version_not_approved": Sentence(
        409,
        _l("版本 %(label)s 没有生效，在办案件不能迁移过去。"),
        _l("请先按程序批准该版本，到生效日后再迁移。"),
    ),
    "migration_open": Sentence(
        409,
        _l("这个版本的在办案件已有一份迁移方案没有办完。"),
        _l("请先审批、撤回或等它执行完毕。"),
    ),
    "migration_decided": Sentence(
        409, _l("这份迁移方案已由他人处理，您的操作没有写入。"), _LOOK_MIGRATION
    ),
    "own_migration": Sentence(
        403, _l("迁移方案是您提交的，须由另一人审批。"), _l("请另一位主要负责人审批。")
    ),
    "not_its_submitter": Sentence(
        403, _l("迁移方案不是您提交的，不能由您撤回。"), _l("请提交人撤回，或由审批人退回。")
    ),
    "plan_stale": Sentence(
        409,
        _l("方案提出后案件又有办理：有 %(count)s 处位置或期限不在方案里，没有批准。"),
        _l("请退回这份方案，由提交人按现状重新提出。"),
    ),
    "plan_unseen": Sentence(409, _l("您看到的不是这份方案的最新内容。"), _LOOK_MIGRATION),
    "migrated_since": Sentence(
        409,
        _l("本案后来迁移到了规则包的新版本，按补录的情况推演时在新版本上没有对应的位置。"),
        _l("请不要补录，改由主要负责人按现状决定，并在理由中写明。"),
    ),
    "something_followed": Sentence(
        409,
        _l("案件 %(number)s 迁移后已有新的办理，不能退回原版本。"),
        _l("请让它在新版本上继续办理。"),
    ),
    "pack_invalid": Sentence(422, _l("规则包有 %(count)s 处问题，没有安装。"), _PACK),
    # publishing a pack
    "version_there": Sentence(
        409,
        _l("这个规则包（版本 %(label)s）已于 %(at)s 由%(by)s提交过。"),
        _l("如有改动，请先修改 pack.toml 中的版本号再提交。"),
    ),
    "label_taken": Sentence(
        422,
        _l("版本号“%(label)s”已用于另一个内容不同的版本。"),
        _l("请在 pack.toml 中改用新的版本号后再提交。"),
    ),
    "other_pack": Sentence(
        422,
        _l("这是规则包“%(found)s”，本单位使用的是“%(expected)s”。"),
        _l("请核对 pack.toml 中的 id。"),
    ),
    "note_missing": Sentence(422, _l("请填写理由，1 至 %(longest)s 个字。"), _CORRECT),
    "date_too_early": Sentence(422, _l("生效日期不能早于 %(earliest_on)s。"), _CORRECT),
    "not_waiting": Sentence(
        409, _l("版本 %(label)s 已由%(by)s于 %(at)s 处理，您的操作没有写入。"), _VERSION
    ),
    "still_checking": Sentence(409, _l("版本 %(label)s 还在检查，检查通过后才能审批。"), _VERSION),
    "pack_unsound": Sentence(
        422, _l("规则包有 %(count)s 处违反案件必须遵守的规则，没有提交。"), _PACK
    ),
    "own_version": Sentence(
        403, _l("版本 %(label)s 是您提交的，须由另一人审批。"), _l("请另一位主要负责人审批。")
    ),
    "not_submitter": Sentence(
        403, _l("版本 %(label)s 不是您提交的，不能由您撤回。"), _l("请提交人撤回，或由审批人退回。")
    ),
    "reports_stale": Sentence(
        409,
        _l("版本 %(label)s 的检查报告是旧程序做的，不能据此批准。"),
        _l("请在该版本的页面上点“重新检查”，看过新报告后再批准。"),
    ),
    "base_moved": Sentence(
        409,
        _l("与版本 %(label)s 对照的已不是最新版本：版本 %(newest)s 已获批准。"),
        _l("请在该版本的页面上点“重新检查”，看过新的差异后再批准。"),
    ),
    "reports_unseen": Sentence(
        409, _l("版本 %(label)s 的报告在您查看之后有更新，没有批准。"), _VERSION
    ),
    "hash_ambiguous": Sentence(
        422, _l("“%(text)s”不足以确定是哪个版本，请写出摘要的前几位。"), _CORRECT
    ),
    "login_refused": Sentence(
        403, _l("登录名或密码不正确，或者一次性密码尚未更换。"), _l("请核对后再试。")
    ),
    "zip_unreadable": Sentence(
        422,
        _l("上传的文件不是 zip 压缩包，或已加密、损坏。"),
        _l("请把规则包文件夹压缩成 zip（不设密码）后再上传。"),
    ),
    "zip_too_large": Sentence(
        422,
        _l("压缩包里超过 %(files)s 个文件，或解开后超过 %(megabytes)s MB。"),
        _l("请删除不属于规则包的文件后再上传。"),
    ),
    "zip_name_refused": Sentence(
        422,
        _l("压缩包里的“%(name)s”不是普通文件：是链接、指向文件夹之外，或者重名。"),
        _l("请只压缩规则包文件夹本身，再上传。"),
    ),
    "zip_no_pack": Sentence(
        422,
        _l("压缩包里没有规则包：最上层或唯一的文件夹里没有 pack.toml。"),
        _l("请压缩含有 pack.toml 的文件夹后再上传。"),
    ),
    "xml_refused": Sentence(422, _l("流程文件 %(file)s 第 %(line)s 行不能接受。"), _PACK),
    "operation_refused": Sentence(500, _l("流程中的一项自动操作不能执行。"), _ENGINE.to_do),
    "scenario_invalid": Sentence(422, _l("情景文件不能使用。"), _PACK),
    "imported_already": Sentence(409, _l("这个文件已经导入过。"), _l("请只导入新增的行。")),
    "file_refused": _FILE,
    "file_too_large": Sentence(
        422, _l("文件“%(name)s”超过 %(megabytes)s MB，没有保存。"), _l("请压缩或拆分文件后再上传。")
    ),
    "file_empty": Sentence(422, _l("文件“%(name)s”是空的，没有保存。"), _CORRECT),
    "draft_too_large": Sentence(
        422, _l("草稿超过 %(limit)s 个字符，没有保存。"), _l("请缩短内容，或把长文作为附件上传。")
    ),
    "no_demo": Sentence(409, _l("这个数据库里装的不是演示系统。"), _l("请为演示另选一个数据库。")),
    "rows_refused": Sentence(
        422,
        _l("有 %(count)s 行不能使用，没有写入任何内容。"),
        _l("请按错误清单逐行改正后重新导入。"),
    ),
}

_ALIKE: tuple[tuple[Sentence, str], ...] = (
    (
        _BUNDLE,
        """anchor_beyond anchor_differs anchor_in_gap anchor_unproven anchor_unreadable
        anchor_without_log bundle_broken bundle_log_differs bundle_order bundle_pack_differs
        bundle_range_incomplete bundle_unreadable chain_broken chain_head_differs
        checkpoint_broken checkpoint_unproven commitment_differs consistency_broken
        directory_differs file_differs file_missing file_unexpected format_unknown hash_differs
        line_not_canonical manifest_broken manifest_key_differs manifest_note_differs
        not_canonical_json note_broken note_unsigned payload_differs payload_field_differs
        payload_field_missing payload_field_unexpected payload_missing payload_unexpected
        payload_withheld_wrong position_broken range_not_whole range_sealed_wrong
        reference_missing state_differs state_missing state_unexpected tree_broken
        tree_leaf_doubled tree_leaf_missing tree_root_differs zip_form_broken""",
    ),
    (
        _JOURNAL,
        """chain_clock_went_back chain_error chain_prev_broken chain_seq_broken fold_after_end
        fold_broken fold_clock_differs fold_fact_differs fold_marking_differs fold_not_undoable
        fold_not_withdrawable fold_out_of_order fold_task_differs journal_broken not_canonical
        payload_invalid record_invalid shape_taken""",
    ),
    (
        _ENGINE,
        """decision_ambiguous decision_undecided engine_error expression_failed
        invalid_marking no_flow_taken null_compared step_budget_exceeded uncaught_error
        unknown_decision unknown_place unsafe_marking wrong_fact_type""",
    ),
    (
        _EXPRESSION,
        """expression_refused pattern_refused script_refused term_refused term_unknown
        wrong_fact_value""",
    ),
)
for _sentence, _codes in _ALIKE:
    SENTENCES.update(dict.fromkeys(_codes.split(), _sentence))

# Statuses that have no error of ours behind them.
PAGES: dict[int, Sentence] = {
    400: Sentence(400, _l("浏览器发来的请求不完整。"), AGAIN),
    404: Sentence(404, _l("没有这个页面。"), _l("请核对地址，或从上方菜单重新进入。")),
    405: Sentence(405, _l("这个地址不能这样打开。"), _l("请从页面上的按钮进入。")),
    413: Sentence(413, _l("上传的内容太大，没有保存。"), _l("请压缩或拆分文件后再上传。")),
    429: Sentence(429, _l("请求过于频繁，已暂停受理。"), _l("请等一分钟后再试。")),
}
EXPIRED = Sentence(
    400,
    _l("页面停留太久，安全校验已过期，您的提交没有写入。"),
    _l("请返回上一页，刷新后重新提交；草稿会自动保留。"),
)
