import * as vscode from 'vscode';
import { chooseOne } from '../askOption.js';
import { labelOf } from '../dataset/buildChoices.js';
import type { MachineChoice } from '../machines/machineChoice.js';
import type { TestMachine } from '../machines/testMachine.js';
import {
  bitsChoices,
  modeChoices,
  usualChoices,
  WAY_CHOICES,
  withWay,
  type DeployChoices,
} from './deployChoices.js';

/** Where and how, as it was chosen. */
export interface ChosenDeployment {
  readonly machine: TestMachine;
  readonly choices: DeployChoices;
}

interface Line extends vscode.QuickPickItem {
  /** Asks for one option; undefined: the user went back. Null: goes on to the plan. */
  readonly change: ((draft: ChosenDeployment) => Promise<ChosenDeployment | undefined>) | null;
}

/**
 * One list of all that can be chosen: Enter shows the plan of what it says, any other line asks and comes back.
 * @returns undefined: the user gave up
 */
export async function chooseDeployment(
  title: string,
  machine: TestMachine,
  isTree: boolean,
  choice: MachineChoice,
): Promise<ChosenDeployment | undefined> {
  let draft: ChosenDeployment = { machine, choices: usualChoices(isTree) };
  for (;;) {
    const picked = await vscode.window.showQuickPick(linesOf(draft, title, choice), {
      title,
      placeHolder:
        'Enter plans it like this, and asks before anything is done; choose another line to change it',
      ignoreFocusOut: true,
    });
    if (picked?.change === undefined) return undefined;
    if (picked.change === null) return draft;
    draft = (await picked.change(draft)) ?? draft;
  }
}

function linesOf({ machine, choices }: ChosenDeployment, title: string, choice: MachineChoice): Line[] {
  const { way, mode, bits } = choices;
  const set = (draft: ChosenDeployment, changed: DeployChoices) => ({ ...draft, choices: changed });
  return [
    { label: '$(rocket) Plan the Deployment', description: `on ${machine.name}`, change: null },
    // A separator is never picked.
    { label: 'Options', kind: vscode.QuickPickItemKind.Separator, change: null },
    {
      label: 'Machine',
      description: machine.name,
      change: async (draft) => {
        const other = await choice.one(`${title}: Machine`, []);
        return other === undefined ? undefined : { ...draft, machine: other };
      },
    },
    {
      label: 'Way',
      description: labelOf(WAY_CHOICES, way),
      change: async (draft) => {
        const chosen = await chooseOne(`${title}: Way`, WAY_CHOICES, way);
        return chosen === undefined ? undefined : set(draft, withWay(choices, chosen.value));
      },
    },
    {
      label: 'Mode',
      description: labelOf(modeChoices(way), mode),
      change: async (draft) => {
        const chosen = await chooseOne(`${title}: Mode`, modeChoices(way), mode);
        return chosen === undefined ? undefined : set(draft, { ...choices, mode: chosen.value });
      },
    },
    ...(bits === null
      ? []
      : [
          {
            label: 'Weights',
            description: labelOf(bitsChoices(way), bits),
            change: async (draft: ChosenDeployment) => {
              const chosen = await chooseOne(`${title}: Weights`, bitsChoices(way), bits);
              return chosen === undefined ? undefined : set(draft, { ...choices, bits: chosen.value });
            },
          },
        ]),
  ];
}
