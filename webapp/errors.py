"""What a page says when something went wrong: a status, what happened, and what to do.

Every error of Duban has a line here by its code; a test demands that none is missing.
Sentences are in Chinese; English stands in translations/en/errors.po.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from workflows.domain.errors import DubanError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A status, what happened and what to do; both may name attributes as %(name)s."""

    status: int
    happened: Any
    to_do: Any


_AGAIN = _l("请返回上一页,刷新后再试。")
_ASK_ADMIN = _l("请把这句话和时间告诉系统管理员。")
_ASK_ROLE = _l("如确需办理,请联系安全管理员核对您的角色和范围。")
_CORRECT = _l("请按提示改正后重新提交,已填写的内容仍在页面上。")
_PACK = _l("请规则包的维护人员按所列文件和元素改正后再试。")

SENTENCES: dict[str, Sentence] = {
    "error": Sentence(500, _l("系统遇到了意外情况。"), _ASK_ADMIN),
    "invalid_input": Sentence(422, _l("填写的内容不能接受。"), _CORRECT),
    "not_allowed": Sentence(403, _l("您的角色不能办理这件事。"), _ASK_ROLE),
    "not_found": Sentence(
        404,
        _l("没有找到,或者不在您的查看范围内。"),
        _l("请核对编号;如应当能看到,请联系安全管理员核对您的范围。"),
    ),
    "conflict": Sentence(
        409,
        _l("别人抢先一步改动了同一件事,您的提交没有写入。"),
        _l("请打开该件的最新页面,看清现状后再办。"),
    ),
    "storage_failed": Sentence(
        503,
        _l("数据库没有收下这次改动,什么也没有写入。"),
        _l("请稍后再试;若持续出现,请告诉系统管理员检查磁盘空间和数据库。"),
    ),
    "scope_missing": Sentence(500, _l("系统拒绝了一次没有范围限定的查询。"), _ASK_ADMIN),
    "schema_newer": Sentence(
        503, _l("数据库由更新版本的程序建立,本程序不能打开。"), _l("请系统管理员升级程序。")
    ),
    "schema_missing": Sentence(
        503, _l("数据库里还没有安装督办系统。"), _l("请系统管理员先运行 duban init。")
    ),
    "settings_invalid": Sentence(500, _l("系统设置有误,不能启动。"), _ASK_ADMIN),
    "roles_forbidden": Sentence(
        403,
        _l("您在本案中已担任过与此不相容的角色(%(other)s 与 %(role)s 不得由同一人担任)。"),
        _l("请交由本单位其他人员办理,或报负责人指定人员。"),
    ),
    "own_case": Sentence(
        403, _l("本案涉及您本人,您不能办理。"), _l("请交由他人办理;如有异议,可按程序提出。")
    ),
    "role_missing": Sentence(403, _l("办理这件事需要角色 %(roles)s。"), _ASK_ROLE),
    "password_weak": Sentence(422, _l("新密码不够安全。"), _CORRECT),
    "password_wrong": Sentence(422, _l("当前密码不正确。"), _CORRECT),
    "username_taken": Sentence(422, _l("登录名 %(username)s 已被使用。"), _CORRECT),
    "roles_exclude": Sentence(
        403,
        _l("同一账号不能兼有角色 %(role)s 和 %(other)s(三员分离)。"),
        _l("请为另一人建立账号,分别授权。"),
    ),
    "own_account": Sentence(403, _l("不能为自己的账号审批或授权。"), _l("请由另一位管理员办理。")),
    "grant_exists": Sentence(422, _l("该账号在该单位已有角色 %(role)s。"), _CORRECT),
}

# Statuses that have no error of ours behind them.
_PAGES: dict[int, Sentence] = {
    400: Sentence(400, _l("浏览器发来的请求不完整。"), _AGAIN),
    404: Sentence(404, _l("没有这个页面。"), _l("请核对地址,或从上方菜单重新进入。")),
    405: Sentence(405, _l("这个地址不能这样打开。"), _l("请从页面上的按钮进入。")),
    413: Sentence(413, _l("上传的内容太大,没有保存。"), _l("请压缩或拆分文件后再上传。")),
    429: Sentence(429, _l("请求过于频繁,已暂停受理。"), _l("请等一分钟后再试。")),
}
_EXPIRED = Sentence(
    400,
    _l("页面停留太久,安全校验已过期,您的提交没有写入。"),
    _l("请返回上一页,刷新后重新提交;草稿会自动保留。"),
)


def sentence_for(error: DubanError) -> Sentence:
    """Find the sentence of an error: its own, or that of the nearest class above it."""
    for kind in type(error).__mro__:
        code = vars(kind).get("code")
        if code in SENTENCES:
            return SENTENCES[code]
    return SENTENCES["error"]


def explain(error: DubanError) -> str:
    """Say in the page's language what happened, for a message beside a form or in a list."""
    return _fill(sentence_for(error).happened, error.attributes)


def error_page(sentence: Sentence, attributes: dict[str, object] | None = None) -> Response:
    """Show what happened, what is safe and what to do."""
    page = render_template(
        "errors/error.html",
        status=sentence.status,
        happened=_fill(sentence.happened, attributes or {}),
        to_do=_fill(sentence.to_do, attributes or {}),
        writing=request.method not in {"GET", "HEAD"},
    )
    return make_response(page, sentence.status)


def _fill(text: Any, attributes: dict[str, object]) -> str:
    return str(text) % attributes if attributes else str(text)


def _on_duban_error(error: DubanError) -> Response:
    sentence = sentence_for(error)
    if sentence.status >= 500:
        log.error("request failed", extra={"code": error.code, "endpoint": request.endpoint})
    return error_page(sentence, error.attributes)


def _on_http_error(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    return error_page(_PAGES.get(status, SENTENCES["error"] if status >= 500 else _PAGES[400]))


def _on_csrf_error(_error: CSRFError) -> Response:
    return error_page(_EXPIRED)


def _on_rate_limit(_error: RateLimitExceeded) -> Response:
    return error_page(_PAGES[429])


def _on_crash(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error, extra={"endpoint": request.endpoint})
    # What failed may be the frame itself: the page is shown without it.
    g.bare = True
    return error_page(SENTENCES["error"])


def install_error_pages(app: Flask) -> None:
    """Answer every error with a page in plain words."""
    app.register_error_handler(DubanError, _on_duban_error)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(RateLimitExceeded, _on_rate_limit)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_crash)
