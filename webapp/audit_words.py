"""What acts of the house, kinds of records and looks are called on the auditor's pages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

KINDS: dict[str, Any] = {
    "case_opened": _l("开立案件"),
    "task_claimed": _l("领取"),
    "task_released": _l("退回"),
    "task_reassigned": _l("转办"),
    "task_completed": _l("办结任务"),
    "clock_fired": _l("期限届满"),
    "message_received": _l("收到来件"),
    "intervened": _l("干预"),
    "withdrawn": _l("撤销误触发"),
    "corrected": _l("更正"),
    "undone": _l("撤回"),
    "case_migrated": _l("改按新版规则"),
    "case_closed": _l("结案"),
    "payload_erased": _l("删除内容"),
    "house": _l("系统事务"),
}
HOUSE_ACTS: dict[str, Any] = {
    "looked": _l("查阅"),
    "login": _l("登录"),
    "exported": _l("导出"),
    "export_approved": _l("同意导出"),
    "export_refused": _l("不同意导出"),
    "export_downloaded": _l("取走导出的文件"),
    "directory_stated": _l("登记导出所列人员和单位"),
    "log_exported": _l("导出过程日志"),
    "ledger_exported": _l("导出台账"),
    "cases_drawn": _l("抽样"),
    "installed": _l("安装"),
    "demo_world_built": _l("生成演示数据"),
    "case_file_made": _l("制作卷宗"),
    "inspection_report_made": _l("制作情况说明"),
    "account_created": _l("新建账号"),
    "account_approved": _l("审批账号"),
    "account_withdrawn": _l("停用账号"),
    "role_granted": _l("授予角色"),
    "role_revoked": _l("撤销角色"),
    "password_changed": _l("修改口令"),
    "password_reset": _l("重置口令"),
    "sessions_ended": _l("结束全部登录"),
    "login_released": _l("解除登录限制"),
    "pack_installed": _l("装入规则包"),
    "pack_submitted": _l("提交规则包"),
    "pack_check_asked": _l("要求检查规则包"),
    "pack_report_attached": _l("附上规则包报告"),
    "pack_approved": _l("批准规则包"),
    "pack_refused": _l("退回规则包"),
    "pack_withdrawn": _l("撤回规则包"),
    "migration_submitted": _l("提交迁移方案"),
    "migration_approved": _l("批准迁移方案"),
    "migration_refused": _l("退回迁移方案"),
    "migration_withdrawn": _l("撤回迁移方案"),
    "migration_done": _l("完成迁移"),
    "migration_undone": _l("退回迁移"),
    "incident_resolved": _l("处理异常"),
    "calendar_installed": _l("启用日历"),
    "organisations_imported": _l("导入单位"),
    "people_imported": _l("导入人员"),
    "weak_lax_determined": _l("批量认定"),
    "checkpoint_given": _l("交出存证点"),
    "log_check_asked": _l("要求核验"),
    "log_checked": _l("完成核验"),
    "key_started": _l("启用签名密钥"),
    "key_rotated": _l("更换签名密钥"),
    "key_replaced": _l("遗失后另立签名密钥"),
    "epoch_started": _l("恢复后接续"),
}
LOOKS: dict[str, Any] = {
    "case": _l("打开案件页"),
    "past": _l("查看过去某时的案件"),
    "why": _l("查看缘由"),
    "file": _l("打开附件"),
    "print": _l("打印"),
    "people": _l("查找人员"),
}
STRANGE: dict[str, Any] = {
    "many": _l("一小时内查阅大量案件"),
    "elsewhere": _l("本单位从未承办的案件"),
    "off_hours": _l("夜间或休息日"),
}
MEANS: dict[str, Any] = {
    "minutes": _l("写入会议纪要"),
    "slip": _l("纸条"),
    "daily_file": _l("每日文件"),
    "mail": _l("邮件"),
}
