import type { DeployedModel, DeployedStats, DeployedStatus } from '../protocol/deployment.js';
import {
  deployedFigures,
  type DeployedAgreement,
  type DeployedFigures,
} from '../protocol/deployedFigures.js';
import type { DeploymentPlan } from '../remote/deploy/deployment.js';
import { wrapped } from './evaluationText.js';
import { printable, table } from './output.js';

/** What is deployed on a machine, for the terminal. */
export function* statusLines(status: DeployedStatus): Generator<string> {
  const { machine, kernel, state, way, model, stats, trouble } = status;
  yield `${printable(machine)}, kernel ${printable(kernel)}: ${STATES[state]}`;
  if (model !== null) yield* modelLines(model, way);
  if (stats !== null) yield* statsLines(stats, model);
  if (trouble.length > 0) {
    yield '';
    yield 'TROUBLE since it was deployed, as the kernel tells:';
    for (const line of trouble) yield `  ${printable(line)}`;
  }
}

const STATES: Readonly<Record<DeployedStatus['state'], string>> = {
  running: 'a model is in its kernel',
  none: 'no model is deployed',
  rebooted:
    'the machine was started anew since a model was deployed, and none is in its kernel any more (it may have crashed)',
  missing: 'a model was deployed, but it is not in its kernel any more',
};

function* modelLines(
  { run, experiment, features, bits, at, wordsSha256 }: DeployedModel,
  way: string | null,
) {
  const kind = bits === null ? 'a tree' : bits === 32 ? 'float32' : `fixed point, ${bits} bits`;
  yield `  run "${printable(run)}", experiment ${experiment}, ${kind}${way === null ? '' : `, as ${way}`}, deployed ${printable(at)}`;
  yield* indented(wrapped(`inputs: ${printable(features.join(', '))}`));
  yield `  SHA-256 of the words ${wordsSha256.slice(0, 16)}…`;
}

function* statsLines(stats: DeployedStats, model: DeployedModel | null): Generator<string> {
  const { mode, slot, swaps, modelBytes, stateBytes, selfTest } = stats;
  const swapped = swaps === 1 ? 'swapped once' : `swapped ${swaps} times`;
  yield `  mode ${mode}, ${modelBytes} bytes of model and ${stateBytes} of state, slot ${slot}, ${swapped}, self-test ${selfTest}`;
  if (selfTest === 'failed') yield '  THE SELF-TEST FAILED: the model was switched off because of it.';
  const figures = deployedFigures(stats, model?.experiment ?? 1);
  yield '';
  yield* indented(tableLines(figures));
  yield* indented(costLines(stats, figures));
  if (model === null) {
    // A kernel that was built with its model has no record of it.
    yield '  note: What it was trained for is not known here, so neither is how often it is right.';
    return;
  }
  if (figures.agreement !== null && figures.calls > 0)
    yield* indented(agreementLines(figures, figures.agreement));
  for (const remark of figures.remarks) yield* indented(wrapped(`note: ${remark}`));
}

const KERNEL_TEXTS = {
  refused: 'refused',
  allowed: 'allowed (cold, or preferred)',
  forced: 'allowed although hot (forced)',
} as const;

function tableLines({ rows }: DeployedFigures): Generator<string> {
  return table(
    [
      { title: 'the kernel', align: 'left', cell: ({ kernel }) => KERNEL_TEXTS[kernel] },
      { title: 'the model: 0', align: 'right', cell: ({ saidNo }) => grouped(saidNo) },
      { title: '1', align: 'right', cell: ({ saidYes }) => grouped(saidYes) },
      { title: 'calls', align: 'right', cell: ({ saidNo, saidYes }) => grouped(saidNo + saidYes) },
    ],
    rows,
  );
}

function* agreementLines(
  { forcedAllowed, calls }: DeployedFigures,
  of: DeployedAgreement,
): Generator<string> {
  const always = of.moreFrequent === 'positive' ? 1 : 0;
  yield `1 means "${of.positive}": ${grouped(of.positives)} of ${grouped(calls)} calls`;
  yield `accuracy ${percent(of.accuracy)}; who always says ${always} has ${percent(of.baseline)}`;
  yield `balanced accuracy ${percent(of.balancedAccuracy)}; who always says the same has 50.0 %`;
  yield `recall ${percent(of.recall)}, precision ${percent(of.precision)}`;
  if (forcedAllowed !== null) yield `of the forced migrations it allows ${percent(forcedAllowed)}`;
}

function* costLines(
  stats: DeployedStats,
  { modelNs, callNs, notAsked, calls }: DeployedFigures,
): Generator<string> {
  if (calls > 0) yield `model ${ns(modelNs)} a call with its inputs, can_migrate_task() itself ${ns(callNs)}`;
  if (notAsked > 0) yield `not asked in ${grouped(notAsked)} calls`;
  const { toRefused, toAllowed } = stats.overruled;
  if (stats.mode === 'active' || toRefused + toAllowed + stats.vetoed > 0) {
    yield `its will was done against the kernel's: ${grouped(toRefused)} refused, ${grouped(toAllowed)} allowed; vetoed by the safety rule: ${grouped(stats.vetoed)}`;
  }
}

/** What a deployment would do, for the terminal. */
export function* planLines(plan: DeploymentPlan): Generator<string> {
  const { machine, kernel, steps, warnings, missing, install, installText } = plan;
  yield `On ${printable(machine)}, kernel ${printable(kernel)}, as root:`;
  for (const [at, step] of steps.entries()) yield* hanging(`${at + 1}. `, printable(step));
  for (const warning of warnings) yield* hanging('WARNING: ', printable(warning));
  for (const { what, advice } of missing) yield* hanging('MISSING: ', printable(`${what}. ${advice}`));
  if (install === null) return;
  yield 'What is missing is brought, as root, by:';
  for (const line of installText.split('\n')) yield `  ${printable(line)}`;
  for (const remark of install.remarks) yield* hanging('  ', printable(remark));
}

function* hanging(head: string, text: string): Generator<string> {
  let lead = head;
  for (const line of wrapped(text)) {
    yield `${lead}${line.trimStart()}`;
    lead = ' '.repeat(head.length);
  }
}

function* indented(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `  ${line}`;
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}

function ns(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(0)} ns`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
