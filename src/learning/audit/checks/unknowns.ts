import type { DataSetMeta } from '../../../dataset/files/dataSetMeta.js';
import { PART_NAMES, UNKNOWN } from '../../../dataset/sequences.js';
import type { StoredPart } from '../../../dataset/dataSet.js';
import { IDLE_NAME, taskName } from '../../../dataset/taskName.js';
import { UNKNOWN_NAME } from '../../../dataset/vocabulary.js';
import type { NextTaskEvaluation } from '../../../protocol/evaluation.js';
import { overClaims, passed, together, unless, failed, type Check, type Finding } from '../check.js';
import { noEvaluation, PART_TITLES, type AuditedDataSet, type AuditedRun } from '../subject.js';
import { counted, percent } from '../texts.js';

/** Shares that are told by means are off by so much at most. */
const ROUNDING = 1e-6;

export const unknownAsClass: Check = {
  id: 'unknown-as-class',
  title: 'Unknown tasks count as a real one',
  explanation:
    'A task that training never met has to be counted as missed; where it is booked as some task that exists, a model is called right for naming that one.',
  inDataSet: lookInDataSet,
  inRun: lookInRun,
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell what stands for unknown tasks.', ({ unknowns, accuracy }) => {
      if (unknowns === undefined) return null;
      const { codedAs, share } = unknowns;
      if (codedAs === 'own-class') return passed('Unknown tasks have a class of their own.');
      if (codedAs === 'left-out') return passed('Unknown tasks are left out.');
      const who = codedAs === 'idle' ? 'idle' : 'some real task';
      const where = share === undefined ? '' : `, which ${percent(share)} of the answers asked for are,`;
      const of = accuracy === undefined ? '' : ` The ${percent(accuracy)} contain these.`;
      return failed(`Unknown tasks${where} are coded as ${who}: naming it counts as right.${of}`);
    }),
  needs: 'There is no vocabulary, no evaluation and no claim to look at.',
};

async function lookInDataSet({ meta, part }: AuditedDataSet): Promise<Finding> {
  const { tasks, states } = meta.vocabulary;
  const reasons: string[] = [];
  if (tasks[UNKNOWN] !== UNKNOWN_NAME) {
    reasons.push(`Index 0, which stands for unknown tasks, is "${tasks[UNKNOWN]!}" in the vocabulary.`);
  }
  if (states[UNKNOWN] !== UNKNOWN_NAME) {
    reasons.push(`Index 0, which stands for unknown states, is "${states[UNKNOWN]!}" in the vocabulary.`);
  }
  let rows = 0;
  for (const name of PART_NAMES) {
    const columns = await part(name);
    rows += columns.rows;
    const { count, example } = misnamed(columns, meta);
    if (count === 0) continue;
    reasons.push(
      `In ${PART_TITLES[name]} ${counted(count, 'row')} of ${columns.rows} (${percent(count / columns.rows)}) carry another task's index: ${example}.`,
    );
  }
  return unless(
    reasons,
    `Index 0 is ${UNKNOWN_NAME}, and all ${rows} rows carry the index of their own name or PID.`,
  );
}

/** Rows whose index is not that of what they tell themselves: their PID, or their name. */
function misnamed(
  { rows, task, pid, comm }: StoredPart,
  { vocabulary: { kind, tasks }, comms }: DataSetMeta,
): { count: number; example: string } {
  const known = new Map(tasks.map((name, index) => [name, index]));
  known.delete(UNKNOWN_NAME);
  const indexOf = (name: string | undefined) => (name === undefined ? UNKNOWN : (known.get(name) ?? UNKNOWN));
  const nameOf = (row: number) => {
    const number = pid[row]!;
    if (kind === 'pid') return number < 0 ? undefined : String(number);
    return taskName(comms[comm[row]!]!, number);
  };
  const byComm = new Map<number, number>();
  let count = 0;
  let example = '';
  for (let row = 0; row < rows; row += 1) {
    const key = kind === 'pid' ? pid[row]! : comm[row]! * 2 + (pid[row] === 0 ? 1 : 0);
    let expected = byComm.get(key);
    if (expected === undefined) byComm.set(key, (expected = indexOf(nameOf(row))));
    if (expected === task[row]) continue;
    if (count === 0) {
      const own = nameOf(row) ?? 'a task without a name';
      example = `${own === IDLE_NAME ? 'idle' : own} as ${tasks[task[row]!]!}`;
    }
    count += 1;
  }
  return { count, example };
}

function lookInRun(run: AuditedRun): Finding {
  const { evaluation, metrics } = run;
  const findings: Finding[] = [];
  for (const part of evaluation?.parts ?? [])
    if (part.task === 'next-task') findings.push(ofEvaluation(part));
  for (const [part, { model }] of Object.entries(metrics ?? {})) {
    if (model.task !== 'next-task' || model.accuracy === null) continue;
    const most = 1 - model.unknownTargets / model.targets;
    findings.push(
      model.accuracy <= most + ROUNDING
        ? passed(
            `${part}: of ${model.targets} targets ${model.unknownTargets} are unknown, none counted right.`,
          )
        : failed(
            `${part}: ${percent(model.accuracy)} are called right, but only ${percent(most)} of the targets are tasks that are known.`,
          ),
    );
  }
  return together(findings, noEvaluation(run, 'The run has no results yet.'));
}

function ofEvaluation({ part, slices, byTask, unknownTargets, targets }: NextTaskEvaluation): Finding {
  const all = slices.find(({ slice }) => slice === 'all');
  const known = slices.find(({ slice }) => slice === 'knownOnly');
  const reasons: string[] = [];
  const aliased = byTask.find(({ index, recall }) => index === UNKNOWN && (recall ?? 0) > 0);
  if (aliased !== undefined) {
    reasons.push(
      `${part}: targets of index 0 (${aliased.task}) are counted right in ${percent(aliased.recall!)}.`,
    );
  }
  if (all !== undefined && known !== undefined) {
    const right = all.model.top1.value * all.targets;
    const ofKnown = known.model.top1.value * known.targets;
    if (right > ofKnown + ROUNDING * targets + 0.5) {
      reasons.push(
        `${part}: ${Math.round(right)} of all targets are called right, but only ${Math.round(ofKnown)} of the known ones: ${Math.round(right - ofKnown)} unknown targets count as hits.`,
      );
    }
  }
  return unless(reasons, `${part}: none of ${counted(unknownTargets, 'unknown target')} counts as right.`);
}
