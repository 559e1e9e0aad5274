"""The pages' bundle: readable colours, and nothing that a strict policy would stop."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

import webapp

BUNDLE = Path(webapp.__file__).parent / "static" / "dist"
POLICY = "default-src 'self'"
COLOURS = ("primary", "secondary", "success", "danger", "warning", "info")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

COMPONENTS = "".join(
    f"""<p class="text-{colour}">文字 <span class="badge text-bg-{colour}">标签</span>
    <button class="btn btn-{colour}">按钮</button>
    <button class="btn btn-outline-{colour}">按钮</button></p>
    <div class="alert alert-{colour}">提示 <a class="alert-link" href="#x">链接</a></div>"""
    for colour in COLOURS
)
PLAIN = """
<p>正文 <a href="#x">链接</a> <small class="text-body-secondary">次要</small>
 <span class="text-body-tertiary">更次要</span> <code>code</code></p>
<ul class="nav nav-tabs"><li class="nav-item"><a class="nav-link active" href="#x">甲</a></li>
 <li class="nav-item"><a class="nav-link" href="#x">乙</a></li></ul>
<ul class="nav nav-pills"><li class="nav-item"><a class="nav-link active" href="#x">甲</a></li></ul>
<ol class="breadcrumb"><li class="breadcrumb-item"><a href="#x">旗</a></li>
 <li class="breadcrumb-item active">苏木</li></ol>
<ul class="pagination"><li class="page-item active"><a class="page-link" href="#x">1</a></li>
 <li class="page-item"><a class="page-link" href="#x">2</a></li></ul>
<div class="list-group"><a class="list-group-item active" href="#x">甲</a>
 <a class="list-group-item" href="#x">乙 <small class="text-body-secondary">次要</small></a></div>
<table class="table table-striped table-hover"><thead class="table-light"><tr><th>编号</th></tr>
 </thead><tbody><tr><td><a href="#x">链接</a> <span class="text-danger">逾期</span></td></tr>
 <tr><td><a href="#x">链接</a> <span class="text-success">按期</span></td></tr></tbody></table>
<div class="card"><div class="card-header"><a href="#x">链接</a></div>
 <div class="card-footer text-body-secondary">次要</div></div>
<label for="f-SHADE">字段</label>
 <input id="f-SHADE" class="form-control is-invalid" placeholder="提示">
<div class="form-text">说明</div><div class="invalid-feedback">请填写</div>
<div class="form-check"><input id="c-SHADE" class="form-check-input" type="checkbox" checked>
 <label class="form-check-label" for="c-SHADE">选项</label></div>
"""


def answer(route: Route) -> None:
    name = route.request.url.split("/", 3)[3]
    if name == "page":
        body = "".join(
            f'<div class="p-3 bg-{shade}">{(PLAIN + COMPONENTS).replace("SHADE", shade)}</div>'
            for shade in ("white", "light")
        )
        route.fulfill(
            content_type="text/html; charset=utf-8",
            headers={"content-security-policy": POLICY},
            body=f"""<!doctype html><html lang="zh-CN"><head><title>样式</title>
            <link rel="stylesheet" href="/app.css"><script src="/app.js" defer></script></head>
            <body><main><h1>样式</h1>{body}</main></body></html>""",
        )
    elif (BUNDLE / name).is_file():
        route.fulfill(content_type=TYPES[Path(name).suffix], body=(BUNDLE / name).read_bytes())
    else:
        route.fulfill(status=404, body="")


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    opened = context.new_page()
    opened.route("**/*", answer)
    yield opened
    context.close()


def test_colours_are_readable_on_white_and_on_light_grey(page: Page) -> None:
    page.goto("http://127.0.0.1/page")
    found = Axe().run(page, options={"runOnly": ["color-contrast"]})
    assert found.violations_count == 0, found.generate_report()


def test_strict_policy_stops_nothing(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("http://127.0.0.1/page")
    page.wait_for_load_state("networkidle")
    assert complaints == []
    assert page.evaluate("typeof htmx.process") == "function"
    tick = page.locator("#c-white").evaluate("box => getComputedStyle(box).backgroundImage")
    assert "/img/" in tick
