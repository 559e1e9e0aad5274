// What can be wrong with a bundle, in Chinese and English: one sentence for each of the verifier's
// codes. The codes are those of verify.py.

/** The steps of verification by the beginning of a code, in the verifier's own order. */
export const STAGES = [
  ["bundle_", "读取文件", "reading"],
  ["zip_", "压缩包形式", "zip form"],
  ["format_", "格式", "format"],
  ["manifest_note_differs", "清单签名", "signature of the manifest"],
  ["manifest_key_differs", "清单签名", "signature of the manifest"],
  ["manifest_", "清单", "manifest"],
  ["note_", "签名文本", "signed notes"],
  ["file_", "文件与清单", "files against manifest"],
  ["line_", "规范形式", "canonical form"],
  ["position_", "规范形式", "canonical form"],
  ["record_", "规范形式", "canonical form"],
  ["payload_invalid", "规范形式", "canonical form"],
  ["hash_", "流程定义、位置、日历", "definitions, markings, calendars"],
  ["chain_", "记录链", "chains"],
  ["payload_", "内容承诺", "payload commitments"],
  ["reference_", "引用", "references"],
  ["tree_", "日志树根", "root of the log"],
  ["range_", "完整性", "completeness"],
  ["checkpoint_", "存证点", "checkpoints"],
  ["consistency_", "存证点", "checkpoints"],
  ["anchor_", "外部存证", "outside copies"],
  ["directory_", "人员单位名册", "directory"],
  ["fold_", "状态推演", "fold"],
  ["state_", "状态", "state"],
  ["viewer_", "查看器", "viewer"],
];

export const PROBLEMS = {
  viewer_failed: ["查看器无法处理这个文件：{reason}。", "The viewer cannot handle this file: {reason}."],
  bundle_unreadable: ["文件读不出来：{reason}。", "The file cannot be read: {reason}."],
  zip_form_broken: ["第 {offset} 字节处不是规定形式的压缩包：{reason}。", "Not a canonical zip at byte {offset}: {reason}."],
  format_unknown: [
    "格式为 {found}；本程序核验 duban-bundle/1，并把 /0 按未签名核验。",
    "The format is {found}; this program verifies duban-bundle/1, and /0 as unsigned.",
  ],
  manifest_broken: [
    "manifest.json 的 {key} 不合规定：{found}。",
    "manifest.json: {key} is {found}, which it must not be.",
  ],
  file_missing: ["缺少文件 {file}。", "The file {file} is missing."],
  file_unexpected: [
    "文件 {file} 不应在包内：{reason}。",
    "The file {file} does not belong into this bundle: {reason}.",
  ],
  file_differs: [
    "文件 {file} 与清单不符：其 {what} 为 {found}，应为 {expected}。",
    "The file {file} is not the one of the manifest: its {what} is {found}, not {expected}.",
  ],
  hash_differs: ["{file} 的内容与其名称中的哈希不符。", "{file} is named after a hash that its content does not have."],
  line_not_canonical: [
    "{file} 第 {line} 行不是规范形式：{reason}。",
    "{file} line {line} is not canonical JSON: {reason}.",
  ],
  record_invalid: [
    "{id} 第 {seq} 条记录的 {key} 不合规定：{value}。",
    "Record {id} seq {seq}: {key} is {value}, which it must not be.",
  ],
  payload_invalid: [
    "{id} 第 {seq} 条内容的 {key} 不合规定：{value}。",
    "Payload of {id} seq {seq}: {key} is {value}, which it must not be.",
  ],
  chain_broken: [
    "记录链 {id} 第 {seq} 条：{key} 为 {found}，应为 {expected}。",
    "Stream {id}, record {seq}: {key} is {found}, but must be {expected}.",
  ],
  chain_head_differs: [
    "记录链 {id}：清单所载为 {expected}，记录实为 {found}。",
    "Stream {id}: the manifest says {expected}, but the records say {found}.",
  ],
  manifest_note_differs: [
    "manifest.note 签署的是另一份 manifest.json，不是包内这一份。",
    "manifest.note is signed over another manifest.json than the one that is here.",
  ],
  manifest_key_differs: [
    "本包由密钥 {found} 签名，与您给出的指纹不同。",
    "The bundle is signed by the key {found}, not by the one that was asked for.",
  ],
  note_broken: ["{file} 不是规定形式的签名文本：{reason}。", "{file} is not a signed note as it must be: {reason}."],
  note_unsigned: [
    "{file} 没有密钥 {key_name}（指纹 {fingerprint}）的有效签名。",
    "{file} is not signed by the key {key_name} with the fingerprint {fingerprint}.",
  ],
  position_broken: [
    "positions.jsonl 第 {line} 行不是 {id} 第 {seq} 条的位置。",
    "positions.jsonl line {line} is not the position of {id} seq {seq}.",
  ],
  tree_broken: ["节点不成日志树：{reason}。", "These nodes are no Merkle tree: {reason}."],
  tree_leaf_missing: [
    "日志第 {index} 条既不是包内的记录，也不在任何节点之下。",
    "Leaf {index} of the log is neither a record nor under a node of this bundle.",
  ],
  tree_leaf_doubled: [
    "日志第 {index} 条被重复占用：记录或节点互相重叠。",
    "Leaf {index} of the log is claimed twice, by a record or a node beside another.",
  ],
  tree_root_differs: [
    "由记录和节点推算，{size} 条时的树根为 {found}，{source} 所载为 {expected}。",
    "The log of {size} leaves has the root {found} by its records, but {expected} by {source}.",
  ],
  range_not_whole: [
    "声明完整的 {count} 条中缺 {missing} 条，第一条缺的是第 {index} 条。",
    "{missing} of the {count} leaves that the bundle claims whole are missing, first {index}.",
  ],
  range_sealed_wrong: [
    "清单称第 {index} 条已密封，而它是一条记录，或不是单独的节点。",
    "The manifest says that leaf {index} is sealed, but it is a record or no single node.",
  ],
  checkpoint_broken: ["{file} 不是规定形式的存证点：{reason}。", "{file} is not a checkpoint as it must be: {reason}."],
  checkpoint_unproven: [
    "{size} 条的存证点无法核对：节点和 consistency.jsonl 都推算不到。",
    "Neither nodes nor consistency.jsonl reach the checkpoint of size {size}.",
  ],
  consistency_broken: [
    "consistency.jsonl 第 {line} 行不能证明日志由 {size} 条增长而来。",
    "consistency.jsonl line {line} does not prove that the log grew from {size} leaves.",
  ],
  anchor_unreadable: [
    "外部存证 {label} 读不懂：应为“条数 树根”，或者存证点文件。",
    "The outside copy {label} cannot be read: it must be a size and a root, or a checkpoint's file.",
  ],
  anchor_without_log: [
    "{format} 没有日志，无法与外部存证或密钥核对。",
    "A {format} has no log that an outside copy could be compared with.",
  ],
  anchor_differs: [
    "按外部存证 {label}，{size} 条时的树根为 {expected}，本包为 {found}：日志在存证之后被改写。",
    "By the outside copy {label} the log of {size} leaves had the root {expected}, not {found}.",
  ],
  anchor_beyond: [
    "外部存证 {label} 记有 {size} 条，本包只到 {found} 条：本包较旧，或者最新的记录被截去。",
    "The outside copy {label} saw {size} leaves; this bundle, old or cut off, has {found}.",
  ],
  anchor_unproven: [
    "外部存证 {label} 无法核对：包内没有能推算 {size} 条时树根的节点或证明。",
    "The outside copy {label} cannot be compared: nothing here proves the root at {size}.",
  ],
  anchor_in_gap: [
    "外部存证 {label} 涵盖的记录有一部分在恢复备份时丢失，空档为 {since} 至 {until}，无法核对。",
    "The outside copy {label} saw records that a restore lost between {since} and {until}.",
  ],
  directory_differs: [
    "{file} 与包内载明人员单位名册的内部记录（directory_stated）不一致。",
    "{file} is not what a house record directory_stated of this bundle states.",
  ],
  payload_missing: [
    "缺少 {id} 第 {seq} 条的内容，也没有说明理由。",
    "The payload of {id} seq {seq} is missing, and nothing says why.",
  ],
  payload_differs: [
    "{id} 第 {seq} 条的内容与记录中的承诺不符。",
    "The payload of {id} seq {seq} is not the one that its record commits to.",
  ],
  payload_unexpected: [
    "有 {id} 第 {seq} 条的内容，却没有承诺它的记录。",
    "There is a payload of {id} seq {seq}, but no such record that commits to one.",
  ],
  payload_field_missing: [
    "{id} 第 {seq} 条的栏目 {name} 没有打开，也没有说明理由。",
    "The field {name} of {id} seq {seq} is not opened, and nothing says why.",
  ],
  payload_field_differs: [
    "{id} 第 {seq} 条的栏目 {name} 与内容中的承诺不符。",
    "The field {name} of {id} seq {seq} is not the one that its payload commits to.",
  ],
  payload_field_unexpected: [
    "{id} 第 {seq} 条附有 {commitment} 的值，内容中却没有这个栏目。",
    "There is an opening {commitment} of {id} seq {seq}, but its payload has no such field.",
  ],
  payload_withheld_wrong: [
    "清单称不提供 {id} 第 {seq} 条的内容，而它就在包内，或从未有过。",
    "The manifest withholds the payload of {id} seq {seq}, which is here or never was.",
  ],
  reference_missing: [
    "记录链 {id} 第 {seq} 条：其 {key} {found} 不在包内。",
    "Stream {id}, record {seq}: its {key} {found} is not in the bundle.",
  ],
  state_missing: ["案件 {id} 在 state.jsonl 中没有状态行。", "The case {id} has no line in state.jsonl."],
  state_unexpected: [
    "state.jsonl 第 {line} 行是 {id}，次序不对或没有记录。",
    "state.jsonl line {line} is about {id}, which is out of order or has no records.",
  ],
  state_differs: [
    "案件 {id}：按记录推演 {key} 应为 {expected}，状态行却是 {found}。",
    "Case {id}: the records give {key} as {expected}, but the state line says {found}.",
  ],
  fold_broken: [
    "案件 {id} 第 {seq} 条：记录与此前的状态不符。",
    "Case {id}, record {seq}: the record does not fit the state before it.",
  ],
  fold_out_of_order: [
    "案件 {id} 第 {seq} 条：此处应为 {expected}。",
    "Case {id}, record {seq}: expected is record {expected}.",
  ],
  fold_marking_differs: [
    "案件 {id} 第 {seq} 条：{key} 为 {found}，当前位置却是 {expected}。",
    "Case {id}, record {seq}: {key} is {found}, but the marking is {expected}.",
  ],
  fold_task_differs: [
    "案件 {id} 第 {seq} 条：待办 {task}（{key}）不成立：{reason}。",
    "Case {id}, record {seq}: task {task} is {key}, but {reason}.",
  ],
  fold_clock_differs: [
    "案件 {id} 第 {seq} 条：时限 {clock}（{key}）不成立：{reason}。",
    "Case {id}, record {seq}: clock {clock} is {key}, but {reason}.",
  ],
  fold_fact_differs: [
    "案件 {id} 第 {seq} 条：要素 {fact} 原为 {expected}，内容却说是 {found}。",
    "Case {id}, record {seq}: fact {fact} was {expected}, but the payload says {found}.",
  ],
  fold_not_undoable: [
    "案件 {id} 第 {seq} 条：第 {about} 条不能撤回：{reason}。",
    "Case {id}, record {seq}: record {about} cannot be undone, because {reason}.",
  ],
  fold_not_withdrawable: [
    "案件 {id} 第 {seq} 条：第 {about} 条不能撤销：{reason}。",
    "Case {id}, record {seq}: record {about} cannot be withdrawn, because {reason}.",
  ],
  fold_after_end: [
    "案件 {id} 第 {seq} 条：案件已经办结，不能再变动。",
    "Case {id}, record {seq}: the case has ended and moves no more.",
  ],
};

/** Reasons that stand inside sentences. */
export const REASONS = {
  local_header: ["文件头不合规定", "a local header is not as it must be"],
  members_end: ["文件的结尾不在目录之前", "the members do not end where the directory is"],
  directory: ["目录不合规定", "the directory is not as it must be"],
  no_zip: ["不是压缩包", "this is no zip"],
  no_zip_or_tail: ["不是压缩包，或者结尾之后还有字节", "this is no zip, or bytes follow its end"],
  no_zip64_end: ["缺少 ZIP64 结尾", "the ZIP64 end is missing"],
  directory_place: ["目录不在应在的位置", "the directory is not where it must be"],
  name_order: ["文件名不按字节次序排列", "names are not in byte order"],
  member_reaches: ["有文件伸入目录", "a member reaches into the directory"],
  entry: ["目录项读不出来", "a directory entry cannot be read"],
  checksum: ["{file} 的校验和不对", "the checksum of {file} is wrong"],
  no_such_file: ["这种格式没有这个文件", "the format has no such file"],
  not_listed: ["清单没有列出", "the manifest does not name it"],
  not_nameable: ["清单不能列出自己和自己的签名", "the manifest cannot name itself or its signature"],
  note_long: ["超过 64 KiB", "it is longer than 64 KiB"],
  note_parts: ["应为正文、空行和签名行", "it must be text, an empty line and signature lines"],
  note_line: ["{what} 不是签名行", "{what} is no signature line"],
  note_signatures: ["应当只有一个签名", "it must have one signature"],
  node_place: ["节点 [{start}, {end}) 次序不对或没有对齐", "the node [{start}, {end}) is out of order or not aligned"],
  checkpoint_parts: ["应为来源、条数、树根和时间", "it must be origin, size, root and time"],
  checkpoint_size: ["条数是 {what}", "its size is {what}"],
  checkpoint_time: ["时间是 {what}", "its time is {what}"],
  checkpoint_root: ["树根是 {what}", "its root is {what}"],
  checkpoint_large: ["它比本包的日志还大", "it is larger than the bundle's log"],
  checkpoint_origin: ["来源与本包不同", "it is of another origin than the bundle"],
  not_node: ["不是 {from, to, hash}", "not {from, to, hash}"],
  not_proof: ["不是按条数排列的 {size, root, proof}", "not {size, root, proof} in order of size"],
  not_utf8: ["不是 UTF-8 文字", "text that is not UTF-8"],
  not_json: ["不是 JSON", "not JSON"],
  too_deep: ["层次过深", "nested too deeply"],
  other_form: ["次序、空格、写法不同，或键名重复", "another order, spacing, spelling, or a key twice"],
  not_integer: ["有小数或超过 2^53 的整数", "a number that is no integer below 2^53"],
  key_not_ascii: ["键名不是 ASCII", "a key is not ASCII"],
  endless: ["没有行尾，或超过 64 MiB", "it has no end or is longer than 64 MiB"],
  not_object: ["不是对象", "not an object"],
  not_marking: ["不是 {hash, marking}", "not {hash, marking}"],
  not_day: ["不是日历的一天", "not a calendar day"],
  used_before: ["这个序号以前用过", "this number was used before"],
  not_open: ["并未打开", "it is not open"],
  runs: ["已在计时", "it runs already"],
  paused_already: ["已经暂停", "it is paused already"],
  resumed_already: ["已经恢复", "it is resumed already"],
  is_paused: ["正在暂停", "it is paused"],
  not_running: ["并未计时", "it does not run"],
  not_the_last: ["它不是最近一次仍有效的办理", "it is not the last act that stands"],
  somebody_else: ["是别人办的", "somebody else did it"],
  too_late: ["已超过 60 秒", "more than 60 s have passed"],
  writes_facts: ["撤回不能写入要素", "an undoing writes no facts of its own"],
  kind_stays: ["这一类记录不能撤回", "a record of that kind stays"],
  sent: ["已有通知发出", "something was sent"],
  opened_case: ["已另行开立案件", "it opened a case"],
  no_firing: ["它没有触发期限，或者已经撤销", "it fired no clock or is withdrawn already"],
  left: ["由它打开的 {what} 仍在", "{what}, which it opened, is left"],
  not_restored: ["时限 {what} 没有恢复", "the clock {what} is not restored"],
};
