import * as v from 'valibot';
import { BPFTRACE_PROGRAMS } from '../collect/bpftraceCollector.js';
import { WORKLOAD_SETS, WORKLOADS } from './catalogue.js';

// What `kernel-oracle.collect.yaml` may say. media/collect.schema.json says the same for editors; a test holds them equal.

export const LONGEST_SECONDS = 24 * 3600;
const MOST_RUNS = 1000;

/** Names become parts of file names and of tables. */
const name = v.pipe(
  v.string('a name is expected'),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
    'a name has letters, digits, `_`, `-` and `.`, begins with a letter or digit and is at most 64 characters long',
  ),
);

function whole(min: number, max: number, what: string) {
  const expected = `${what} is a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

function seconds(min: number, what: string) {
  const expected = `${what} is a number of seconds from ${min} to ${LONGEST_SECONDS}`;
  return v.pipe(v.number(expected), v.minValue(min, expected), v.maxValue(LONGEST_SECONDS, expected));
}

function listOf<Item extends v.GenericSchema>(item: Item, most: number, what: string) {
  return v.pipe(
    v.array(item, `${what} is a list`),
    v.minLength(1, `${what} is empty`),
    v.maxLength(most, `${what} has more than ${most} entries`),
  );
}

/** `sched_switch`, or `irq:irq_handler_entry` for those of other groups. */
const tracefsEvent = v.pipe(
  v.string('the name of an event is expected'),
  v.regex(/^([a-z0-9_]{1,64}:)?[a-z0-9_]{1,64}$/, 'an event is named `sched_switch` or `group:name`'),
);
const perfEvent = v.pipe(
  v.string('the name of an event is expected'),
  v.regex(/^[a-z0-9_]{1,64}:[a-z0-9_]{1,64}$/, 'an event of perf is named `sched:sched_switch`'),
);

/** Those of the TCN paper, and `sched_waking` from which wakeup latency is counted. */
export const DEFAULT_EVENTS = [
  'sched_switch',
  'sched_wakeup',
  'sched_wakeup_new',
  'sched_waking',
  'sched_migrate_task',
];

const common = { name: v.optional(name) };

const tracefs = v.strictObject({
  ...common,
  collector: v.literal('tracefs'),
  events: v.optional(listOf(tracefsEvent, 200, 'events'), DEFAULT_EVENTS),
  filters: v.optional(
    v.record(
      tracefsEvent,
      v.pipe(v.string('a filter is a text'), v.maxLength(1000, 'a filter is at most 1000 characters long')),
    ),
    {},
  ),
  /** As in the TCN paper. */
  bufferKbPerCpu: v.optional(whole(64, 4 * 1024 * 1024, 'bufferKbPerCpu'), 16_384),
  overwrite: v.optional(v.boolean('overwrite is true or false'), false),
  clock: v.optional(
    v.pipe(v.string('clock is a text'), v.regex(/^[a-z0-9_-]{1,32}$/, 'clock is the name of a trace clock')),
    'mono',
  ),
  format: v.optional(v.picklist(['trace.dat', 'text'], 'format is `trace.dat` or `text`'), 'trace.dat'),
});

const perf = v.strictObject({
  ...common,
  collector: v.literal('perf'),
  events: v.optional(
    listOf(perfEvent, 200, 'events'),
    DEFAULT_EVENTS.map((event) => `sched:${event}`),
  ),
  /** Of 4 KiB, for each CPU. */
  bufferPages: v.optional(
    v.pipe(
      whole(1, 131_072, 'bufferPages'),
      v.check((pages) => (pages & (pages - 1)) === 0, 'bufferPages is a power of two'),
    ),
    2048,
  ),
});

const perfMap = v.strictObject({ ...common, collector: v.literal('perf-map') });

const BPFTRACE_NAMES = Object.keys(BPFTRACE_PROGRAMS);

const bpftrace = v.strictObject({
  ...common,
  collector: v.literal('bpftrace'),
  program: v.optional(
    v.picklist(BPFTRACE_NAMES, `program is one of bpftrace’s: ${BPFTRACE_NAMES.join(', ')}`),
    'can_migrate_task',
  ),
  migrationCostNs: v.optional(v.nullable(whole(0, 1_000_000_000, 'migrationCostNs')), null),
});

const collector = v.variant(
  'collector',
  [tracefs, perf, perfMap, bpftrace],
  'collector is `tracefs`, `perf`, `perf-map` or `bpftrace`',
);

export const WORKLOAD_NAMES = [...WORKLOADS.map((each) => each.name), ...Object.keys(WORKLOAD_SETS)];

const workloadName = v.picklist(
  WORKLOAD_NAMES,
  ({ input }) =>
    `${String(input)} is no workload of the catalogue${nearest(String(input))}; a workload of your own has name, category and command or shell`,
);

const word = v.pipe(
  v.string('command is a list of words: the program, then its arguments'),
  v.maxLength(4096, 'a word is at most 4096 characters long'),
  v.check((text) => !text.includes('\0'), 'a word cannot hold a NUL'),
);

const ownWorkload = v.pipe(
  v.strictObject(
    {
      name,
      category: name,
      command: v.optional(
        v.pipe(
          v.array(
            word,
            'command is a list of words: the program, then its arguments; for a line with shell syntax use shell',
          ),
          v.minLength(1, 'command is empty'),
          v.maxLength(1000, 'command has more than 1000 words'),
        ),
      ),
      shell: v.optional(
        v.pipe(
          v.string('shell is a text for sh'),
          v.minLength(1, 'shell is empty'),
          v.maxLength(8000, 'shell is at most 8000 characters long'),
          v.check((text) => !text.includes('\0'), 'shell cannot hold a NUL'),
        ),
      ),
      timeoutSeconds: v.optional(seconds(1, 'timeoutSeconds')),
    },
    'a workload is a name of the catalogue, or has name, category and command or shell',
  ),
  v.check(
    ({ command, shell }) => (command === undefined) !== (shell === undefined),
    'a workload of your own has either command or shell',
  ),
);

const machineName = v.pipe(
  v.string('a machine is a name'),
  v.regex(/^[^\s\p{C}]{1,255}$/u, 'a machine is named as in “Test Machines”, without spaces'),
);

/** `{name}` stands for what a recording is of. */
export const PLACEHOLDERS = ['machine', 'collector', 'workload', 'category', 'run', 'date'] as const;

const output = v.pipe(
  v.string('output is a text'),
  v.regex(
    /^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[^\\:*?"<>|\p{Cc}]{1,400}[^\\:*?"<>|\p{Cc}/ .]$/u,
    'output is a path below the folder of this file, without `..`, and its last part is the name of the recording without its ending',
  ),
  v.regex(
    /^(?:[^{}]|\{(?:machine|collector|workload|category|run|date)\})*$/,
    `output may hold ${PLACEHOLDERS.map((each) => `{${each}}`).join(', ')}, and no other braces`,
  ),
);

export const planSchema = v.strictObject(
  {
    version: v.optional(v.literal(1, 'version is 1'), 1),
    machines: v.optional(
      v.lazy((input) =>
        typeof input === 'string'
          ? v.literal('all', 'machines is `all` or a list of names')
          : listOf(machineName, 200, 'machines'),
      ),
      'all',
    ),
    collectors: v.optional(listOf(collector, 20, 'collectors'), [{ collector: 'tracefs' }]),
    workloads: listOf(
      v.lazy((input) => (typeof input === 'string' ? workloadName : ownWorkload)),
      500,
      'workloads',
    ),
    /** As in the TCN paper. */
    runs: v.optional(whole(1, MOST_RUNS, 'runs'), 3),
    order: v.optional(v.picklist(['listed', 'shuffled'], 'order is `listed` or `shuffled`'), 'listed'),
    seed: v.optional(whole(0, 4_294_967_295, 'seed'), 42),
    pauseSeconds: v.optional(seconds(0, 'pauseSeconds'), 2),
    output: v.optional(output, 'recordings/{machine}/{workload}.run{run}'),
    limits: v.optional(
      v.strictObject(
        { durationSeconds: v.optional(seconds(1, 'durationSeconds'), 300) },
        'limits has durationSeconds',
      ),
      {},
    ),
    onFailure: v.optional(v.picklist(['continue', 'stop'], 'onFailure is `continue` or `stop`'), 'continue'),
  },
  'a plan has `workloads:` and what else it sets, each on a line of its own',
);

export type PlanInput = v.InferInput<typeof planSchema>;
export type ParsedPlan = v.InferOutput<typeof planSchema>;
export type ParsedCollector = ParsedPlan['collectors'][number];
export type OwnWorkload = v.InferOutput<typeof ownWorkload>;

/** What was meant, perhaps: a name with the same letters but for two. */
function nearest(input: string): string {
  let best: string | undefined;
  let bestDistance = 3;
  for (const candidate of WORKLOAD_NAMES) {
    const distance = editDistance(input.slice(0, 64), candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === undefined ? '' : ` (${best}?)`;
}

/** Levenshtein, "Binary codes capable of correcting deletions, insertions and reversals" (1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
