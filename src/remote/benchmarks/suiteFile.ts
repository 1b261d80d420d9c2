import * as v from 'valibot';
import { Failure } from '../../base/errors.js';
import { MAX_PROBLEMS, problemLines, YamlText, type YamlProblem } from '../../base/yamlText.js';
import { BUILT_IN_BENCHMARKS, phoronix } from './catalogue.js';
import {
  DEFAULT_VARIANT,
  outputMetric,
  timeMetrics,
  type Benchmark,
  type BenchmarkProgram,
  type Metric,
  type Suite,
} from './suite.js';
import { suiteSchema, type OwnBenchmark, type ParsedBenchmark, type ParsedSuite } from './suiteSchema.js';

export const SUITE_FILE_NAME = 'kernel-oracle.bench.yaml';

const MAX_CHARACTERS = 256 * 1024;
const USUAL_LIMIT_MS = 300_000;

/**
 * A suite from the text of its file.
 * Failure `bad-input`, a line a problem: `kernel-oracle.bench.yaml:7:5: this is a whole number from 1 to 10000`.
 */
export function parseSuite(text: string, path: string): Suite {
  const outcome = readSuite(text);
  if ('suite' in outcome) return outcome.suite;
  throw new Failure('bad-input', problemLines(outcome.problems, path));
}

/** What is wrong in the text of a suite file; empty when it is a suite. */
export function suiteProblems(text: string): readonly YamlProblem[] {
  const outcome = readSuite(text);
  return 'suite' in outcome ? [] : outcome.problems;
}

function readSuite(text: string): { readonly suite: Suite } | { readonly problems: readonly YamlProblem[] } {
  const yaml = new YamlText(text, MAX_CHARACTERS, 'a suite');
  if (yaml.problems.length > 0) return { problems: yaml.problems };
  if (!yaml.isMapping) {
    return { problems: [yaml.ofPath([], 'a suite has `benchmarks:` and what else it sets')] };
  }
  const parsed = v.safeParse(suiteSchema, yaml.value);
  const issues = parsed.success
    ? contradictions(parsed.output)
    : parsed.issues.slice(0, MAX_PROBLEMS).map((issue) => ({
        path: (issue.path ?? []).map(({ key }) => key as string | number),
        message: issue.message,
        isOfKey: issue.path?.at(-1)?.origin === 'key',
      }));
  if (issues.length === 0) return { suite: complete(parsed.output as ParsedSuite) };
  return {
    problems: issues.map(({ path, message, isOfKey = false }) => yaml.ofPath(path, message, isOfKey)),
  };
}

interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly isOfKey?: boolean;
}

/** What the schema cannot see: fields that exclude or need each other, names used twice. */
function contradictions({ benchmarks, variants = [] }: ParsedSuite): Contradiction[] {
  const found: Contradiction[] = [];
  const names = benchmarks.map(nameOf);
  for (const [at, each] of benchmarks.entries()) {
    if (names.indexOf(names[at]!) < at) {
      found.push({
        path: ['benchmarks', at],
        message: `there are two benchmarks "${names[at]!}"; name one of them`,
      });
    }
    if ('name' in each && 'metrics' in each) found.push(...ownContradictions(each, at));
  }
  for (const [at, { name }] of variants.entries()) {
    if (variants.findIndex((each) => each.name === name) < at) {
      found.push({ path: ['variants', at, 'name'], message: `there are two variants "${name}"` });
    }
  }
  return found;
}

function ownContradictions(own: OwnBenchmark, at: number): Contradiction[] {
  const path = ['benchmarks', at] as const;
  const found: Contradiction[] = [];
  if ((own.command === undefined) === (own.shell === undefined)) {
    found.push({ path, message: 'a benchmark of your own has either `command` or `shell`' });
  }
  const names = metricsOf(own).map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined)
    found.push({ path: [...path, 'metrics'], message: `there are two metrics "${twice}"` });
  if (own.primary !== undefined && !names.includes(own.primary)) {
    found.push({ path: [...path, 'primary'], message: `the primary metric is one of ${names.join(', ')}` });
  }
  if (own.fixedDuration && own.metrics.length === 0) {
    found.push({ path, message: 'where the duration is fixed, `metrics` tell how much was done in it' });
  }
  return found;
}

function complete({ name, repeats, warmUps, seed, pauseSeconds, benchmarks, variants }: ParsedSuite): Suite {
  return {
    name,
    benchmarks: benchmarks.map(benchmarkOf),
    variants: variants ?? [DEFAULT_VARIANT],
    repeats,
    warmUps,
    seed,
    pauseMs: pauseSeconds * 1000,
  };
}

function nameOf(each: ParsedBenchmark): string {
  if ('use' in each) return each.use;
  return 'phoronix' in each ? (each.name ?? each.phoronix) : each.name;
}

function benchmarkOf(each: ParsedBenchmark): Benchmark {
  const limit = each.timeLimitSeconds === undefined ? {} : { timeLimitMs: each.timeLimitSeconds * 1000 };
  if ('use' in each) {
    return { ...BUILT_IN_BENCHMARKS.find(({ name }) => name === each.use)!, ...limit };
  }
  if ('phoronix' in each) {
    const title = `Phoronix Test Suite: ${each.phoronix}`;
    return { name: nameOf(each), title, ...phoronix(each.phoronix, each.unit, each.better), ...limit };
  }
  const metrics = metricsOf(each);
  const usual = each.fixedDuration ? each.metrics[0]!.name : 'run_time';
  return {
    name: each.name,
    title: each.title ?? each.name,
    program: programOf(each),
    asRoot: each.asRoot,
    timeLimitMs: USUAL_LIMIT_MS,
    ...limit,
    metrics,
    primary: each.primary ?? usual,
  };
}

function programOf({ command, shell }: OwnBenchmark): BenchmarkProgram {
  if (command === undefined) return { kind: 'shell', text: shell! };
  const [program, ...args] = command;
  return { kind: 'command', argv: [program!, ...args] };
}

function metricsOf({ metrics, fixedDuration }: OwnBenchmark): Metric[] {
  const own = metrics.map(({ name, pattern, title, unit, better, factor, perSecond }) =>
    outputMetric(name, new RegExp(pattern, 'u'), unit, better, {
      ...(title === undefined ? {} : { title }),
      factor,
      isPerSecond: perSecond,
    }),
  );
  return [...timeMetrics(fixedDuration), ...own];
}
