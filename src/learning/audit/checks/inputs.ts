/** What the inputs tell that they should not: the label itself, or which row it is. */
import { UNKNOWN } from '../../../dataset/sequences.js';
import { taskName } from '../../../dataset/taskName.js';
import type { Claim } from '../claims/claims.js';
import type { ClaimTable } from '../claims/claimTable.js';
import { failed, overClaims, passed, skipped, together, type Check, type Finding } from '../check.js';
import { identifyingColumns, isIdentifierName, scoreWithout } from '../measures/identifiers.js';
import { shallowRule } from '../measures/tableRules.js';
import { eachPair, mostFrequentSuccessors } from '../measures/targets.js';
import { PART_TITLES, sequencesOf, TEST_PARTS, type AuditedDataSet } from '../subject.js';
import { counted, list, percent } from '../texts.js';

/** A rule that reaches so much is the label. */
const REACHED = 0.99;
/** Of a task, for its recall to count. */
const LEAST_SUPPORT = 30;
const LEAST_TASKS = 3;
/** What identifying columns may add to the balanced accuracy of a small tree. */
const MUCH_ADDED = 0.05;
/** Of targets whose PID is another program's in training. */
const MANY_REUSED = 0.01;

export const labelFromInputs: Check = {
  id: 'label-from-inputs',
  title: 'The answer can be computed from the inputs',
  explanation:
    'Where one or a few comparisons of the inputs give the answer, the task is to find a known formula again, and any model reaches nearly 100 %.',
  isOfTasks: true,
  inDataSet: lookAtSuccessors,
  inClaims: (claims) =>
    overClaims(claims, 'The claims have no table of inputs and labels.', ({ table, rule }) => {
      if (table !== undefined) return ofTable(table);
      if (rule === undefined) return null;
      const text = `The rule "${rule.says}" gets ${percent(rule.accuracy)} right (balanced).`;
      return rule.accuracy >= REACHED ? failed(text) : passed(text);
    }),
  needs: 'There are no inputs and labels to look at.',
};

export const rowIdentifiers: Check = {
  id: 'row-identifiers',
  title: 'Inputs that tell which row it is carry the score',
  explanation:
    'A process number or a time stamp is never the same again; a model that goes by them has learnt the list of examples by heart, not what makes one differ from another.',
  inDataSet: lookAtPids,
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell what a model reads.', (claim) => {
      const { table, inputs, splits } = claim;
      if (table !== undefined) return ofColumns(table);
      return inputs === undefined ? null : ofNames(inputs, splits);
    }),
  needs: 'There are no inputs to look at.',
};

function ofTable(table: ClaimTable): Finding {
  const identifying = new Set(identifyingColumns(table).map(({ name }) => name));
  const columns = table.columns.filter(({ name }) => !identifying.has(name));
  const found = shallowRule({ ...table, columns });
  if (typeof found === 'string') return skipped(found);
  const { depth, score, isLabel, rule, tested } = found;
  const text = `Of ${tested} rows that it was not made of, a tree of ${counted(depth, 'question')} gets ${percent(score)} of "${table.label}" right (balanced)`;
  return isLabel ? failed(`${text}: ${rule}.`) : passed(`${text}.`);
}

/** The next task as a function of the last one. */
async function lookAtSuccessors({ meta, part }: AuditedDataSet): Promise<Finding> {
  const size = meta.vocabulary.tasks.length;
  const successors = mostFrequentSuccessors(await part('train'), size);
  const findings: Finding[] = [];
  for (const name of TEST_PARTS) {
    const support = new Float64Array(size);
    const right = new Float64Array(size);
    eachPair(await part(name), (before, next) => {
      support[next]! += 1;
      if (successors[before] === next) right[next]! += 1;
    });
    const counted = [...support.keys()].filter((task) => task !== UNKNOWN && support[task]! >= LEAST_SUPPORT);
    if (counted.length < LEAST_TASKS) continue;
    const mean = counted.reduce((sum, task) => sum + right[task]! / support[task]!, 0) / counted.length;
    const text = `In ${PART_TITLES[name]} a table of who followed whom in training is right in ${percent(mean)} on average over ${counted.length} tasks.`;
    findings.push(mean >= REACHED ? failed(text) : passed(text));
  }
  return together(findings, `No test part has ${LEAST_TASKS} tasks with ${LEAST_SUPPORT} targets each.`);
}

function ofColumns(table: ClaimTable): Finding {
  const identifying = identifyingColumns(table);
  if (identifying.length === 0) return passed('No column is unique to a row, or grows from row to row.');
  const named = list(identifying.map(({ name, why }) => `${name} (${why})`));
  const scores = scoreWithout(table, new Set(identifying.map(({ name }) => name)));
  if (typeof scores === 'string') return skipped(`${named}: ${scores}`);
  const text = `A small tree gets ${percent(scores.all)} right (balanced) with ${named}, and ${percent(scores.without)} without.`;
  return scores.all - scores.without > MUCH_ADDED ? failed(text) : passed(text);
}

function ofNames(inputs: readonly string[], splits: Claim['splits']): Finding {
  const named = inputs.filter(isIdentifierName);
  if (named.length === 0) return passed('No input has the name of a process number or a time stamp.');
  const identify = `${list(named)} ${named.length === 1 ? 'identifies' : 'identify'} rows`;
  const by = splits?.by;
  // Whole groups on one side: numbers of the other side were never met.
  if (by === 'group' || by === 'recording') {
    return passed(`${identify}, but whole ${by}s are on one side.`);
  }
  return failed(
    `${identify}, and rows of one task are in training and test alike: nothing tells how much of the score they carry.`,
  );
}

/** Whether a PID that is known from training is still the same program in the tests. */
async function lookAtPids({ meta, part }: AuditedDataSet): Promise<Finding> {
  if (meta.vocabulary.kind === 'comm') {
    return passed('Tasks go by their names; of the features none is unique to a row.');
  }
  const train = await part('train');
  const names = new Map<number, Set<string>>();
  for (let row = 0; row < train.rows; row += 1) {
    const pid = train.pid[row]!;
    let known = names.get(pid);
    if (known === undefined) names.set(pid, (known = new Set()));
    known.add(nameOf(meta.comms[train.comm[row]!]!, pid));
  }
  const findings: Finding[] = [];
  for (const name of TEST_PARTS) {
    const { task, pid, comm, ...columns } = await part(name);
    if (columns.rows === 0) continue;
    let targets = 0;
    let reused = 0;
    for (const { start, end } of sequencesOf({ task, pid, comm, ...columns })) {
      for (let row = start + 1; row < end; row += 1) {
        if (task[row] === UNKNOWN || pid[row] === 0) continue;
        targets += 1;
        const known = names.get(pid[row]!);
        if (known?.has(nameOf(meta.comms[comm[row]!]!, pid[row]!)) === false) reused += 1;
      }
    }
    const share = reused / Math.max(1, targets);
    const text = `In ${PART_TITLES[name]} ${reused} of ${targets} targets known by their PID (${percent(share)}) are another program than that PID was in training.`;
    findings.push(share > MANY_REUSED ? failed(text) : passed(text));
  }
  return together(findings, 'The parts for tests have no rows.');
}

function nameOf(comm: string, pid: number): string {
  return taskName(comm, pid) ?? '';
}
