import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { Failure } from '../../base/errors.js';
import type { NeuralCfsRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import type { RemoteContext } from '../../remote/remoteContext.js';
import { chooseSome, chooseWhole } from '../askOption.js';
import type { TestMachine } from '../machines/testMachine.js';
import { askForRecords } from '../neuralCfs/runCommands.js';
import {
  COLLECTORS,
  describeCollection,
  endAfter,
  objectionTo,
  proposedPath,
  requestFor,
} from '../work/collectChoices.js';
import { workspaceRoot } from '../work/collectCommand.js';
import { runCollections } from '../work/runCollection.js';
import { shownPath } from '../work/shownPath.js';
import { Work } from '../work/work.js';
import type { WorkStarter } from '../work/workStarter.js';
import { newerRecordings } from './newRecordings.js';

export interface RecordSources {
  readonly starter: WorkStarter;
  readonly context: RemoteContext;
  /** What is deployed decides there: records tell its decisions. Puts it into shadow; false: the user gave up. */
  readonly leaveActive: () => Promise<boolean>;
}

/** Where collections are put unless the user says otherwise. */
const COLLECTED = 'recordings';
const USUAL_SECONDS = 60;
const MOST_SECONDS = 86_400;
const COLLECTOR = COLLECTORS.find(({ need }) => need === 'bpftrace')!;

interface Source extends vscode.QuickPickItem {
  readonly take: () => Promise<readonly string[] | undefined>;
}

/** What a model is trained on once more; undefined: the user gave up. Failures: those of collecting. */
export async function recordsForRetraining(
  title: string,
  info: NeuralCfsRun,
  machine: TestMachine,
  sources: RecordSources,
): Promise<readonly string[] | undefined> {
  const root = workspaceRoot();
  const newer = await newerRecordings(info, [join(root, COLLECTED)]);
  const picked = await vscode.window.showQuickPick(sourcesOf(title, info, machine, sources, newer, root), {
    title,
    placeHolder: 'Which recordings?',
    ignoreFocusOut: true,
  });
  return picked?.take();
}

function sourcesOf(
  title: string,
  info: NeuralCfsRun,
  machine: TestMachine,
  sources: RecordSources,
  newer: readonly string[],
  root: string,
): Source[] {
  const own = info.recordings.map(({ path }) => path);
  const objection = objectionTo(COLLECTOR, machine.report?.checks);
  const some = (paths: readonly string[], checked: readonly string[]) =>
    chooseSome(
      `${title}: Recordings`,
      paths.map((path) => ({ value: path, label: basename(path), detail: shownPath(dirname(path), root) })),
      checked,
    );
  return [
    ...(newer.length === 0
      ? []
      : [
          {
            label: `$(history) ${newer.length} Newer Recording${newer.length === 1 ? '' : 's'}`,
            detail: 'What came after the run, where its recordings lie and where collections are put',
            take: () => some(newer, newer),
          },
          {
            label: '$(files) Newer and Older Recordings',
            detail: 'With those that it was trained on',
            take: () => some([...newer, ...own], [...newer, ...own]),
          },
        ]),
    {
      label: `$(record) Collect Now on ${machine.name}…`,
      detail: objection === undefined ? COLLECTOR.detail : `Not possible as far as is known. ${objection}`,
      take: () => collectNow(title, machine, sources, root),
    },
    {
      label: '$(folder-opened) Choose Recordings…',
      detail: 'Files of calls of can_migrate_task(), or folders of them',
      take: () => askForRecords(title, 'Train'),
    },
  ];
}

/** Collects as "Collect Recording…" does: its panel shows the counters, and stops it. */
async function collectNow(
  title: string,
  machine: TestMachine,
  { starter, context, leaveActive }: RecordSources,
  root: string,
): Promise<readonly string[] | undefined> {
  const seconds = await chooseWhole(
    `${title}: Collect`,
    `Seconds to record the calls on ${machine.name}, whatever runs there`,
    USUAL_SECONDS,
    1,
    MOST_SECONDS,
  );
  if (seconds === undefined || !(await leaveActive())) return undefined;
  const end = endAfter(seconds * 1000);
  const path = join(root, proposedPath([machine.name], COLLECTOR, end, context.now()));
  const work = new Work({
    kind: 'collection',
    title: `Collecting on ${machine.name}`,
    description: describeCollection(COLLECTOR, end),
    machines: [machine.name],
    durationMs: end.durationMs,
  });
  await new Promise<void>((resolve) => {
    const requests = new Map([[machine, requestFor(COLLECTOR, end, path)]]);
    starter.start(work, () => runCollections(work, requests, context, root).finally(resolve));
  });
  if (work.cancelSignal.aborted) return undefined;
  const made = work.artifacts.filter(({ kind }) => kind === 'recording').map((artifact) => artifact.path);
  if (made.length > 0) return made;
  throw new Failure('remote-failed', `No calls were recorded on ${machine.name}: its panel says why.`);
}
