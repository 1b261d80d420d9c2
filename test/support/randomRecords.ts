/** Records of the scheduler's events with values of all kinds: usual ones, rare ones, and such as no kernel writes. */
import { oneOf, type RandomNumbers } from './randomNumbers.js';
import { schedFormats, type FieldValue, type WrittenFormat } from './schedFormats.js';

const TASKS = [
  'bash:7',
  'kworker/0:1:12',
  'sixteen-bytes-x:4107',
  'bash:11',
  'renamed:7',
  'swapper/0:0',
  'a:-3',
];

/** As kernels since 6.x have it: the record tells where its comm lies. */
function withCommElsewhere(format: WrittenFormat): WrittenFormat {
  const type = '__data_loc char[]';
  return {
    ...format,
    fields: format.fields.map((field) => (field.name === 'comm' ? { ...field, type, sizeBytes: 4 } : field)),
    text: format.text.replace(
      /char comm\[16\];\toffset:(\d+);\tsize:16/,
      `${type} comm;\toffset:$1;\tsize:4`,
    ),
  };
}

/** The events of `schedFormats`; the comm in the record, or told where it lies. */
export function recordFormats(hasCommsElsewhere: boolean): WrittenFormat[] {
  return [...schedFormats(8).values()].map((format) =>
    hasCommsElsewhere && format.fields.some(({ name }) => name === 'comm')
      ? withCommElsewhere(format)
      : format,
  );
}

/** Values for the fields of any of them. */
export function valuesOf(random: RandomNumbers): Record<string, FieldValue> {
  const task = () => /^(.*):(-?\d+)$/.exec(oneOf(random, TASKS))!;
  const [, comm = '', pid] = task();
  const [, otherComm = '', otherPid] = task();
  const [, , actorPid] = task();
  return {
    common_flags: random(3),
    common_preempt_count: random(2),
    common_pid: Number(actorPid),
    comm,
    pid: Number(pid),
    prio: oneOf(random, [120, 0, -1, 40_000]),
    target_cpu: oneOf(random, [0, 1, -1, 3, 70_000]),
    orig_cpu: random(4),
    dest_cpu: oneOf(random, [0, 1, 40_000, -2]),
    runtime: oneOf(random, [0n, 5000n, 90_000n, 2n ** 31n, 2n ** 33n, -1n]),
    vruntime: BigInt(random(1000)) * 2n ** 30n,
    prev_comm: comm,
    prev_pid: Number(pid),
    prev_prio: 120,
    prev_state: oneOf(random, [0, 1, 2, 256, 65_535, -1]),
    next_comm: otherComm,
    next_pid: Number(otherPid),
    next_prio: oneOf(random, [120, 99]),
    parent_comm: comm,
    parent_pid: Number(pid),
    child_comm: otherComm,
    child_pid: Number(otherPid),
    filename: '/bin/sh',
    old_pid: Number(pid),
  };
}
