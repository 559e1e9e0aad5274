"""先读我.txt: which file is what, how to verify without installing anything, what is not proved."""

from __future__ import annotations

from webapp.papers.official import date_in_full
from webapp.review_package.lists import DEVIATIONS, LEDGER, SAMPLE
from webapp.review_package.marks import Marks

# Notepad of old Windows takes a text without this mark for another encoding.
_MARK = b"\xef\xbb\xbf"


def readme(marks: Marks, cases: int) -> bytes:
    """Write the text with Windows' line ends."""
    return _MARK + "\r\n".join(_lines(marks, cases)).encode("utf-8") + b"\r\n"


def _lines(marks: Marks, cases: int) -> list[str]:
    order = marks.order
    made_up = ["演示数据·虚构：人名、单位、事项均非真实。", ""] if order.is_made_up else []
    return [
        "巡察审计资料包",
        "",
        *made_up,
        f"范围：{marks.covers}　{marks.period}",
        f"截至：{date_in_full(marks.made_on)}　案件 {cases} 件",
        f"交给：{order.recipient}",
        f"用途：{order.purpose}",
        f"制作：{order.title}　{order.by}"
        + (f"　同意：{order.agreed_by}" if order.agreed_by else ""),
        f"内容：{marks.level_words}",
        "",
        "一、文件",
        "",
        "情况说明.docx　　范围、件数、例外情况、核验办法。建议先看。",
        f"{LEDGER}.xlsx　　每案一行。",
        f"{DEVIATIONS}.xlsx　　补录、冲销、暂停、延期、逾期等，每条注明编号、记录序号、叶号。",
        f"{SAMPLE}.xlsx、抽样名单.txt　　抽样名单和结果。",
        "卷宗 文件夹　　　每案一个 PDF：目录、办理经过、材料。",
        "审计包.zip　　　　全部办理记录的原件，带签名。请不要解压，核验要看它的每一个字节。",
        "viewer.html　　　 查看和核验审计包的网页，不联网。",
        "",
        "二、怎样核验（不用安装任何程序）",
        "",
        "1. 用浏览器打开 viewer.html。",
        "2. 把 审计包.zip 拖到网页上，等“核验结果”出来。",
        "3. 核对签名密钥指纹：向对方主管部门或从以往的会议纪要取得，不要只看本文件。",
        f"   本包所用密钥指纹：{marks.fingerprint}",
        "4. 手里有存证点（会议纪要、交接单、每日文件）的，填入网页比对。",
        f"5. 核对审计包清单 SHA-256：{marks.manifest_hash}",
        "",
        "三、怎样抽样",
        "",
        "在 viewer.html 的“抽样”页填入自定的种子和件数。种子请在收到本包之后再定，",
        "例如当场掷骰子、取当日报纸上的数字。算法写在 抽样.xlsx 的“说明”页，谁都可以重算。",
        "",
        "四、没有证明什么",
        "",
        "1. 台账、清单、卷宗、说明是由审计包生成的抄件，自身不带签名，以审计包为准。",
        "2. 记录登记之后未被改动，可以证明；登记的内容是否属实、是否都登记了，不能证明。",
        "3. 不与外部留存的存证点核对，只能得出“内部一致”。"
        + ("" if order.scope.has_house else "本包是选定的范围，不能证明没有别的案件。"),
        "4. viewer.html 与审计包同出一处；重要的核验，请用另行取得的 viewer.html。",
    ]
