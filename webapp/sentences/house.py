"""What people read of the installation, its database, its keys, and of errors of no kind."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.sentences.shared import ASK_ADMIN, ASK_ROLE, CORRECT, LOOK, SIGNING_KEY, Sentence

SENTENCES: dict[str, Sentence] = {
    "not_relapsed": Sentence(
        403,
        _l("%(number)s 不是本单位已办结的同类事项，不能登记为它的反弹。"),
        _l("请核对问题类型和以往的事项；不是反弹的，选“不是反弹”后再登记。"),
    ),
    "error": Sentence(500, _l("系统遇到了意外情况。"), ASK_ADMIN),
    "invalid_input": Sentence(422, _l("填写的内容不能接受。"), CORRECT),
    "not_allowed": Sentence(403, _l("您的角色不能办理这件事。"), ASK_ROLE),
    "not_found": Sentence(
        404,
        _l("没有找到，或者不在您的查看范围内。"),
        _l("请核对编号；如应当能看到，请联系安全管理员核对您的范围。"),
    ),
    "conflict": Sentence(409, _l("别人抢先一步改动了同一件事，您的提交没有写入。"), LOOK),
    "storage_failed": Sentence(
        503,
        _l("数据库没有收下这次改动，什么也没有写入。"),
        _l("请稍后再试；若持续出现，请告诉系统管理员检查磁盘空间和数据库。"),
    ),
    "scope_missing": Sentence(500, _l("系统拒绝了一次没有范围限定的查询。"), ASK_ADMIN),
    "schema_newer": Sentence(
        503,
        _l("数据库由更新版本的程序建立或者升级过（%(found)s），本程序只认得到 %(known)s。"),
        _l("数据没有损坏。请系统管理员停下本程序，换上新版程序，再运行 duban serve。"),
    ),
    "schema_unknown": Sentence(
        503, _l("数据库没有说明是哪一版结构，可能由未发布的程序建立。"), ASK_ADMIN
    ),
    "schema_older": Sentence(
        503,
        _l("数据库是旧版程序建立的，还没有升级到本版。"),
        _l("数据没有损坏。请系统管理员用本版程序重新运行 duban serve，启动时自动升级。"),
    ),
    "schema_differs": Sentence(
        503,
        _l("数据库里缺少本版程序要用的表或者列（%(missing)s），可能由未发布的程序建立。"),
        _l(
            "数据没有损坏。请系统管理员换回建立它的那一版程序；"
            "演示数据请运行 duban demo --fresh 重新生成。"
        ),
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
    "webhook_invalid": Sentence(422, _l("这个对外通知不能登记。"), CORRECT),
    "address_invalid": Sentence(422, _l("这不是邮箱地址。"), CORRECT),
    "settings_invalid": Sentence(500, _l("系统设置有误，不能启动。"), ASK_ADMIN),
    "incident_reason_missing": Sentence(
        422, _l("请写明怎样处理的，最多 %(longest)s 字。"), CORRECT
    ),
    "calendar_effect_changed": Sentence(
        409,
        _l("日历或者期限刚才有变动，影响与您看到的不同，没有写入。"),
        _l("请核对现在的影响后再操作。"),
    ),
    "calendar_second_person": Sentence(
        409,
        _l("这一改动影响 %(count)s 项正在计时的期限，不能一人保存。"),
        _l("请写明理由提交，由另一位管理员审批。"),
    ),
    "calendar_proposal_there": Sentence(
        409,
        _l("同样的改动已由%(by)s于 %(at)s 提交，正在等待审批。"),
        _l("请等待审批，或者由提交人撤回后再提交。"),
    ),
    "calendar_proposal_decided": Sentence(
        409, _l("这项日历改动已由他人处理，您的操作没有写入。"), _l("请回到工作日历查看结果。")
    ),
    "own_calendar_proposal": Sentence(
        403, _l("日历改动是您提交的，须由另一人审批。"), _l("请另一位系统管理员或安全管理员审批。")
    ),
    "not_its_proposer": Sentence(
        403, _l("日历改动不是您提交的，不能由您撤回。"), _l("请提交人撤回，或由审批人退回。")
    ),
    "calendar_effect_unconfirmed": Sentence(
        422,
        _l("现在的影响与提交时不同，没有批准。"),
        _l("请核对现在的影响，勾选确认后再批准。"),
    ),
    "calendar_nothing_changes": Sentence(
        422, _l("日历中这些天已经如此，没有可改的。"), _l("请核对日期和地区。")
    ),
    "calendar_change_invalid": Sentence(422, _l("日历的改动不能接受。"), CORRECT),
    "clock_backwards": Sentence(
        503, _l("服务器时钟倒退，系统已停止办理。"), _l("请系统管理员校准服务器时钟。")
    ),
    "true_clock_only": Sentence(403, _l("正式安装的时钟不能拨动。"), ASK_ADMIN),
    "vault_missing": Sentence(
        503, _l("找不到主密钥，办理记录不能读写。"), _l("请系统管理员恢复 instance/master.key。")
    ),
    "master_key_unusable": Sentence(
        503, _l("主密钥不能使用。"), _l("请系统管理员检查 instance/master.key 的内容和权限。")
    ),
    "dump_failed": Sentence(503, _l("备份或者恢复没有完成。"), ASK_ADMIN),
    "tool_missing": Sentence(503, _l("缺少 PostgreSQL 的备份工具。"), ASK_ADMIN),
    "target_in_use": Sentence(409, _l("目标位置已有内容，没有覆盖。"), ASK_ADMIN),
    "backup_broken": Sentence(409, _l("备份不完整，或者被改动过。"), ASK_ADMIN),
    "backup_of_other_kind": Sentence(409, _l("备份与要恢复的数据库种类不同。"), ASK_ADMIN),
    "notary_missing": Sentence(503, _l("找不到签名密钥，存证点不能签发。"), SIGNING_KEY),
    "signing_key_missing": Sentence(
        503, _l("签名密钥不见了，而此前已用它签发过存证点。"), SIGNING_KEY
    ),
    "signing_key_foreign": Sentence(503, _l("现有签名密钥与签发过存证点的密钥不符。"), SIGNING_KEY),
    "signing_key_unusable": Sentence(503, _l("签名密钥不能使用。"), SIGNING_KEY),
    "signing_key_not_lost": Sentence(
        409,
        _l("签名密钥还在，不能按遗失处理。"),
        _l("请系统管理员用 duban log rotate-key 正常更换。"),
    ),
    "recipient_invalid": Sentence(422, _l("请用不超过 120 个字写明存证点交给谁。"), CORRECT),
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
    "seal_broken": Sentence(500, _l("一条记录的内容与密钥不符，不能打开。"), ASK_ADMIN),
    "payload_erased": Sentence(
        410, _l("这条记录的内容已依规删除，只保留存证。"), _l("需要了解原由的，请联系档案人员。")
    ),
    "nothing_to_erase": Sentence(404, _l("没有可以销毁的内容。"), CORRECT),
    "kept_still": Sentence(
        409,
        _l("有 %(count)s 个案件尚未办完，或者办结不满 %(years)s 年，不能销毁。"),
        _l("待核查的后果、待确认的更正和补录也算未办完。请待全部案件办结期满后再列入销毁清册。"),
    ),
    "erasure_unfounded": Sentence(
        422, _l("须写明销毁清册编号和理由，理由不超过 %(longest)s 字。"), CORRECT
    ),
    "erasure_waiting": Sentence(409, _l("已有人申请销毁，正待第二人签署。"), LOOK),
    "erasure_decided": Sentence(409, _l("第 %(number)s 号销毁申请已有结论。"), LOOK),
}
