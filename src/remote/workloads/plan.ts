import { basename, dirname } from 'node:path';
import * as v from 'valibot';
import {
  isCollection,
  isMap,
  isNode,
  isPair,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
} from 'yaml';
import { Failure } from '../../base/errors.js';
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

/** Something wrong in a plan file, where it stands; both counted from 1. */
export interface PlanProblem {
  readonly line: number;
  readonly column: number;
  /** Of the part in question. */
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
}

const MAX_PLAN_CHARACTERS = 256 * 1024;
const MAX_PROBLEMS = 50;
const SHOWN_PROBLEMS = 10;

/**
 * Reads the text of a plan file.
 * Failure `bad-input`, a line a problem: `kernel-oracle.collect.yaml:7:5: runs is a whole number from 1 to 1000`.
 */
export function parsePlan(text: string, path: string): CollectionPlan {
  const outcome = readPlan(text, path);
  if ('plan' in outcome) return outcome.plan;
  const lines = outcome.problems
    .slice(0, SHOWN_PROBLEMS)
    .map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
  const more = outcome.problems.length - lines.length;
  if (more > 0) lines.push(`… and ${more} more.`);
  throw new Failure('bad-input', lines.join('\n'));
}

/** What is wrong in the text of a plan file; empty when it is a plan. */
export function planProblems(text: string, path: string): readonly PlanProblem[] {
  const outcome = readPlan(text, path);
  return 'plan' in outcome ? [] : outcome.problems;
}

function readPlan(text: string, path: string): { plan: CollectionPlan } | { problems: PlanProblem[] } {
  const lines = new LineCounter();
  const places = new Places(lines);
  if (text.length > MAX_PLAN_CHARACTERS) {
    return { problems: [places.at(0, 0, `a plan is at most ${MAX_PLAN_CHARACTERS} characters long`)] };
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0) {
    return {
      problems: complaints
        .slice(0, MAX_PROBLEMS)
        .map(({ pos, message }) => places.at(pos[0], pos[1], message)),
    };
  }
  if (!isMap(document.contents)) {
    return { problems: [places.ofPath(document, [], 'a plan has `workloads:` and what else it sets')] };
  }
  const dangling = unresolvedAlias(document);
  if (dangling !== undefined) {
    return { problems: [places.at(...dangling, 'this alias stands for nothing')] };
  }
  let value: unknown;
  try {
    // An alias may stand for a part of the plan, but not blow it up.
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return { problems: [places.at(0, 0, (error as Error).message)] };
  }
  const parsed = v.safeParse(planSchema, value);
  if (!parsed.success) {
    return {
      problems: parsed.issues.slice(0, MAX_PROBLEMS).map((issue) => places.ofIssue(document, issue)),
    };
  }
  const problems = contradictions(parsed.output).map(({ path: where, message }) =>
    places.ofPath(document, where, message),
  );
  return problems.length > 0 ? { problems } : { plan: complete(parsed.output, path) };
}

/** Where an alias is whose anchor does not come before it. */
function unresolvedAlias(document: Document): [number, number] | undefined {
  let found: [number, number] | undefined;
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      found = [alias.range?.[0] ?? 0, alias.range?.[1] ?? 0];
      return visit.BREAK;
    },
  });
  return found;
}

type Path = readonly (string | number)[];

/** Finds where in the text something stands. */
class Places {
  constructor(private readonly lines: LineCounter) {}

  at(start: number, end: number, message: string): PlanProblem {
    const from = this.lines.linePos(start);
    const to = this.lines.linePos(Math.max(start, end));
    return {
      line: Math.max(1, from.line),
      column: Math.max(1, from.col),
      endLine: Math.max(1, to.line),
      endColumn: Math.max(1, to.col),
      message,
    };
  }

  ofIssue(document: Document, issue: v.BaseIssue<unknown>): PlanProblem {
    const items = issue.path ?? [];
    const path = items.map((item) => item.key as string | number);
    const last = items.at(-1);
    const isOfKey = last !== undefined && 'origin' in last && last.origin === 'key';
    if (!isOfKey || issue.type !== 'strict_object') {
      return this.ofPath(document, path, issue.message, isOfKey);
    }
    const key = String(last.key);
    return issue.expected === 'never'
      ? this.ofPath(document, path, `${key} is not known here`, true)
      : this.ofPath(document, path.slice(0, -1), `${key} is missing`);
  }

  ofPath(document: Document, path: Path, message: string, ofKey = false): PlanProblem {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = nodeAt(document, path.slice(0, length), ofKey && length === path.length);
      if (node?.range != null) return this.at(node.range[0], node.range[1], message);
    }
    return this.at(0, 0, message);
  }
}

function nodeAt(document: Document, path: Path, ofKey: boolean): Node | undefined {
  if (ofKey) {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && keyText(item.key) === String(path.at(-1)));
      if (isNode(pair?.key)) return pair.key;
    }
  }
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(node) || isCollection(node) ? node : undefined;
}

function keyText(key: unknown): string {
  return String(isNode(key) ? key.toJSON() : key);
}

/** What each part allows but all together do not. */
function contradictions(plan: ParsedPlan): { path: Path; message: string }[] {
  const found: { path: Path; message: string }[] = [];
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
