"""For every error of Duban a status, what happened and what to do.

Sentences are in Chinese; English stands in translations/en/errors.po. ``%(name)s`` takes an
attribute of the error. A test demands that no error is without a sentence.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.sentences import beside, cases, exports, house, openness, packs, people, units
from webapp.sentences.shared import AGAIN, BUNDLE, ENGINE, EXPRESSION, JOURNAL, Sentence

SENTENCES: dict[str, Sentence] = {
    **beside.SENTENCES,
    **cases.SENTENCES,
    **exports.SENTENCES,
    **house.SENTENCES,
    **openness.SENTENCES,
    **packs.SENTENCES,
    **people.SENTENCES,
    **units.SENTENCES,
}

_ALIKE: tuple[tuple[Sentence, str], ...] = (
    (
        BUNDLE,
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
        JOURNAL,
        """chain_clock_went_back chain_error chain_prev_broken chain_seq_broken fold_after_end
        fold_broken fold_clock_differs fold_fact_differs fold_marking_differs fold_not_undoable
        fold_not_withdrawable fold_out_of_order fold_task_differs journal_broken not_canonical
        payload_invalid record_invalid shape_taken""",
    ),
    (
        ENGINE,
        """decision_ambiguous decision_undecided engine_error expression_failed
        invalid_marking no_flow_taken null_compared step_budget_exceeded uncaught_error
        unknown_decision unknown_place unsafe_marking wrong_fact_type""",
    ),
    (
        EXPRESSION,
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
