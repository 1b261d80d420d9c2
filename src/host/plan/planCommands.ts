import { basename } from 'node:path';
import * as vscode from 'vscode';
import { isFailure, messageOf } from '../../base/errors.js';
import { COMMANDS } from '../../manifest.js';
import { collect } from '../../remote/collect/collect.js';
import type { RemoteContext } from '../../remote/remoteContext.js';
import { newPlanText } from '../../remote/workloads/newPlan.js';
import {
  parsePlan,
  PLAN_FILE_NAME,
  summaryPathOf,
  type CollectionPlan,
} from '../../remote/workloads/plan.js';
import { writePlanSummary } from '../../remote/workloads/planSummary.js';
import type { WorkloadCommand } from '../../remote/workloads/workload.js';
import { printableText } from '../../remote/printableText.js';
import { machinesOf, runPlan } from '../../remote/workloads/runPlan.js';
import type { MachineChoice } from '../machines/machineChoice.js';
import type { TestMachine } from '../machines/testMachine.js';
import type { TestMachines } from '../machines/testMachines.js';
import { workspaceRoot } from '../work/collectCommand.js';
import { Work } from '../work/work.js';
import type { WorkStarter } from '../work/workStarter.js';
import { describePlan, endLanes, outlineOf, planListener } from './planWork.js';

/** The commands of collection plans. */
export class PlanCommands {
  constructor(
    private readonly machines: TestMachines,
    private readonly choice: MachineChoice,
    private readonly starter: WorkStarter,
    private readonly context: RemoteContext,
  ) {}

  /** Puts a plan to begin with into the workspace and opens it; one that is there is only opened. */
  async create(): Promise<void> {
    const folder = vscode.workspace.workspaceFolders?.[0];
    if (folder === undefined) {
      await vscode.window.showInformationMessage(
        'Open a folder first: the plan and its recordings are put there.',
      );
      return;
    }
    const uri = vscode.Uri.joinPath(folder.uri, PLAN_FILE_NAME);
    if (!(await exists(uri))) {
      const text = newPlanText();
      await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
    }
    await vscode.window.showTextDocument(uri, { preview: false });
  }

  async run(...args: unknown[]): Promise<void> {
    const uri = await choosePlan(args);
    if (uri === undefined) return;
    const plan = await readPlan(uri);
    if (plan === undefined) return;
    const machines = await this.#machines(plan, args);
    if (machines === undefined) return;
    const title = `Plan ${basename(plan.folder)}`;
    if (!(await agreesToRun(plan, machines))) return;
    const work = new Work(
      outlineOf(
        plan,
        machines.map(({ name }) => name),
        title,
      ),
    );
    this.starter.start(work, () => this.#run(work, plan, machines));
  }

  /** Those that the plan names; where it says "all", those that the command was called on, or that the user chooses. */
  async #machines(
    plan: CollectionPlan,
    args: readonly unknown[],
  ): Promise<readonly TestMachine[] | undefined> {
    if (plan.machines === 'all') return this.choice.some('Run Collection Plan', args);
    return machinesOf(plan, this.machines.all);
  }

  async #run(work: Work, plan: CollectionPlan, machines: readonly TestMachine[]): Promise<void> {
    const listener = planListener(work, plan, workspaceRoot());
    const signals = { stop: work.stopSignal, cancel: work.cancelSignal };
    // The plan was asked for on these: "all" means them.
    const chosen = { ...plan, machines: machines.map(({ name }) => name) };
    const summary = await runPlan(chosen, machines, this.context, listener, signals, collect);
    await writePlanSummary(summaryPathOf(plan.path), summary);
    endLanes(work, summary.cells);
    const { recorded, kept, failed } = summary.counts;
    if (summary.outcome === 'cancelled') work.end('cancelled');
    else work.end(failed > 0 && recorded + kept === 0 ? 'failed' : 'done');
  }
}

/** The file that the command was called on, or that is open, else one of the workspace. */
async function choosePlan([resource]: readonly unknown[]): Promise<vscode.Uri | undefined> {
  if (resource instanceof vscode.Uri) return resource;
  const open = vscode.window.activeTextEditor?.document.uri;
  if (open !== undefined && basename(open.path) === PLAN_FILE_NAME) return open;
  const found = await vscode.workspace.findFiles(`**/${PLAN_FILE_NAME}`, '**/node_modules/**', 100);
  if (found.length === 0) {
    const choice = await vscode.window.showInformationMessage(
      `There is no ${PLAN_FILE_NAME} in this workspace.`,
      'New Collection Plan',
    );
    if (choice !== undefined) await vscode.commands.executeCommand(COMMANDS.newPlan);
    return undefined;
  }
  if (found.length === 1) return found[0];
  const picked = await vscode.window.showQuickPick(
    found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri })),
    { title: 'Run Collection Plan', placeHolder: 'Which plan?' },
  );
  return picked?.uri;
}

/** Undefined: it is no plan; the user was told, and sees where. */
async function readPlan(uri: vscode.Uri): Promise<CollectionPlan | undefined> {
  if (uri.scheme !== 'file')
    throw new Error('The plan has to lie on a disk: its recordings are written beside it.');
  const document = await vscode.workspace.openTextDocument(uri);
  if (document.isDirty) await document.save();
  try {
    return parsePlan(document.getText(), uri.fsPath);
  } catch (error) {
    if (!isFailure(error, 'bad-input')) throw error;
    await vscode.window.showTextDocument(document);
    // The lines of the message have the whole path each: the editor shows the marks.
    const [first = ''] = messageOf(error).split('\n');
    await vscode.window.showErrorMessage(`The plan has errors. ${first.replace(uri.fsPath, PLAN_FILE_NAME)}`);
    return undefined;
  }
}

async function agreesToRun(plan: CollectionPlan, machines: readonly TestMachine[]): Promise<boolean> {
  const run = 'Run Plan';
  const own = plan.workloads.filter(({ command }) => command.program.kind !== 'builtIn');
  const commands = own
    .slice(0, MAX_SHOWN_COMMANDS)
    .map(({ command }) => `  ${command.name}: ${commandText(command.program)}`);
  if (own.length > commands.length) commands.push(`  … and ${own.length - commands.length} more`);
  const choice = await vscode.window.showInformationMessage(
    `Run the plan in ${basename(plan.folder)}?`,
    {
      modal: true,
      detail: [
        describePlan(plan, machines.length),
        `On ${machines.map(({ name }) => name).join(', ')}`,
        ...(own.length === 0 ? [] : [`Commands of the plan's own that run there:\n${commands.join('\n')}`]),
        'Recordings that are there already, whole and of the same settings, are kept.',
      ].join('\n\n'),
    },
    run,
  );
  return choice === run;
}

const MAX_SHOWN_COMMANDS = 12;
const MAX_SHOWN_LENGTH = 160;

/** What a plan's own workload runs, as far as a dialog has room. */
function commandText(program: WorkloadCommand['program']): string {
  const text =
    program.kind === 'shell'
      ? program.text
      : program.kind === 'command'
        ? program.argv.join(' ')
        : program.name;
  return printableText(text.replaceAll('\n', ' ↵ '), MAX_SHOWN_LENGTH);
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
