"""What a sentence is, and what many of them say alike."""

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
ASK_ADMIN = _l("请把这句话和时间告诉系统管理员。")
ASK_ROLE = _l("如确需办理，请联系安全管理员核对您的角色和范围。")
CORRECT = _l("请按提示改正后重新提交，已填写的内容仍在页面上。")
LOOK = _l("请打开该件的最新页面，看清现状后再办。")
LOOK_MIGRATION = _l("请打开迁移方案的最新页面，看清现状后再办。")
PACK = _l("请规则包的维护人员按提示改正规则包后再试。")
VERSION = _l("请打开该版本的页面，看清现状后再办。")
SIGNING_KEY = _l("请系统管理员恢复 instance/signing.key，并检查其内容和权限。")
OTHERS = _l("请交由本单位其他人员办理，或报负责人指定人员。")

BUNDLE = Sentence(
    422,
    _l("审计包核验没有通过。"),
    _l("请保留原件，用 duban verify 查看是哪一处不符，并向出具单位核实。"),
)
JOURNAL = Sentence(
    500,
    _l("办理记录前后不一致，系统已停止本次操作。"),
    _l("请系统管理员运行 duban rebuild --check，并保留数据库副本备查。"),
)
ENGINE = Sentence(
    500,
    _l("流程规则在这一步不能推进，案件没有变化。"),
    _l("请把案件编号和时间告诉规则包的维护人员。"),
)
EXPRESSION = Sentence(422, _l("规则包中有一处条件不能使用。"), PACK)
FILE = Sentence(422, _l("导入的文件不能使用，没有写入任何内容。"), CORRECT)
