/**
 * The kernel's descriptions of some events (`events/sched/…/format`), for machines with a long of 4 or 8 bytes, and
 * records that fit them.
 */
export type FieldValue = number | bigint | string;

export interface FormatField {
  readonly type: string;
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly isSigned: boolean;
}

export interface WrittenFormat {
  readonly system: string;
  readonly name: string;
  readonly id: number;
  readonly fields: readonly FormatField[];
  readonly text: string;
}

/** `type name` as the kernel writes them, sizes by their types. */
interface EventDefinition {
  readonly system: string;
  readonly name: string;
  readonly id: number;
  readonly fields: readonly string[];
  readonly print: string;
}

const COMMON = [
  'unsigned short common_type',
  'unsigned char common_flags',
  'unsigned char common_preempt_count',
  'int common_pid',
];
const STATES =
  '(REC->prev_state & ((((0x00000000 | 0x00000001 | 0x00000002 | 0x00000004 | 0x00000008 | 0x00000010 | 0x00000020 | 0x00000040) + 1) << 1) - 1)) ? __print_flags(REC->prev_state & ((((0x00000000 | 0x00000001 | 0x00000002 | 0x00000004 | 0x00000008 | 0x00000010 | 0x00000020 | 0x00000040) + 1) << 1) - 1), "|", { 0x00000001, "S" }, { 0x00000002, "D" }, { 0x00000004, "T" }, { 0x00000008, "t" }, { 0x00000010, "X" }, { 0x00000020, "Z" }, { 0x00000040, "P" }, { 0x00000080, "I" }) : "R", REC->prev_state & (((0x00000000 | 0x00000001 | 0x00000002 | 0x00000004 | 0x00000008 | 0x00000010 | 0x00000020 | 0x00000040) + 1) << 1) ? "+" : ""';
const WAKEUP_FIELDS = ['char comm[16]', 'pid_t pid', 'int prio', 'int target_cpu'];
const WAKEUP_PRINT =
  '"comm=%s pid=%d prio=%d target_cpu=%03d", REC->comm, REC->pid, REC->prio, REC->target_cpu';

const DEFINITIONS: readonly EventDefinition[] = [
  {
    system: 'sched',
    name: 'sched_switch',
    id: 316,
    fields: [
      'char prev_comm[16]',
      'pid_t prev_pid',
      'int prev_prio',
      'long prev_state',
      'char next_comm[16]',
      'pid_t next_pid',
      'int next_prio',
    ],
    print: `"prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s%s ==> next_comm=%s next_pid=%d next_prio=%d", REC->prev_comm, REC->prev_pid, REC->prev_prio, ${STATES}, REC->next_comm, REC->next_pid, REC->next_prio`,
  },
  { system: 'sched', name: 'sched_wakeup', id: 318, fields: WAKEUP_FIELDS, print: WAKEUP_PRINT },
  { system: 'sched', name: 'sched_wakeup_new', id: 317, fields: WAKEUP_FIELDS, print: WAKEUP_PRINT },
  { system: 'sched', name: 'sched_waking', id: 319, fields: WAKEUP_FIELDS, print: WAKEUP_PRINT },
  {
    system: 'sched',
    name: 'sched_migrate_task',
    id: 315,
    fields: ['char comm[16]', 'pid_t pid', 'int prio', 'int orig_cpu', 'int dest_cpu'],
    print:
      '"comm=%s pid=%d prio=%d orig_cpu=%d dest_cpu=%d", REC->comm, REC->pid, REC->prio, REC->orig_cpu, REC->dest_cpu',
  },
  {
    system: 'sched',
    name: 'sched_stat_runtime',
    id: 305,
    fields: ['char comm[16]', 'pid_t pid', 'u64 runtime', 'u64 vruntime'],
    print:
      '"comm=%s pid=%d runtime=%Lu [ns] vruntime=%Lu [ns]", REC->comm, REC->pid, (unsigned long long)REC->runtime, (unsigned long long)REC->vruntime',
  },
  {
    system: 'sched',
    name: 'sched_process_fork',
    id: 310,
    fields: ['char parent_comm[16]', 'pid_t parent_pid', 'char child_comm[16]', 'pid_t child_pid'],
    print:
      '"comm=%s pid=%d child_comm=%s child_pid=%d", REC->parent_comm, REC->parent_pid, REC->child_comm, REC->child_pid',
  },
  {
    system: 'sched',
    name: 'sched_process_exit',
    id: 313,
    fields: ['char comm[16]', 'pid_t pid', 'int prio'],
    print: '"comm=%s pid=%d prio=%d", REC->comm, REC->pid, REC->prio',
  },
  {
    system: 'sched',
    name: 'sched_process_exec',
    id: 309,
    fields: ['__data_loc char[] filename', 'pid_t pid', 'pid_t old_pid'],
    print: '"filename=%s pid=%d old_pid=%d", __get_str(filename), REC->pid, REC->old_pid',
  },
  {
    system: 'irq',
    name: 'irq_handler_exit',
    id: 150,
    fields: ['int irq', 'int ret'],
    print: '"irq=%d ret=%s", REC->irq, REC->ret ? "handled" : "unhandled"',
  },
];

const SIZES: Record<string, number> = {
  'unsigned short': 2,
  'unsigned char': 1,
  char: 1,
  int: 4,
  pid_t: 4,
  u64: 8,
  '__data_loc char[]': 4,
};
const UNSIGNED = new Set(['unsigned short', 'unsigned char', 'u64']);

/** The formats as a machine with such a long has them. */
export function schedFormats(longBytes: 4 | 8): ReadonlyMap<string, WrittenFormat> {
  return new Map(DEFINITIONS.map((definition) => [definition.name, formatOf(definition, longBytes)]));
}

function formatOf(
  { system, name, id, fields: own, print }: EventDefinition,
  longBytes: 4 | 8,
): WrittenFormat {
  let at = 0;
  const fields = [...COMMON, ...own].map((declaration): FormatField => {
    const [, type = '', field = '', count] = /^(.*) (\w+)(?:\[(\d+)\])?$/.exec(declaration)!;
    const unit = type === 'long' ? longBytes : SIZES[type]!;
    const sizeBytes = unit * Number(count ?? 1);
    // On 32-bit machines (x86) a u64 is aligned to 4 bytes.
    const alignment = Math.min(unit, longBytes);
    const offset = Math.ceil(at / alignment) * alignment;
    at = offset + sizeBytes;
    return { type, name: field, offset, sizeBytes, isSigned: !UNSIGNED.has(type) };
  });
  const lines = fields.map(({ type, name: field, offset, sizeBytes, isSigned }) => {
    const array = type === 'char' ? `[${sizeBytes}]` : '';
    return `\tfield:${type} ${field}${array};\toffset:${offset};\tsize:${sizeBytes};\tsigned:${Number(isSigned)};`;
  });
  lines.splice(COMMON.length, 0, '');
  const text = `name: ${name}\nID: ${id}\nformat:\n${lines.join('\n')}\n\nprint fmt: ${print}\n`;
  return { system, name, id, fields, text };
}

const encoder = new TextEncoder();

/** A record of the format; fields that are not told are 0. */
export function recordOf(
  { id, fields }: WrittenFormat,
  values: Readonly<Record<string, FieldValue>>,
  isLittleEndian: boolean,
): Uint8Array {
  const last = fields.at(-1)!;
  const fixedBytes = last.offset + last.sizeBytes;
  const texts = fields.filter(({ type }) => type.startsWith('__data_loc'));
  const tail = texts.map(({ name }) => encoder.encode(`${values[name] ?? ''}\0`));
  const whole = new Uint8Array(fixedBytes + tail.reduce((sum, { length }) => sum + length, 0));
  const view = new DataView(whole.buffer);
  let tailAt = fixedBytes;
  for (const { type, name, offset, sizeBytes } of fields) {
    const value = name === 'common_type' ? id : (values[name] ?? 0);
    if (type.startsWith('__data_loc')) {
      const text = tail[texts.findIndex((each) => each.name === name)]!;
      view.setUint32(offset, (text.length << 16) | tailAt, isLittleEndian);
      whole.set(text, tailAt);
      tailAt += text.length;
    } else if (type === 'char') {
      whole.set(encoder.encode(String(value)).subarray(0, sizeBytes - 1), offset);
    } else if (sizeBytes === 8) view.setBigInt64(offset, BigInt.asIntN(64, BigInt(value)), isLittleEndian);
    else if (sizeBytes === 4) view.setInt32(offset, Number(value), isLittleEndian);
    else if (sizeBytes === 2) view.setUint16(offset, Number(value), isLittleEndian);
    else view.setUint8(offset, Number(value));
  }
  return whole;
}
