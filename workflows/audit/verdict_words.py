"""What is wrong with a bundle, said in words. Part of verify.py.

In English an error's own docstring says it.
"""

from __future__ import annotations

from workflows.audit.place_time import at_place
from workflows.domain.errors import DubanError

_PROBLEMS = {
    "anchor_beyond": "外部存证 {label} 记有 {size} 条，本包只到 {found} 条："
    "本包较旧，或者最新的记录被截去。",
    "anchor_differs": "按外部存证 {label}，{size} 条时的树根为 {expected}，本包为 {found}："
    "日志在存证之后被改写。",
    "anchor_in_gap": "外部存证 {label} 涵盖的记录有一部分在恢复备份时丢失，"
    "空档为 {since} 至 {until}，无法核对。",
    "anchor_unproven": "外部存证 {label} 无法核对：包内没有能推算 {size} 条时树根的节点或证明。",
    "anchor_unreadable": "外部存证 {label} 无法读取：{reason}。",
    "anchor_without_log": "{format} 没有日志，无法与外部存证或密钥核对。",
    "bundle_unreadable": "文件 {path} 无法读取：{reason}。",
    "chain_broken": "记录链 {id} 第 {seq} 条：{key} 为 {found}，应为 {expected}。",
    "chain_head_differs": "记录链 {id}：清单所载为 {expected}，记录实为 {found}。",
    "checkpoint_broken": "{file} 不是规定形式的存证点：{reason}。",
    "checkpoint_unproven": "{size} 条的存证点无法核对：节点和 consistency.jsonl 都推算不到。",
    "consistency_broken": "consistency.jsonl 第 {line} 行不能证明日志由 {size} 条增长而来。",
    "directory_differs": "{file} 与包内载明人员单位名册的内部记录（directory_stated）不一致。",
    "file_differs": "文件 {file} 与清单不符：其 {what} 为 {found}，应为 {expected}。",
    "file_missing": "缺少文件 {file}。",
    "file_unexpected": "文件 {file} 不应在包内：{reason}。",
    "fold_after_end": "案件 {id} 第 {seq} 条：案件已经办结，不能再变动。",
    "fold_broken": "案件 {id} 第 {seq} 条：记录与此前的状态不符。",
    "fold_clock_differs": "案件 {id} 第 {seq} 条：时限 {clock}（{key}）不成立：{reason}。",
    "fold_fact_differs": "案件 {id} 第 {seq} 条：要素 {fact} 原为 {expected}，内容却说是 {found}。",
    "fold_marking_differs": "案件 {id} 第 {seq} 条：{key} 为 {found}，当前位置却是 {expected}。",
    "fold_not_undoable": "案件 {id} 第 {seq} 条：第 {about} 条不能撤回：{reason}。",
    "fold_not_withdrawable": "案件 {id} 第 {seq} 条：第 {about} 条不能撤销：{reason}。",
    "fold_out_of_order": "案件 {id} 第 {seq} 条：此处应为 {expected}。",
    "fold_task_differs": "案件 {id} 第 {seq} 条：待办 {task}（{key}）不成立：{reason}。",
    "format_unknown": "格式为 {found}；本程序核验 duban-bundle/1，并把 /0 按未签名核验。",
    "hash_differs": "{file} 的内容与其名称中的哈希不符。",
    "line_not_canonical": "{file} 第 {line} 行不是规范形式：{reason}。",
    "manifest_broken": "manifest.json：{key} 为 {found}，应为 {expected}。",
    "manifest_key_differs": "本包由密钥 {found} 签名，与您给出的指纹不同。",
    "manifest_note_differs": "manifest.note 签署的是另一份 manifest.json，不是包内这一份。",
    "not_canonical_json": "这些字节不是规范形式：{reason}。",
    "note_broken": "{file} 不是规定形式的签名文本：{reason}。",
    "note_unsigned": "{file} 没有密钥 {key_name}（指纹 {fingerprint}）的有效签名。",
    "payload_differs": "{id} 第 {seq} 条的内容与记录中的承诺不符。",
    "payload_field_differs": "{id} 第 {seq} 条的栏目 {name} 与内容中的承诺不符。",
    "payload_field_missing": "{id} 第 {seq} 条的栏目 {name} 没有打开，也没有说明理由。",
    "payload_field_unexpected": "{id} 第 {seq} 条附有 {commitment} 的值，内容中却没有这个栏目。",
    "payload_invalid": "{id} 第 {seq} 条的内容：{key} 为 {value}，应为 {expected}。",
    "payload_missing": "缺少 {id} 第 {seq} 条的内容，也没有说明理由。",
    "payload_unexpected": "有 {id} 第 {seq} 条的内容，却没有承诺它的记录。",
    "payload_withheld_wrong": "清单称不提供 {id} 第 {seq} 条的内容，而它就在包内，或从未有过。",
    "position_broken": "positions.jsonl 第 {line} 行不是 {id} 第 {seq} 条的位置。",
    "range_not_whole": "声明完整的 {count} 条中缺 {missing} 条，第一条缺的是第 {index} 条。",
    "range_sealed_wrong": "清单称第 {index} 条已密封，而它是一条记录，或不是单独的节点。",
    "record_invalid": "记录 {id} 第 {seq} 条：{key} 为 {value}，应为 {expected}。",
    "reference_missing": "记录链 {id} 第 {seq} 条：其 {key} {found} 不在包内。",
    "state_differs": "案件 {id}：按记录推演 {key} 应为 {expected}，状态行却是 {found}。",
    "state_missing": "案件 {id} 在 state.jsonl 中没有状态行。",
    "state_unexpected": "state.jsonl 第 {line} 行是 {id}，次序不对或没有记录。",
    "tree_broken": "节点不成日志树：{reason}。",
    "tree_leaf_doubled": "日志第 {index} 条被重复占用：记录或节点互相重叠。",
    "tree_leaf_missing": "日志第 {index} 条既不是包内的记录，也不在任何节点之下。",
    "tree_root_differs": "由记录和节点推算，{size} 条时的树根为 {found}，"
    "{source} 所载为 {expected}。",
    "zip_form_broken": "第 {offset} 字节处不是规定形式的压缩包：{reason}。",
}
_REASONS = {
    "a directory entry cannot be read": "目录中有一项无法读取",
    "a frontier begins with 8 bytes of size": "前沿以 8 个字节的条数开头",
    "a local header is not as it must be": "文件头与规定不符",
    "a member reaches into the directory": "文件伸入了目录",
    "a node is not 32 bytes long": "有节点不是 32 字节",
    "an integer of 2^53 or more": "整数达到或超过 2^53",
    "another order, spacing, spelling, or a key twice": "次序、空格、写法不同，或键名重复",
    "it does not read back the same": "读回后与原文不同",
    "it has no end or is longer than 64 MiB": "没有行尾，或长于 64 MiB",
    "it is larger than the bundle's log": "比本包的日志还大",
    "it is longer than 64 KiB": "长于 64 KiB",
    "it is not UTF-8": "不是 UTF-8 文本",
    "it is not open": "它并未打开",
    "it is of another origin than the bundle": "来源与本包不同",
    "it is paused": "它正在暂停",
    "it does not run": "它并未运行",
    "it runs already": "它已经在运行",
    "it must be a size and a root": "应为条数和树根",
    "it must be origin, size, root and time": "应为来源、条数、树根和时间",
    "it must be text, an empty line and signature lines": "应为正文、空行和签名行",
    "it must have one signature": "应有且只有一个签名",
    "names are not in byte order": "文件名没有按字节顺序排列",
    "nested too deeply": "嵌套过深",
    "not a calendar day": "不是日历中的一天",
    "not an object": "不是对象",
    "text that is not UTF-8": "不是 UTF-8 文本",
    "the ZIP64 end is missing": "缺少 ZIP64 结尾",
    "the directory is not as it must be": "目录与规定不符",
    "the directory is not where it must be": "目录不在规定的位置",
    "the format has no such file": "该格式没有这样的文件",
    "the manifest cannot name it": "清单不能列入它",
    "the manifest does not name it": "清单没有列入它",
    "the members do not end where the directory is": "文件末尾与目录的位置不符",
    "the signer holds another key": "签名者持有另一把密钥",
    "this is no zip": "不是压缩包",
    "this is no zip, or bytes follow its end": "不是压缩包，或结尾之后还有字节",
    "this number was used before": "这个序号此前用过",
}


def problem_words(problem: DubanError, language: str) -> str:
    """Say what is wrong, in ``en`` or ``zh``; what has no Chinese words stays English."""
    words = _PROBLEMS.get(problem.code) if language == "zh" else None
    if words is None:
        return str(type(problem)(**_placed(problem, language)))
    reason = problem.attributes.get("reason")
    told = {"reason": _REASONS.get(str(reason), reason)}
    return words.format(**_placed(problem, language) | told)


def _placed(problem: DubanError, language: str) -> dict[str, object]:
    """Give what a problem tells, moments on the clock of the place."""
    return {
        name: at_place(value, language) if isinstance(value, str) else value
        for name, value in problem.attributes.items()
    }
