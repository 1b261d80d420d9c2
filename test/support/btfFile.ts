/** What a kernel tells of its types, as a file of the format of /sys/kernel/btf/vmlinux: only what is asked of it. */

/** `u32`, `s64`, `*rq`: a pointer to it, `rq`: the structure itself, `hot:1`: one bit, `{…}`: a nameless structure inside. */
export interface BtfMember {
  readonly name: string;
  readonly type: string;
  /** In bits. */
  readonly at: number;
}

export interface BtfStructs {
  readonly structs: Readonly<Record<string, readonly BtfMember[]>>;
  /** By name, how many arguments they take. */
  readonly functions: Readonly<Record<string, number>>;
}

const member = (name: string, type: string, bytes: number): BtfMember => ({ name, type, at: 8 * bytes });

/** A scheduler that there never was, with traps: a nameless structure, names for types, members that are missing. */
export const SCHEDULER: BtfStructs = {
  structs: {
    load_weight: [member('weight', 'u64', 0)],
    sched_avg: [member('load_avg', 'u64', 8), member('util_avg', 'u64', 16)],
    cfs_rq: [member('load', 'load_weight', 0), member('avg', 'sched_avg', 64)],
    rq: [member('nr_running', 'u32', 4), member('cfs', 'cfs_rq', 128), member('clock_task', 'u64', 320)],
    inner: [member('src_cpu', 's32', 0), member('dst_cpu', 's32', 4), member('dst_rq', '*rq', 8)],
    lb_env: [
      member('sd', '*sched_domain', 0),
      member('src_rq', '*rq', 8),
      member('', 'inner', 16),
      member('idle', 'u32', 32),
      member('imbalance', 's64', 40),
      member('flags', 'u32', 48),
      member('migration_type', 'u32', 52),
    ],
    sched_domain: [member('flags', 's32', 0)],
    sched_statistics: [
      member('nr_failed_migrations_hot', 'u64', 0),
      member('nr_forced_migrations', 'u64', 8),
    ],
    task_struct: [
      member('stats', 'sched_statistics', 64),
      { name: 'sched_task_hot', type: 'u32', at: (1 << 24) | 1027 },
    ],
  },
  functions: { can_migrate_task: 2 },
};

const KIND = { int: 1, pointer: 2, struct: 4, typedef: 8, function: 12, prototype: 13 } as const;
const NUMBERS = { u32: 4, u64: 8, s32: 4, s64: 8 } as const;

export function btfOf({ structs, functions }: BtfStructs): Buffer {
  const strings = ['\0'];
  const place = (name: string): number => {
    if (name === '') return 0;
    const at = strings.reduce((sum, each) => sum + each.length, 0);
    strings.push(`${name}\0`);
    return at;
  };
  const types: number[][] = [];
  const add = (...words: number[]): number => types.push(words);
  const info = (kind: number, count = 0, flag = 0) => ((flag << 31) | (kind << 24) | count) >>> 0;
  const numbers = new Map<string, number>();
  for (const [name, bytes] of Object.entries(NUMBERS)) {
    const own = add(place(name), info(KIND.int), bytes, (name.startsWith('s') ? 1 << 24 : 0) | (8 * bytes));
    // Behind another name, as kernels have it.
    numbers.set(name, add(place(`name_of_${name}`), info(KIND.typedef), own));
  }
  const first = types.length + 1;
  const names = Object.keys(structs);
  const number = (type: string): number =>
    numbers.get(type) ??
    (type.startsWith('*') ? first + 2 * names.indexOf(type.slice(1)) + 1 : first + 2 * names.indexOf(type));
  for (const [name, members] of Object.entries(structs)) {
    const own = add(
      ...[place(name), info(KIND.struct, members.length, 1), 4096],
      ...members.flatMap((each) => [place(each.name), number(each.type), each.at]),
    );
    add(0, info(KIND.pointer), own);
  }
  for (const [name, count] of Object.entries(functions)) {
    const prototype = add(
      ...[0, info(KIND.prototype, count), 1],
      ...Array.from({ length: count }, () => [0, 1]).flat(),
    );
    add(place(name), info(KIND.function), prototype);
  }
  const section = Buffer.from(Uint32Array.from(types.flat()).buffer);
  const texts = Buffer.from(strings.join(''), 'latin1');
  const header = Buffer.alloc(24);
  header.writeUInt16LE(0xeb9f, 0);
  header.writeUInt8(1, 2);
  [24, 0, section.length, section.length, texts.length].forEach((word, at) =>
    header.writeUInt32LE(word, 4 + 4 * at),
  );
  return Buffer.concat([header, section, texts]);
}
