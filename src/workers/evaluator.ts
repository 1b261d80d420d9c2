/** Child process that evaluates or audits one run: `fork` it, wait for `ready`, send a command. It ends by itself. */
import { assertUnreachable } from '../base/assert.js';
import { isFailure, messageOf } from '../base/errors.js';
import { auditRun } from '../learning/audit/auditRun.js';
import { evaluateRun } from '../learning/evaluation/evaluateRun.js';
import { openEngine } from '../learning/trainer/openEngine.js';
import { readRunConfig } from '../learning/trainer/resumedConfig.js';
import type { Audit } from '../protocol/audit.js';
import type { Evaluation } from '../protocol/evaluation.js';
import packageJson from '../../package.json' with { type: 'json' };
import { ChildEnd } from './childEnd.js';
import {
  readEvaluatorCommand,
  type AuditCommand,
  type AuditCounts,
  type EvaluateCommand,
  type EvaluatorCommand,
  type EvaluatorEvent,
  type EvaluatorResult,
} from './evaluatorMessages.js';
import { seldom } from './seldom.js';

const parent = new ChildEnd<EvaluatorCommand, EvaluatorEvent>({
  read: readEvaluatorCommand,
  unknownText: 'The evaluator got a message that it does not know.',
  obey,
});

let toldPhase = '';
/** A new phase is told at once. */
const tell = seldom(
  (phase: string, share: number) => {
    toldPhase = phase;
    parent.send({ kind: 'progress', phase, share: Math.min(1, Math.max(0, share)) });
  },
  (phase) => phase !== toldPhase,
);

function obey(command: EvaluatorCommand): void {
  switch (command.kind) {
    case 'evaluate':
      parent.start(async () => {
        const evaluation = await evaluate(command);
        tell('auditing', 0);
        parent.send({ kind: 'done', evaluation: summaryOf(evaluation), ...(await auditAfter(command)) });
      });
      return;
    case 'audit':
      parent.start(async () => {
        tell('auditing', 0);
        parent.send({ kind: 'done', evaluation: null, audit: await audit(command), auditProblem: null });
      });
      return;
    case 'cancel':
      parent.cancel();
      return;
    default:
      assertUnreachable(command, 'command');
  }
}

async function evaluate({ folder, dataset, recordings }: EvaluateCommand): Promise<Evaluation> {
  const { engine: wanted } = await readRunConfig(folder);
  const engine = await openEngine(wanted);
  try {
    return await evaluateRun(folder, {
      engine,
      kernelOracleVersion: packageJson.version,
      ...(dataset === null ? {} : { dataset }),
      ...(recordings === null ? {} : { recordings }),
      measureCost: true,
      signal: parent.signal,
      onProgress: tell,
    });
  } finally {
    engine.dispose();
  }
}

/** The figures are there already: an audit that cannot be made takes nothing from them. */
async function auditAfter(
  command: EvaluateCommand,
): Promise<Pick<EvaluatorResult, 'audit' | 'auditProblem'>> {
  try {
    return { audit: await audit(command), auditProblem: null };
  } catch (error) {
    if (isFailure(error, 'cancelled')) throw error;
    return { audit: null, auditProblem: messageOf(error) };
  }
}

async function audit({ folder, dataset }: Pick<AuditCommand, 'folder' | 'dataset'>): Promise<AuditCounts> {
  const { checks } = await auditRun(folder, {
    kernelOracleVersion: packageJson.version,
    ...(dataset === null ? {} : { dataset }),
    signal: parent.signal,
  });
  return countsOf(checks);
}

function countsOf(checks: Audit['checks']): AuditCounts {
  const of = (wanted: string) => checks.filter(({ outcome }) => outcome === wanted).length;
  return { failed: of('failed'), passed: of('passed'), skipped: of('skipped') };
}

function summaryOf({ parts, warnings }: Evaluation): EvaluatorResult['evaluation'] {
  return {
    parts: parts.length,
    targets: parts.reduce((sum, { targets }) => sum + targets, 0),
    warnings: [...warnings],
  };
}

parent.send({ kind: 'ready' });
