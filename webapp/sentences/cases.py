"""What people read of work on cases, and of time."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.sentences.shared import ASK_ADMIN, CORRECT, LOOK, OTHERS, Sentence

SENTENCES: dict[str, Sentence] = {
    "validation_failed": Sentence(422, _l("有几处需要改正，没有写入。"), CORRECT),
    "task_already_done": Sentence(
        409, _l("这项任务已由%(by)s于 %(at)s 办结，您的提交没有写入。"), LOOK
    ),
    "filter_unnamed": Sentence(422, _l("筛选要有名称，不超过 %(longest)s 字。"), CORRECT),
    "filter_name_taken": Sentence(409, _l("已有一个筛选叫“%(name)s”。"), _l("请另取一个名称。")),
    "too_many_filters": Sentence(
        422, _l("一个人最多保存 %(most)s 个筛选。"), _l("请先删除不用的筛选。")
    ),
    "no_office": Sentence(422, _l("您的账号没有所属单位，不能共享。"), ASK_ADMIN),
    "filter_of_another": Sentence(
        403,
        _l("这个筛选是别人保存的，只能使用，不能改动。"),
        _l("需要不同条件的，请自己另存一个。"),
    ),
    "phrase_empty": Sentence(
        422, _l("常用语不能为空，不超过 %(longest)s 字。"), _l("请先在这一栏填写要保存的话。")
    ),
    "too_many_phrases": Sentence(
        422, _l("一栏最多保存 %(most)s 条常用语。"), _l("请先删除不用的常用语。")
    ),
    "too_many_at_once": Sentence(
        422, _l("一次最多 %(most)s 项，这一项没有处理。"), _l("请分几次勾选。")
    ),
    "hold_too_long": Sentence(422, _l("暂缓一至 %(most)s 个工作日。"), CORRECT),
    "held_before": Sentence(
        409, _l("这个时限已经暂缓过一次，不能再暂缓。"), _l("确有法定事由的，请在案件页暂停计时。")
    ),
    "clock_moved_on": Sentence(
        409,
        _l("这个期限的状态已有变化（已到期、已办结，或者已由他人暂停、恢复），您的操作没有写入。"),
        _l("请打开案件查看现状。"),
    ),
    "period_never_stops": Sentence(
        403,
        _l("影响期、观察期按日历计算，不能暂停，也不能暂缓。"),
        _l("有异议的，按申诉或者更正的程序办理。"),
    ),
    "handler_holds": Sentence(
        403, _l("承办人不能暂缓自己承办案件的时限。"), _l("请另一位有权的负责人决定。")
    ),
    "undo_too_late": Sentence(
        409, _l("已过 %(seconds)s 秒，不能撤回了。"), _l("填错了的，请在办理记录里更正这一条。")
    ),
    "undo_not_last": Sentence(
        409, _l("此后案件又有了新的记录，不能撤回了。"), _l("填错了的，请在办理记录里更正这一条。")
    ),
    "undo_of_another": Sentence(403, _l("只有办理人本人可以撤回。"), OTHERS),
    "undo_impossible": Sentence(
        409,
        _l("这一步已经发出文书、通知其他案件或者须由数人签署，不能撤回。"),
        _l("填错了的，请在办理记录里更正这一条。"),
    ),
    "decision_incomplete": Sentence(
        422, _l("议定事项要写明内容、交给谁办和完成期限；没有要办的，勾选“无需另行办理”。"), CORRECT
    ),
    "addressee_unfit": Sentence(
        422, _l("交办的单位或者人员不在本案所在单位及其上级之内。"), CORRECT
    ),
    "errand_day_past": Sentence(422, _l("完成期限要在今天以后、两年以内。"), CORRECT),
    "errand_done": Sentence(409, _l("这项交办已经有人办结。"), LOOK),
    "errand_unsaid": Sentence(422, _l("请写明办理情况，不超过 %(longest)s 字。"), CORRECT),
    "meeting_unnamed": Sentence(422, _l("请填写会议日期（不晚于今天）和纪要文号。"), CORRECT),
    "comment_empty": Sentence(422, _l("备注不能为空，不超过 %(longest)s 字。"), CORRECT),
    "follow_up_past": Sentence(422, _l("再看日期要在今天以后、两年以内。"), CORRECT),
    "reminded_today": Sentence(
        409,
        _l("%(by)s今天已经催办过这项任务。"),
        _l("同一任务一天只催一次；请明天再催，或当面联系。"),
    ),
    "unit_asked_enough": Sentence(
        409,
        _l("本月已向%(place)s提出 %(count)s 项，到了每月 %(cap)s 项的上限。"),
        _l("能合并的请合并，能缓的缓到下月，或当面、电话联系；确有必要的，请填写超过上限的理由。"),
    ),
    "reminder_empty": Sentence(422, _l("请写明催办的事项。"), CORRECT),
    "task_held": Sentence(
        409, _l("这项任务已由%(by)s领取。"), _l("请与其联系；需要改由您办理的，请负责人转办。")
    ),
    "case_not_open": Sentence(409, _l("案件 %(number)s 已不在办理中，您的提交没有写入。"), LOOK),
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
    "not_standing": Sentence(409, _l("案件已经离开这一步，您的提交没有写入。"), LOOK),
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
        422, _l("更正须写明理由，不超过 %(longest)s 字。"), CORRECT
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
        422, _l("核查后果须选定结论，并写明理由（不超过 %(longest)s 字）。"), CORRECT
    ),
    "reviewed_apart": Sentence(
        422, _l("“核查后果”不推进案件，以结论办结。"), _l("请在案件页选定结论、写明理由。")
    ),
    "not_open_then": Sentence(422, _l("这项任务在 %(on)s 还没有开始或已经结束。"), CORRECT),
    "several_sign": Sentence(
        403, _l("“%(task)s”须由多人签名，不能凭一份材料补录。"), _l("请各签名人分别办理。")
    ),
    "text_too_long": Sentence(
        422, _l("最多 %(longest)s 字，现在有 %(length)s 字，没有截断，也没有写入。"), CORRECT
    ),
    "choice_unknown": Sentence(422, _l("“%(given)s”不在可选的范围内，请重新选择。"), CORRECT),
    "number_unfit": Sentence(422, _l("请填写 %(least)s 至 %(most)s 的整数。"), CORRECT),
    "date_missing": Sentence(422, _l("这里须填写日期，例如 2026-05-25。"), CORRECT),
    "pause_impossible": Sentence(
        422,
        _l("自 %(from_on)s 起的暂停与这项计时不符：它从 %(anchor_on)s 起算。"),
        CORRECT,
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
    "inquiry_elsewhere": Sentence(
        409,
        _l(
            "此人在本事项中的问题已由其他程序办理，在其有结果以前不另行启动问责"
            "（《中国共产党问责条例》第九条，2019年）。"
        ),
        _l("请待该程序反馈后再启动，或者先作其他结论；对组织的处理照常进行。"),
    ),
    "effects_started": Sentence(
        403,
        _l("案件 %(number)s 的处理已经生效，不能直接终止。"),
        _l("请按程序撤销原处理决定。"),
    ),
    "paper_needed": Sentence(422, _l("代录须有原件：扫描件或者文号。"), CORRECT),
    "paper_in_future": Sentence(422, _l("代录的日期不能晚于今天。"), CORRECT),
    "late_entry_needed": Sentence(
        422,
        _l("%(on)s 的行为早于一个已经到期的期限，不能直接代录。"),
        _l("请改用补录，由另一人确认。"),
    ),
    "own_account_needed": Sentence(
        403, _l("%(name)s 有自己的账号，须由本人办理，不能代录。"), _l("请联系本人登录办理。")
    ),
    "paper_of_stranger": Sentence(
        422,
        _l("%(name)s 在 %(on)s 没有在%(office)s或者所属苏木乡镇任职，不能作为该单位的办理人。"),
        _l("请选择当日在那里任职的人；任职没有登记的，先登记任职。"),
    ),
    "paper_of_another": Sentence(
        422,
        _l("%(name)s 不是当事人，这一步只能由当事人本人办理。"),
        _l("请选择当事人；别人代交的材料，也以当事人本人的名义补录。"),
    ),
    "decides_case": Sentence(403, _l("您参与决定本案，不能代录当事人的材料。"), OTHERS),
    "nothing_to_export": Sentence(
        404, _l("没有可以导出的案件。"), _l("请核对编号和您的查看范围。")
    ),
    "nothing_fits": Sentence(
        404, _l("没有符合条件、您又可以带走的案件。"), _l("请放宽期间或单位，或核对您的查看范围。")
    ),
    "invalid_budget": Sentence(422, _l("期限写法不对。"), _l("请写成“10 工作日”“60 天”或日期。")),
    "date_out_of_range": Sentence(
        422, _l("日期超出日历范围（%(first_year)s—%(last_year)s 年）。"), CORRECT
    ),
    "invalid_pause": Sentence(422, _l("暂停的结束日期早于开始日期。"), CORRECT),
    "invalid_calendar": Sentence(422, _l("日历表不能使用。"), CORRECT),
    "calendar_missing": Sentence(500, _l("缺少计算期限所用的日历版本。"), ASK_ADMIN),
    "anchor_missing": Sentence(
        422, _l("期限的起算日期还没有填写。"), _l("请先填写该日期（如送达日期）再提交。")
    ),
    "naive_time": Sentence(500, _l("系统遇到了没有时区的时间。"), ASK_ADMIN),
}
