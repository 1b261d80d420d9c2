import { join } from 'node:path';
import * as vscode from 'vscode';
import type { DeployedMode, DeployedWay } from '../../protocol/deployment.js';
import { LATENCY_PROBES, type LatencyProbe } from '../../remote/deploy/measure/probes.js';
import { WORKLOADS } from '../../remote/workloads/catalogue.js';
import { fileNamePart } from '../../remote/workloads/cells.js';
import { chooseOne, chooseSome, chooseWhole } from '../askOption.js';
import type { Choice } from '../dataset/buildChoices.js';
import { timeStamp } from '../work/collectChoices.js';
import { shownPath } from '../work/shownPath.js';
import { MODES_OF, modeText } from './deployChoices.js';

/** What is measured, as it was chosen. */
export interface ChosenMeasurement {
  readonly modes: readonly DeployedMode[];
  readonly probes: readonly LatencyProbe[];
  /** Of the catalogue. */
  readonly workload: string;
  readonly seconds: number;
  readonly repeats: number;
  /** Absolute; nothing is there. */
  readonly folder: string;
}

interface Line extends vscode.QuickPickItem {
  /** Asks for one option; undefined: the user went back. Null: begins. */
  readonly change: ((draft: ChosenMeasurement) => Promise<Partial<ChosenMeasurement> | undefined>) | null;
}

const USUAL_WORKLOAD = 'hackbench_pipe_small';
const USUAL = { seconds: 10, repeats: 5 } as const;
const [MOST_SECONDS, MOST_REPEATS] = [600, 100];

const PROBE_CHOICES: readonly Choice<LatencyProbe>[] = [
  {
    value: 'function_graph',
    label: 'function_graph',
    detail: 'The tracer of the kernel, of this one function; nothing to install',
  },
  { value: 'fentry', label: 'fentry', detail: 'bpftrace, as calls are recorded' },
];

/**
 * One list of all that can be chosen: Enter begins with what it says, any other line asks and comes back.
 * @param root what the folder is below
 * @returns undefined: the user gave up
 */
export async function chooseMeasurement(
  title: string,
  machine: string,
  way: DeployedWay,
  root: string,
  now: Date,
): Promise<ChosenMeasurement | undefined> {
  let draft: ChosenMeasurement = {
    // That the model decides is for the user to want.
    modes: MODES_OF[way].filter((mode) => mode !== 'active'),
    probes: LATENCY_PROBES,
    workload: USUAL_WORKLOAD,
    ...USUAL,
    folder: join(root, 'measured', `${fileNamePart(machine)}-${timeStamp(now)}`),
  };
  for (;;) {
    const picked = await vscode.window.showQuickPick(linesOf(draft, title, way, root), {
      title,
      placeHolder: 'Enter begins like this; choose another line to change it',
      ignoreFocusOut: true,
    });
    if (picked?.change === undefined) return undefined;
    if (picked.change !== null) draft = { ...draft, ...(await picked.change(draft)) };
    else if (draft.modes.length > 0 && draft.probes.length > 0) return draft;
    else await vscode.window.showWarningMessage('Check at least one mode and one probe.');
  }
}

function linesOf(
  { modes, probes, workload, seconds, repeats, folder }: ChosenMeasurement,
  title: string,
  way: DeployedWay,
  root: string,
): Line[] {
  const whole = (what: string, prompt: string, now: number, most: number) =>
    chooseWhole(`${title}: ${what}`, prompt, now, 1, most);
  return [
    { label: '$(play) Measure', description: `into ${shownPath(folder, root)}`, change: null },
    // A separator is never picked.
    { label: 'Options', kind: vscode.QuickPickItemKind.Separator, change: null },
    {
      label: 'Modes',
      description: modes.map(modeText).join(', '),
      detail: 'In turns, in an order that is drawn anew for each repeat; the mode that was there comes back',
      change: async () => {
        const chosen = await chooseSome(
          `${title}: Modes`,
          MODES_OF[way].map((value) => ({ value, label: modeText(value), detail: '' })),
          modes,
        );
        return chosen === undefined ? undefined : { modes: chosen };
      },
    },
    {
      label: 'Probes',
      description: probes.join(', '),
      change: async () => {
        const chosen = await chooseSome(`${title}: Probes`, PROBE_CHOICES, probes);
        return chosen === undefined ? undefined : { probes: chosen };
      },
    },
    {
      label: 'Load',
      description: workload,
      change: async () => {
        const loads = WORKLOADS.map(({ name, description }) => ({
          ...{ value: name, label: name, detail: description },
        }));
        const chosen = await chooseOne(`${title}: Load`, loads, workload);
        return chosen === undefined ? undefined : { workload: chosen.value };
      },
    },
    {
      label: 'Seconds',
      description: String(seconds),
      change: async () => {
        const value = await whole('Seconds', 'Of each repeat', seconds, MOST_SECONDS);
        return value === undefined ? undefined : { seconds: value };
      },
    },
    {
      label: 'Repeats',
      description: String(repeats),
      change: async () => {
        const value = await whole('Repeats', 'Of each mode under each probe', repeats, MOST_REPEATS);
        return value === undefined ? undefined : { repeats: value };
      },
    },
  ];
}
