import { homedir } from 'node:os';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { RemoteContext } from '../../remote/remoteContext.js';
import type { MachineChoice } from '../machines/machineChoice.js';
import type { TestMachine } from '../machines/testMachine.js';
import {
  COLLECTORS,
  describeCollection,
  endingOf,
  durationIn,
  endAfter,
  endWithCommand,
  objectionTo,
  pathsOf,
  proposedPath,
  requestFor,
  TIME_ENDS,
  WORKLOAD_ENDS,
  type CollectorChoice,
  type EndChoice,
} from './collectChoices.js';
import { runCollections } from './runCollection.js';
import { Work } from './work.js';
import type { WorkStarter } from './workStarter.js';

/** A user's own command is given up after that. */
const OWN_COMMAND_TIMEOUT_MS = 3_600_000;

/** "Collect Recording…": machines, collector, until when, file. Enter at each step gives a recording. */
export class CollectCommand {
  constructor(
    private readonly choice: MachineChoice,
    private readonly starter: WorkStarter,
    private readonly context: RemoteContext,
  ) {}

  async run(...args: unknown[]): Promise<void> {
    const machines = await this.choice.some('Collect Recording', args);
    if (machines === undefined) return;
    const title = `Collect Recording: ${machines.map(({ name }) => name).join(', ')}`;
    const collector = await chooseCollector(title, machines);
    if (collector === undefined) return;
    const end = await chooseEnd(title);
    if (end === undefined) return;
    const root = workspaceRoot();
    const names = machines.map(({ name }) => name);
    const paths = await choosePaths(title, names, collector, end, root, this.context.now());
    if (paths === undefined) return;
    const work = new Work({
      kind: 'collection',
      title: names.length === 1 ? `Collecting on ${names[0]!}` : `Collecting on ${names.length} machines`,
      description: describeCollection(collector, end),
      machines: names,
      durationMs: end.durationMs,
    });
    const requests = new Map(
      machines.map((machine) => [machine, requestFor(collector, end, paths.get(machine.name)!)]),
    );
    this.starter.start(work, () => runCollections(work, requests, this.context, root));
  }
}

/** What relative paths are relative to: the workspace, or the home folder where none is open. */
export function workspaceRoot(): string {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  return folder?.uri.fsPath ?? homedir();
}

async function chooseCollector(
  title: string,
  machines: readonly TestMachine[],
): Promise<CollectorChoice | undefined> {
  const items = COLLECTORS.map((collector) => {
    const objections = machines.flatMap((machine) => {
      const why = objectionTo(collector, machine.report?.checks);
      return why === undefined ? [] : [`${machine.name}: ${why}`];
    });
    const isPossible = objections.length === 0;
    return {
      label: isPossible ? collector.label : `$(warning) ${collector.label}`,
      description: endingOf(collector),
      detail: isPossible ? collector.detail : `Not possible as far as is known. ${objections.join('; ')}`,
      collector,
    };
  });
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: 'How?',
    ignoreFocusOut: true,
    matchOnDetail: true,
  });
  return picked?.collector;
}

type EndItem = vscode.QuickPickItem & { readonly end?: EndChoice; readonly isCommand?: boolean };

/** A list that takes a typed time as well: `90 s`. */
async function chooseEnd(title: string): Promise<EndChoice | undefined> {
  const items: EndItem[] = [
    ...TIME_ENDS.map(endItem),
    { label: 'Workloads', kind: vscode.QuickPickItemKind.Separator },
    ...WORKLOAD_ENDS.map(endItem),
    { label: 'Own Command…', detail: 'Text for sh, run as the user who logs in', isCommand: true },
  ];
  const picked = await pickOrTyped(title, items);
  if (picked?.isCommand !== true) return picked?.end;
  const command = await vscode.window.showInputBox({
    title,
    prompt: 'Command that runs on the machine while it is recorded (sh)',
    placeHolder: 'make -j4 -C /usr/src/linux',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'Type a command.' : undefined),
  });
  return command === undefined ? undefined : endWithCommand(command, OWN_COMMAND_TIMEOUT_MS);
}

function endItem(end: EndChoice): EndItem {
  return { label: end.label, detail: end.detail, end };
}

function pickOrTyped(title: string, items: readonly EndItem[]): Promise<EndItem | undefined> {
  const pick = vscode.window.createQuickPick<EndItem>();
  pick.title = title;
  pick.placeholder = 'Until when? Choose, or type a time such as 90 s or 5 min';
  pick.ignoreFocusOut = true;
  pick.matchOnDetail = true;
  pick.items = items;
  pick.onDidChangeValue((text) => {
    const durationMs = durationIn(text);
    const typed =
      durationMs === undefined
        ? []
        : [
            {
              label: text.trim(),
              detail: `Record for ${durationMs / 1000} s`,
              alwaysShow: true,
              end: endAfter(durationMs),
            },
          ];
    pick.items = [...typed, ...items];
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      // Who types fast presses Enter before the list has followed: what was typed counts.
      const durationMs = durationIn(pick.value);
      resolve(durationMs === undefined ? pick.selectedItems[0] : { label: '', end: endAfter(durationMs) });
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

/** By machine; undefined when the user gave up. */
async function choosePaths(
  title: string,
  machines: readonly string[],
  collector: CollectorChoice,
  end: EndChoice,
  root: string,
  now: Date,
): Promise<ReadonlyMap<string, string> | undefined> {
  const value = proposedPath(machines, collector, end, now);
  const path = await vscode.window.showInputBox({
    title,
    prompt:
      machines.length === 1
        ? `File for the recording (${endingOf(collector)}), in ${basename(root)} unless it begins with /`
        : `Folder for the recordings, in ${basename(root)} unless it begins with /`,
    value,
    valueSelection: [value.lastIndexOf('/') + 1, value.length],
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'Type a name.' : undefined),
  });
  return path === undefined ? undefined : pathsOf(machines, path.trim(), root, collector);
}
