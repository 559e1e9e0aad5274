"""What people read of packs of rules and of files that are imported."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.sentences.shared import (
    ASK_ADMIN,
    CORRECT,
    ENGINE,
    FILE,
    LOOK_MIGRATION,
    PACK,
    VERSION,
    Sentence,
)

SENTENCES: dict[str, Sentence] = {
    "period_empty": Sentence(
        404,
        _l("%(from_on)s 至 %(to_on)s 没有登记过事项，没有可回测的案件。"),
        _l("请改选有案件的时段。"),
    ),
    "period_backwards": Sentence(
        422, _l("起始日 %(from_on)s 晚于截止日 %(to_on)s。"), _l("请改正起止日期。")
    ),
    "processes_lacking": Sentence(422, _l("规则包缺少该时段案件所走的流程：%(processes)s。"), PACK),
    "too_many_matters": Sentence(
        422,
        _l("该时段有 %(matters)s 件事项，页面一次最多回测 %(most)s 件。"),
        _l("请缩短时段，或请系统管理员用 duban simulate --attach-by 回测后附到版本上。"),
    ),
    "facts_lacking": Sentence(
        422,
        _l("办理行为写过的要素，规则包没有声明或不接受其取值：%(facts)s。"),
        PACK,
    ),
    "pack_missing": Sentence(500, _l("缺少本案所用的规则包版本。"), ASK_ADMIN),
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
        409, _l("这份迁移方案已由他人处理，您的操作没有写入。"), LOOK_MIGRATION
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
    "plan_unseen": Sentence(409, _l("您看到的不是这份方案的最新内容。"), LOOK_MIGRATION),
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
    "pack_invalid": Sentence(422, _l("规则包有 %(count)s 处问题，没有安装。"), PACK),
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
    "note_missing": Sentence(422, _l("请填写理由，1 至 %(longest)s 个字。"), CORRECT),
    "date_too_early": Sentence(422, _l("生效日期不能早于 %(earliest_on)s。"), CORRECT),
    "not_waiting": Sentence(
        409, _l("版本 %(label)s 已由%(by)s于 %(at)s 处理，您的操作没有写入。"), VERSION
    ),
    "still_checking": Sentence(409, _l("版本 %(label)s 还在检查，检查通过后才能审批。"), VERSION),
    "pack_unsound": Sentence(
        422, _l("规则包有 %(count)s 处违反案件必须遵守的规则，没有提交。"), PACK
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
        409, _l("版本 %(label)s 的报告在您查看之后有更新，没有批准。"), VERSION
    ),
    "hash_ambiguous": Sentence(
        422, _l("“%(text)s”不足以确定是哪个版本，请写出校验值的前几位。"), CORRECT
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
    "xml_refused": Sentence(422, _l("流程文件 %(file)s 第 %(line)s 行不能接受。"), PACK),
    "operation_refused": Sentence(500, _l("流程中的一项自动操作不能执行。"), ENGINE.to_do),
    "scenario_invalid": Sentence(422, _l("情景文件不能使用。"), PACK),
    "imported_already": Sentence(409, _l("这个文件已经导入过。"), _l("请只导入新增的行。")),
    "file_refused": FILE,
    "columns_missing": Sentence(
        422, _l("文件里没有这些列：%(missing)s。列名要有：%(wanted)s。"), CORRECT
    ),
    "file_too_large": Sentence(
        422, _l("文件“%(name)s”超过 %(megabytes)s MB，没有保存。"), _l("请压缩或拆分文件后再上传。")
    ),
    "file_contradicts": Sentence(
        422,
        _l("文件“%(name)s”的内容与扩展名不符，或者是程序，没有保存。"),
        _l("请选择原来的文件。"),
    ),
    "file_empty": Sentence(422, _l("文件“%(name)s”是空的，没有保存。"), CORRECT),
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
