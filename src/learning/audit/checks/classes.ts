import { UNKNOWN } from '../../../dataset/sequences.js';
import { IDLE } from '../../../dataset/vocabulary.js';
import type { NextTaskEvaluation } from '../../../protocol/evaluation.js';
import type { Claim } from '../claims/claims.js';
import { failed, overClaims, passed, skipped, together, type Check, type Finding } from '../check.js';
import { targetsOf } from '../measures/targets.js';
import { noEvaluation, PART_TITLES, TEST_PARTS, type AuditedDataSet, type AuditedRun } from '../subject.js';
import { counted, list, percent } from '../texts.js';

/** Shares from which on an accuracy tells of one class more than of all others. */
const MUCH_IDLE = 0.4;
const DOMINANT = 0.5;
/** With fewer examples a share is known to ± 18 points at best (95 %, of half). */
export const LEAST_EXAMPLES = 30;
const IDLE_NAMES: ReadonlySet<string> = new Set(['idle', 'swapper', '0']);

const NO_TARGETS = 'There is no test part, and nothing tells how the classes are shared out.';

export const mostlyIdle: Check = {
  id: 'mostly-idle',
  title: 'Much of what is predicted is idle',
  explanation:
    'When a CPU has nothing to do the kernel "runs" its idle task; where that is a large share of the answers, a model looks good for saying "nothing" and need not know who runs.',
  isOfTasks: true,
  inDataSet: (dataSet) =>
    overParts(dataSet, (title, { count, idle }) =>
      ofIdle(title, idle / count, `${idle} of ${count} targets`),
    ),
  inRun: (run) =>
    overEvaluation(run, (part) => {
      const without = part.slices.find(({ slice }) => slice === 'withoutIdle');
      const more =
        without === undefined
          ? ''
          : `; without idle the model is right in ${percent(without.model.top1.value)}`;
      const figures = `${part.idleTargets} of ${part.targets} targets${more}`;
      return ofIdle(part.part, part.idleTargets / part.targets, figures);
    }),
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell the share of idle.', ({ idleShare, classes }) => {
      const share = idleShare ?? sharesOf(classes)?.find(({ name }) => IDLE_NAMES.has(name))?.share;
      return share === undefined ? null : ofIdle('the test', share, 'as told');
    }),
  needs: NO_TARGETS,
};

export const oneClassDominates: Check = {
  id: 'one-class-dominates',
  title: 'One class makes up most of the answers',
  explanation:
    'Where one answer is right more often than not, a high share of right answers tells that this one is common, not that the others are told apart.',
  isOfTasks: true,
  inDataSet: (dataSet) =>
    overParts(dataSet, (title, { count, byTask }) => {
      const { tasks } = dataSet.meta.vocabulary;
      const most = byTask.reduce(
        (best, each, task) => (task !== UNKNOWN && task !== IDLE && each > byTask[best]! ? task : best),
        IDLE + 1,
      );
      return ofDominance(title, tasks[most] ?? 'none', (byTask[most] ?? 0) / count);
    }),
  inRun: (run) =>
    overEvaluation(run, ({ part, byTask, targets }) => {
      const most = byTask
        .filter(({ index }) => index !== UNKNOWN && index !== IDLE)
        .reduce((best, each) => (each.support > best.support ? each : best), { task: 'none', support: 0 });
      return ofDominance(part, most.task, most.support / targets);
    }),
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell the shares of classes.', ({ classes }) => {
      const shares = sharesOf(classes)?.filter(({ name }) => !IDLE_NAMES.has(name));
      if (shares === undefined || shares.length === 0) return null;
      const most = shares.reduce((best, each) => (each.share > best.share ? each : best));
      return ofDominance('the test', most.name, most.share);
    }),
  needs: NO_TARGETS,
};

export const tooFewPositives: Check = {
  id: 'too-few-positives',
  title: 'Too few examples to score',
  explanation: `A share of a handful of examples is mostly chance: of fewer than ${LEAST_EXAMPLES} it may be off by 18 points and more.`,
  inDataSet: (dataSet) =>
    overParts(dataSet, (title, { count }) =>
      count < LEAST_EXAMPLES
        ? failed(`${capital(title)} has ${counted(count, 'target')} in all.`)
        : passed(`${capital(title)} has ${count} targets.`),
    ),
  inRun: (run) =>
    run.evaluation === null
      ? skipped(noEvaluation(run, 'The run was not evaluated.'))
      : together(run.evaluation.parts.map((part) => ofGroups(part.part, part.byWorkload))),
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell how many examples there were.', ({ positives, classes }) => {
      const told = [
        ...(positives ?? []).map(({ of, count }) => ({ of, count })),
        ...(classes ?? []).flatMap(({ name, count }) => (count === undefined ? [] : [{ of: name, count }])),
      ];
      if (told.length === 0) return null;
      const few = told.filter(({ count }) => count < LEAST_EXAMPLES);
      const least = Math.min(...told.map(({ count }) => count));
      if (few.length === 0) return passed(`The rarest class that is scored has ${least} examples.`);
      return failed(`There are ${list(few.map(({ of, count }) => `${count} of ${of}`))}.`);
    }),
  needs: NO_TARGETS,
};

function ofIdle(title: string, share: number, figures: string): Finding {
  const text = `In ${title} ${percent(share)} of the answers are idle (${figures})`;
  return share > MUCH_IDLE ? failed(`${text}.`) : passed(`${text}.`);
}

function ofDominance(title: string, name: string, share: number): Finding {
  const text = `In ${title} the most frequent task but idle, ${name}, is ${percent(share)} of the answers.`;
  return share > DOMINANT ? failed(text) : passed(text);
}

/** Groups that a figure of their own is shown of. */
function ofGroups(
  part: string,
  groups: readonly { readonly name: string; readonly targets: number }[],
): Finding {
  const few = groups.filter(({ targets }) => targets < LEAST_EXAMPLES);
  if (few.length > 0) {
    const named = few.map(({ name, targets }) => `${name} of ${counted(targets, 'target')}`);
    return failed(`${part}: the figures by workload hold that of ${list(named)}.`);
  }
  const least = groups.reduce((most, { targets }) => Math.min(most, targets), Infinity);
  return groups.length === 0
    ? skipped(`${part}: no workload has a figure of its own.`)
    : passed(`${part}: every workload has ${least} targets or more.`);
}

async function overParts(
  { meta, part }: AuditedDataSet,
  look: (title: string, targets: ReturnType<typeof targetsOf>) => Finding,
): Promise<Finding> {
  const findings: Finding[] = [];
  for (const name of TEST_PARTS) {
    const columns = await part(name);
    if (columns.rows === 0) continue;
    findings.push(look(PART_TITLES[name], targetsOf(columns, meta.vocabulary.tasks.length)));
  }
  return together(findings, 'The parts for tests have no rows.');
}

function overEvaluation(run: AuditedRun, look: (part: NextTaskEvaluation) => Finding): Finding {
  const parts = (run.evaluation?.parts ?? []).filter((part) => part.task === 'next-task');
  return together(parts.map(look), noEvaluation(run, 'The run has no evaluation of tasks.'));
}

function sharesOf(classes: Claim['classes']): { name: string; share: number }[] | undefined {
  if (classes === undefined) return undefined;
  const all = classes.reduce((sum, { count = 0 }) => sum + count, 0);
  return classes.map(({ name, share, count = 0 }) => ({ name, share: share ?? count / Math.max(1, all) }));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
