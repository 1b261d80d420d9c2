import * as v from 'valibot';
import { BUILT_IN_BENCHMARKS } from './catalogue.js';

/** What may stand in `kernel-oracle.bench.yaml`. Messages complete "LINE:COLUMN: ". */

/** Valibot expects `never` of a field that is not known, the field's name in quotes of one that is missing. */
const known = (what: string) => (issue: v.StrictObjectIssue) => {
  if (issue.expected === 'never') return `${what} has no field "${String(issue.input)}"`;
  return issue.expected.startsWith('"')
    ? `${what} needs the field ${issue.expected}`
    : `${what} is a mapping of fields, \`name: value\` each`;
};

const label = v.pipe(
  v.string('a name is a text'),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9._ -]{0,79}$/,
    'a name has 1 to 80 letters, digits, spaces and . _ -, the first a letter or digit',
  ),
);
const metricName = v.pipe(
  v.string('the name of a metric is a text'),
  v.regex(/^[a-z][a-z0-9_]{0,39}$/, 'the name of a metric has 1 to 40 lower-case letters, digits and _'),
);
const whole = (least: number, most: number) => {
  const message = `this is a whole number from ${least} to ${most}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
};
const seconds = v.pipe(
  v.number('a time is a number of seconds'),
  v.minValue(0.1, 'a time limit is at least 0.1 s'),
  v.maxValue(7 * 86_400, 'a time limit is at most a week'),
);
const word = v.pipe(
  v.union([v.string(), v.number()], 'a word of a command is a text or a number'),
  v.transform(String),
  v.check((text) => !text.includes('\0'), 'a command cannot hold a NUL'),
  v.maxLength(10_000, 'a word of a command is at most 10,000 characters long'),
);
const script = v.pipe(
  v.string('a text for sh is a text'),
  v.check((text) => !text.includes('\0'), 'a command cannot hold a NUL'),
  v.maxLength(20_000, 'a text for sh is at most 20,000 characters long'),
);
const better = v.picklist(['lower', 'higher', 'neither'], '`better` is lower, higher or neither');
const unit = v.pipe(v.string('a unit is a text'), v.maxLength(20, 'a unit is at most 20 characters long'));

const pattern = v.pipe(
  v.string('a pattern is a text'),
  v.maxLength(1000, 'a pattern is at most 1,000 characters long'),
  v.check(isPattern, 'this is no regular expression of JavaScript'),
  v.check(
    (text) => !isPattern(text) || groupCount(text) >= 1,
    'a pattern has a group (…) that is the number',
  ),
);

export const metricSchema = v.strictObject(
  {
    name: metricName,
    pattern,
    title: v.optional(
      v.pipe(v.string('a title is a text'), v.maxLength(120, 'a title is at most 120 characters long')),
    ),
    unit: v.optional(unit, ''),
    better,
    factor: v.optional(v.pipe(v.number('a factor is a number'), v.finite('a factor is a number')), 1),
    perSecond: v.optional(v.boolean('`perSecond` is true or false'), false),
  },
  known('a metric'),
);

const limits = { timeLimitSeconds: v.optional(seconds) };

const usedSchema = v.strictObject(
  {
    use: v.picklist(
      BUILT_IN_BENCHMARKS.map(({ name }) => name),
      `\`use\` is one of ${BUILT_IN_BENCHMARKS.map(({ name }) => name).join(', ')}`,
    ),
    ...limits,
  },
  known('a built-in benchmark'),
);

const phoronixSchema = v.strictObject(
  {
    phoronix: v.pipe(
      v.string('a test of Phoronix is a text'),
      v.regex(
        /^[a-z0-9]+\/[a-z0-9][a-z0-9.-]{0,80}$/,
        'a test of Phoronix is written like pts/compress-zstd',
      ),
    ),
    name: v.optional(label),
    unit: v.optional(unit, ''),
    better,
    ...limits,
  },
  known('a Phoronix test'),
);

const ownSchema = v.strictObject(
  {
    name: label,
    title: v.optional(
      v.pipe(v.string('a title is a text'), v.maxLength(200, 'a title is at most 200 characters long')),
    ),
    command: v.optional(
      v.pipe(
        v.array(word, 'a command is a list of words'),
        v.minLength(1, 'a command has at least one word'),
        v.maxLength(1000, 'a command has at most 1,000 words'),
      ),
    ),
    shell: v.optional(script),
    asRoot: v.optional(v.boolean('`asRoot` is true or false'), false),
    fixedDuration: v.optional(v.boolean('`fixedDuration` is true or false'), false),
    metrics: v.optional(
      v.pipe(
        v.array(metricSchema, '`metrics` is a list'),
        v.maxLength(50, 'a benchmark has at most 50 metrics'),
      ),
      [],
    ),
    primary: v.optional(metricName),
    ...limits,
  },
  known('a benchmark'),
);

const sysctlName = v.pipe(
  v.string('a kernel parameter is a text'),
  v.regex(
    /^[a-z0-9_]+([./][A-Za-z0-9_-]+)+$/,
    'a kernel parameter is written like kernel.sched_autogroup_enabled',
  ),
);

const variantSchema = v.strictObject(
  {
    name: label,
    sysctl: v.optional(
      v.record(
        sysctlName,
        v.pipe(
          v.union([v.string(), v.number()], 'the value of a parameter is a text or a number'),
          v.transform(String),
          v.regex(/^[^\n\0]{0,1000}$/, 'the value of a parameter is one line'),
        ),
        '`sysctl` is a mapping of kernel parameters to values',
      ),
      {},
    ),
    setup: v.optional(script, ''),
    teardown: v.optional(script, ''),
  },
  known('a variant'),
);

export const suiteSchema = v.strictObject(
  {
    version: v.optional(v.literal(1, 'this KernelOracle reads version 1')),
    name: v.optional(label, 'benchmarks'),
    repeats: v.optional(whole(1, 10_000), 10),
    warmUps: v.optional(whole(0, 1000), 1),
    seed: v.optional(whole(0, 4_294_967_295), 1),
    pauseSeconds: v.optional(
      v.pipe(
        v.number('a pause is a number of seconds'),
        v.minValue(0, 'a pause is not negative'),
        v.maxValue(3600, 'a pause is at most an hour'),
      ),
      1,
    ),
    benchmarks: v.pipe(
      v.array(
        v.lazy((value) => {
          if (typeof value === 'object' && value !== null && 'use' in value) return usedSchema;
          return typeof value === 'object' && value !== null && 'phoronix' in value
            ? phoronixSchema
            : ownSchema;
        }),
        '`benchmarks` is a list',
      ),
      v.minLength(1, 'a suite has at least one benchmark'),
      v.maxLength(200, 'a suite has at most 200 benchmarks'),
    ),
    variants: v.optional(
      v.pipe(
        v.array(variantSchema, '`variants` is a list'),
        v.minLength(1, 'without variants, leave `variants` out'),
        v.maxLength(50, 'a suite has at most 50 variants'),
      ),
    ),
  },
  known('a suite'),
);

export type ParsedSuite = v.InferOutput<typeof suiteSchema>;
export type ParsedBenchmark = ParsedSuite['benchmarks'][number];
export type OwnBenchmark = v.InferOutput<typeof ownSchema>;
export type ParsedMetric = v.InferOutput<typeof metricSchema>;

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

function groupCount(text: string): number {
  return (new RegExp(`${text}|`, 'u').exec('')?.length ?? 1) - 1;
}
