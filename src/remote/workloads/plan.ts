import { basename, dirname } from 'node:path';
import * as v from 'valibot';
import { Failure } from '../../base/errors.js';
import {
  MAX_PROBLEMS,
  problemLines,
  YamlText,
  type YamlPath,
  type YamlProblem,
} from '../../base/yamlText.js';
import type { CollectorSettings } from '../collect/collection.js';
import { commandOf, findWorkload, USUAL_TIMEOUT_MS, WORKLOAD_SETS } from './catalogue.js';
import { planSchema, type OwnWorkload, type ParsedCollector, type ParsedPlan } from './planSchema.js';
import type { WorkloadCommand } from './workload.js';

export const PLAN_FILE_NAME = 'kernel-oracle.collect.yaml';

export interface PlanCollector {
  /** As the plan names it, else what it is: `tracefs`. */
  readonly name: string;
  readonly settings: CollectorSettings;
}

export interface PlanWorkload {
  readonly command: WorkloadCommand;
  readonly category: string;
}

/** What a plan file asks for, complete: every recording of machines × collectors × workloads × runs. */
export interface CollectionPlan {
  /** Of the plan file. */
  readonly path: string;
  /** That of the plan file; recordings go below it. */
  readonly folder: string;
  readonly machines: 'all' | readonly string[];
  readonly collectors: readonly PlanCollector[];
  readonly workloads: readonly PlanWorkload[];
  readonly runs: number;
  readonly order: 'listed' | 'shuffled';
  readonly seed: number;
  readonly pauseMs: number;
  /** With placeholders, without the ending. */
  readonly output: string;
  /** After that a recording ends, whatever the workload does. */
  readonly durationMs: number;
  readonly stopsAtFailure: boolean;
}

const MAX_PLAN_CHARACTERS = 256 * 1024;

/**
 * Reads the text of a plan file.
 * Failure `bad-input`, a line a problem: `kernel-oracle.collect.yaml:7:5: runs is a whole number from 1 to 1000`.
 */
export function parsePlan(text: string, path: string): CollectionPlan {
  const outcome = readPlan(text, path);
  if ('plan' in outcome) return outcome.plan;
  throw new Failure('bad-input', problemLines(outcome.problems, path));
}

/** What is wrong in the text of a plan file; empty when it is a plan. */
export function planProblems(text: string, path: string): readonly YamlProblem[] {
  const outcome = readPlan(text, path);
  return 'plan' in outcome ? [] : outcome.problems;
}

function readPlan(
  text: string,
  path: string,
): { readonly plan: CollectionPlan } | { readonly problems: readonly YamlProblem[] } {
  const yaml = new YamlText(text, MAX_PLAN_CHARACTERS, 'a plan');
  if (yaml.problems.length > 0) return { problems: yaml.problems };
  if (!yaml.isMapping)
    return { problems: [yaml.ofPath([], 'a plan has `workloads:` and what else it sets')] };
  const parsed = v.safeParse(planSchema, yaml.value);
  if (!parsed.success) {
    return { problems: parsed.issues.slice(0, MAX_PROBLEMS).map((issue) => yaml.ofIssue(issue)) };
  }
  const problems = contradictions(parsed.output).map(({ path: where, message }) =>
    yaml.ofPath(where, message),
  );
  return problems.length > 0 ? { problems } : { plan: complete(parsed.output, path) };
}

/** What each part allows but all together do not. */
function contradictions(plan: ParsedPlan): { path: YamlPath; message: string }[] {
  const found: { path: YamlPath; message: string }[] = [];
  const repeated = (names: readonly string[], part: string, what: string) => {
    names.forEach((each, at) => {
      if (names.indexOf(each) < at)
        found.push({ path: [part, at], message: `${each} is there before: ${what}` });
    });
  };
  repeated(plan.collectors.map(nameOf), 'collectors', 'give each collector a name of its own');
  if (plan.machines !== 'all') repeated(plan.machines, 'machines', 'name each machine once');
  const names = plan.workloads.map(namesOf);
  const seen = new Set<string>();
  names.forEach((each, at) => {
    const double = each.find((one) => seen.has(one));
    if (double !== undefined)
      found.push({
        path: ['workloads', at],
        message: `${double} is there before: give each workload a name of its own`,
      });
    for (const one of each) seen.add(one);
  });
  const several = {
    machine: plan.machines === 'all' || plan.machines.length > 1,
    collector: plan.collectors.length > 1,
    workload: names.flat().length > 1,
    run: plan.runs > 1,
  };
  for (const [part, isSeveral] of Object.entries(several)) {
    if (isSeveral && !plan.output.includes(`{${part}}`)) {
      found.push({
        path: ['output'],
        message: `output needs {${part}}, or recordings would take each other's names`,
      });
    }
  }
  return found;
}

function nameOf({ name, collector }: ParsedCollector): string {
  return name ?? collector;
}

function namesOf(workload: ParsedPlan['workloads'][number]): readonly string[] {
  if (typeof workload !== 'string') return [workload.name];
  return WORKLOAD_SETS[workload]?.map(({ name }) => name) ?? [workload];
}

function complete(plan: ParsedPlan, path: string): CollectionPlan {
  return {
    path,
    folder: dirname(path),
    machines: plan.machines,
    collectors: plan.collectors.map((each) => ({ name: nameOf(each), settings: settingsOf(each) })),
    workloads: plan.workloads.flatMap((workload) =>
      typeof workload === 'string' ? fromCatalogue(workload) : [fromUser(workload)],
    ),
    runs: plan.runs,
    order: plan.order,
    seed: plan.seed,
    pauseMs: plan.pauseSeconds * 1000,
    output: plan.output,
    durationMs: plan.limits.durationSeconds * 1000,
    stopsAtFailure: plan.onFailure === 'stop',
  };
}

/** Without the name, which only tells collectors of a plan apart. */
export function settingsOf(collector: ParsedCollector): CollectorSettings {
  const settings = { ...collector };
  delete settings.name;
  return settings;
}

function fromCatalogue(name: string): readonly PlanWorkload[] {
  const found = WORKLOAD_SETS[name] ?? [findWorkload(name)!];
  return found.map((workload) => ({ command: commandOf(workload), category: workload.category }));
}

function fromUser({ name, category, command, shell, timeoutSeconds }: OwnWorkload): PlanWorkload {
  const program: WorkloadCommand['program'] =
    command === undefined
      ? { kind: 'shell', text: shell! }
      : { kind: 'command', argv: command as [string, ...string[]] };
  const timeoutMs = timeoutSeconds === undefined ? USUAL_TIMEOUT_MS : timeoutSeconds * 1000;
  return { command: { name, program, timeoutMs }, category };
}

/** Where the summary of a plan's run is written. */
export function summaryPathOf(planPath: string): string {
  return `${dirname(planPath)}/${basename(planPath).replace(/\.ya?ml$/, '')}.summary.json`;
}
