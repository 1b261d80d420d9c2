import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Failure } from '../../base/errors.js';
import { COMMANDS } from '../../manifest.js';
import type { Measured } from '../../remote/deploy/measure/measured.js';
import { measureDeployed } from '../../remote/deploy/measure/measureDeployed.js';
import { USUAL_REQUEST } from '../../remote/deploy/measure/measureRequest.js';
import type { RemoteContext } from '../../remote/remoteContext.js';
import { commandOf, findWorkload } from '../../remote/workloads/catalogue.js';
import type { Log } from '../log.js';
import type { TestMachine } from '../machines/testMachine.js';
import { workspaceRoot } from '../work/collectCommand.js';
import { withWorkProgress } from '../workProgress.js';
import { ACTIVE_TEXT, modeText } from './deployChoices.js';
import type { DeployedModels } from './deployedModels.js';
import { chooseMeasurement, type ChosenMeasurement } from './measureFlow.js';

export interface MeasurementParts {
  readonly models: DeployedModels;
  readonly context: RemoteContext;
  readonly log: Log;
}

/** What a deployed model costs: can_migrate_task() timed in each mode; the densities open afterwards. */
export class Measurement {
  constructor(private readonly parts: MeasurementParts) {}

  /** Failures: those of `measureDeployed`; `not-found` (nothing is deployed there). Cancel keeps what was measured. */
  async measure(machine: TestMachine): Promise<void> {
    const { models, context } = this.parts;
    const { way, state } = await models.ask(machine);
    if (way === null || state !== 'running') {
      throw new Failure('not-found', `No model is in the kernel of ${machine.name}: deploy one first.`);
    }
    const title = `Measure Deployed Model: ${machine.name}`;
    const chosen = await chooseMeasurement(title, machine.name, way, workspaceRoot(), context.now());
    if (chosen === undefined || !(await agreesTo(chosen, machine.name))) return;
    const measured = await this.#measureNow(chosen, machine);
    await models.ask(machine);
    await showDensities(chosen.folder);
    const how = measured.state === 'complete' ? 'measured' : 'stopped; what was measured by then is kept';
    void vscode.window.setStatusBarMessage(`${machine.name}: ${how}, in ${chosen.folder}.`, 10_000);
  }

  #measureNow(chosen: ChosenMeasurement, machine: TestMachine): Thenable<Measured> {
    const { context, log } = this.parts;
    const workload = findWorkload(chosen.workload);
    if (workload === undefined) {
      throw new Failure('wrong-usage', `There is no workload "${chosen.workload}". Choose another load.`);
    }
    const { modes, probes, seconds, repeats, folder } = chosen;
    const request = {
      ...USUAL_REQUEST,
      ...{ modes, probes, seconds, repeats, folder, workload: commandOf(workload) },
    };
    return withWorkProgress(`Measuring the model on ${machine.name}`, log, (show, cancelled) =>
      // Cancel ends the repeat that runs and writes what was measured: it is no reason to drop the queue's work.
      machine.run('measuring the deployed model', (connection, stop) =>
        measureDeployed(connection, context, request, {
          signal: AbortSignal.any([cancelled, stop]),
          onProgress: ({ done, total, mode, probe }) =>
            show(
              `${done + 1} of ${total}: ${modeText(mode).toLowerCase()} by ${probe}`,
              (100 * done) / total,
            ),
          onRepeat: ({ mode, probe, failure }) => {
            if (failure !== null) log.info(`${machine.name}: ${mode} by ${probe} failed: ${failure}`);
          },
        }),
      ),
    );
  }
}

async function agreesTo(
  { modes, seconds, repeats, probes }: ChosenMeasurement,
  machine: string,
): Promise<boolean> {
  if (!modes.includes('active')) return true;
  const agree = 'Measure';
  const each = (seconds * repeats * probes.length) / 60;
  const choice = await vscode.window.showWarningMessage(
    `Let the model decide on ${machine} while that is measured?`,
    { modal: true, detail: `For about ${each.toFixed(0)} min in all. ${ACTIVE_TEXT}` },
    agree,
  );
  return choice === agree;
}

/** Of the files of latencies that a measurement wrote. */
async function showDensities(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).sort();
  const uris = names.map((name) => vscode.Uri.file(join(folder, name)));
  if (uris.length > 0) await vscode.commands.executeCommand(COMMANDS.showLatencies, uris[0], uris);
}
