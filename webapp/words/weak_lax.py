"""What the statutory table of weak and lax branches calls its types, rows and columns."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from workflows.domain.weak_lax import TYPES, FollowUpColumn, Kind
from workflows.queries.tracks.weak_lax import FOUND, IMPROVED

TYPE_WORDS: dict[str, Any] = dict(
    zip(
        TYPES,
        (
            _l("班子配备不齐、书记长期缺职、工作停滞"),
            _l("书记不胜任现职、工作不在状态"),
            _l("班子不团结、内耗严重"),
            _l("组织制度形同虚设、不开展党组织活动"),
            _l("换届选举拉票贿选问题突出"),
            _l("宗族宗教和黑恶势力干扰渗透严重"),
            _l("村务财务公开和民主管理混乱"),
            _l("社会治安和信访矛盾集中"),
            _l("无固定活动场所及便民服务设施"),
            _l("服务意识差、能力弱、群众意见大"),
        ),
        strict=True,
    )
)
KINDS: dict[str, Any] = {Kind.VILLAGE: _l("嘎查村"), Kind.COMMUNITY: _l("社区")}
FOLLOW_UPS: dict[str, Any] = {
    FollowUpColumn.SECRETARY_MISSING: _l("年初缺配书记（名）"),
    FollowUpColumn.SECRETARY_APPOINTED: _l("已选配书记（名）"),
    FollowUpColumn.SECRETARY_UNFIT: _l("需调整书记（名）"),
    FollowUpColumn.SECRETARY_REPLACED: _l("已调整书记（名）"),
    FollowUpColumn.SECRETARY_TRAINED: _l("培训书记（人次）"),
    FollowUpColumn.TRAINED_ABOVE: _l("其中县级以上培训（人次）"),
    FollowUpColumn.PAIRED_UNIT: _l("结对帮扶单位（个）"),
    FollowUpColumn.CONTACT_LEADER: _l("挂点联系领导（名）"),
    FollowUpColumn.FIRST_SECRETARY: _l("第一书记（名）"),
    FollowUpColumn.VILLAGE_CADRE: _l("驻村干部（名）"),
    FollowUpColumn.CAMPAIGN: _l("开展专项整治（项）"),
    FollowUpColumn.SOLVED: _l("解决各类问题（个）"),
    FollowUpColumn.PUNISHED: _l("查处违纪违法行为（例）"),
}
_OTHERS: dict[str, Any] = {
    FOUND: _l("排查数（个）"),
    IMPROVED: _l("整顿提升数（个）"),
    "type": _l("未注明类型"),
}


def column_name(column: str) -> Any:
    """Give what a column of the table is called."""
    known = {**FOLLOW_UPS, **_OTHERS, **{f"type{key}": name for key, name in TYPE_WORDS.items()}}
    return known[column]
