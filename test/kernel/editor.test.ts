/** Migration records from the editor: a real VS Code, the machine checked, recorded and watched from it, the file opened. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ensureChromium } from '../../scripts/lib/chromium.mjs';
import { fileSource } from '../../src/base/byteSource.js';
import { metaPathOf, readRecordingMeta } from '../../src/remote/artifacts/recordingMeta.js';
import type { Connection } from '../../src/remote/connection.js';
import { importMigrationRecords } from '../../src/trace/migrations/importMigrationRecords.js';
import type { MigrationRecordStore } from '../../src/trace/migrations/migrationRecordStore.js';
import { closeBrowser } from '../e2e/harness/browser.js';
import { startEditor, type RunningEditor } from '../e2e/harness/editor.js';
import { illegibleTexts } from '../e2e/harness/lab.js';
import { LabView } from '../e2e/harness/LabView.js';
import { openWorkbench } from '../e2e/harness/openWorkbench.js';
import { RecordsView } from '../e2e/harness/RecordsView.js';
import { until } from '../e2e/harness/until.js';
import type { Theme, Workbench } from '../e2e/harness/Workbench.js';
import { CallCount, monotonicNs } from './harness/callCount.js';
import { CPUS, KernelMachine, settledState, stateOf } from './harness/kernelMachine.js';
import { NAME, sshConfig } from './harness/sshConfig.js';
import { CLOCK_STEP_NS, count, LOAD, valuesOf } from './harness/migrationRecording.js';
import { expectSensible } from './harness/sensibleRecords.js';

const COLLECTOR = 'bpftrace can_migrate_task, migration cost 10 ms';
/** Long enough to see counts grow and to look at them in both themes. */
const LOAD_SECONDS = 60;
/** Without hardware's help, with a browser beside it: bpftrace alone takes half a minute. */
const SLOWLY = { timeoutMs: 240_000 };
/** `12 forced · 1,400 allowed · 1,385 refused` */
const CLASSES = /([\d,]+) forced · ([\d,]+) allowed · ([\d,]+) refused/;

describe('migration records from the editor', { timeout: 600_000 }, () => {
  let machine: KernelMachine;
  let root: Connection;
  let before: string;
  let editor: RunningEditor;
  let workbench: Workbench;
  let lab: LabView;

  beforeAll(async () => {
    machine = new KernelMachine();
    root = await machine.connect();
    before = await stateOf(root);
    await ensureChromium();
    editor = await startEditor();
    workbench = await openWorkbench({
      editor,
      settings: { 'remote.autoForwardPorts': false },
      size: { width: 1280, height: 800 },
      machineSettings: { 'kernelOracle.ssh.configFile': sshConfig(machine) },
    });
    lab = new LabView(workbench);
  }, 600_000);

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await workbench.saveFailure(task.name);
    expect(workbench.takeWebviewErrors(), 'errors in webviews').toEqual([]);
  });

  afterAll(async () => {
    await workbench.close();
    await closeBrowser();
    await editor.stop();
    machine.dispose();
  });

  test('the checklist says by which way records come, and how what is forced is known', async () => {
    await lab.open();
    await lab.row(NAME).waitFor();
    await lab.chooseInMenu(NAME, 'Check Test Machine');
    const frame = await lab.machinePanel();
    const shown = async (id: string) => (await lab.checks(frame)).find((check) => check.id === id);
    await until('the check', async () => (await shown('forced-migrations')) !== undefined, SLOWLY);
    expect(await shown('migration-probe')).toMatchObject({ status: 'passed', detail: 'by fentry and fexit' });
    expect(await shown('forced-migrations')).toMatchObject({
      status: 'passed',
      detail: expect.stringMatching(/^exact, from the task/) as string,
    });
    await frame.locator('li.check[data-check="forced-migrations"]').scrollIntoViewIfNeeded();
    await workbench.screenshot('kernel-checklist');
    expect(await settledState(root, before)).toBe(before);
  });

  test('are counted by class while they come, open as records, and leave nothing there', async () => {
    const calls = await CallCount.start(root);
    try {
      const callsBefore = await calls.read();
      const beganNs = await monotonicNs(root);
      await startCollecting();
      const panel = await lab.untilLane(NAME, countsClasses, SLOWLY.timeoutMs);
      const callsWhenSeen = await calls.read();
      const early = classesOf(await eventsOf(panel));
      await showInBothThemes();
      const later = classesOf(await eventsOf(await lab.workPanel()));
      expect(later['refused']! + later['allowed']!).toBeGreaterThan(early['refused']! + early['allowed']!);
      const done = await lab.workPanel();
      const callsAtLeast = (await calls.read()) - callsWhenSeen;
      await lab.untilWork(done, /^done$/, SLOWLY.timeoutMs);
      const callsAtMost = (await calls.read()) - callsBefore;
      const endedNs = CLOCK_STEP_NS + (await monotonicNs(root));
      await workbench.screenshot('kernel-collected');

      const path = recordedFile();
      const store = await importMigrationRecords(await fileSource(path));
      const { events, remarks, collector } = await readRecordingMeta(metaPathOf(path));
      expect(collector).toMatchObject({ migrationCostNs: 10_000_000, forcedBy: 'task' });
      const facts = { events: events.count, lostEvents: events.lost, remarks, leftBehind: [] };
      expectSensible({ store, facts, callsAtLeast, callsAtMost, beganNs, endedNs }, CPUS);
      // What the panel counted is what the file holds.
      expect(classesOf(await eventsOf(done))).toEqual(classesIn(store));

      await done.getByRole('button', { name: 'Open Recording' }).click();
      const view = await RecordsView.shown(workbench, path.slice(path.lastIndexOf('/') + 1));
      const figures = await view.figures();
      const figure = (name: string) => Number(figures[name]!.replaceAll(',', ''));
      expect(figure('calls')).toBe(store.length);
      expect(figure('forced: migrated although cache-hot')).toBe(classesIn(store)['forced']);
      expect(figure('refused')).toBe(classesIn(store)['refused']);
      await workbench.screenshot('kernel-records');
    } finally {
      await calls.stop();
    }
    // The migration cost among it.
    expect(await settledState(root, before)).toBe(before);
  });

  /** As a person does: the command, the collector, a command of one's own, the proposed file. */
  async function startCollecting(): Promise<void> {
    await workbench.runCommand('KernelOracle: Collect Recording…');
    await lab.untilInput(/How\?/);
    await workbench.pick(COLLECTOR);
    // Not all of the list is drawn.
    await (await lab.untilInput(/Until when/)).fill('Own Command');
    await workbench.pick('Own Command…');
    await lab.untilInput(/Command that runs on the machine/);
    await workbench.answer(`set -- ${LOAD_SECONDS}; ${LOAD.replaceAll(/\s*\n\s*/g, ' ')}`);
    await lab.acceptProposal(/File for the recording/);
  }

  async function showInBothThemes(): Promise<void> {
    const themes: readonly Theme[] = ['Default Dark Modern', 'Default Light Modern'];
    for (const theme of themes) {
      await workbench.setTheme(theme);
      const frame = await lab.untilLane(NAME, countsClasses);
      await until('all text to be legible', async () => (await illegibleTexts(frame)).length === 0);
      await workbench.screenshot(`kernel-collecting-${theme.includes('Dark') ? 'dark' : 'light'}`);
    }
  }

  function recordedFile(): string {
    const files = readdirSync(workbench.pathOf('recordings')).filter((name) => name.endsWith('.csv'));
    expect(files).toHaveLength(1);
    return join(workbench.pathOf('recordings'), files[0]!);
  }
});

/** Some call was allowed, some refused, and they come at a rate. */
function countsClasses(lane: Record<string, string>): boolean {
  if (lane['Phase'] !== 'collecting' || !CLASSES.test(lane['Events'] ?? '')) return false;
  const { allowed, refused } = classesOf(lane['Events']!) as { allowed: number; refused: number };
  return allowed > 0 && refused > 0 && /[1-9]/.test(lane['Events/s'] ?? '');
}

function classesOf(text: string): Record<string, number> {
  const found = CLASSES.exec(text);
  if (found === null) throw new Error(`There are no counts of classes in "${text}".`);
  const [forced, allowed, refused] = found.slice(1).map((each) => Number(each.replaceAll(',', '')));
  return { forced: forced!, allowed: allowed!, refused: refused! };
}

/** A call that is forced is not counted as allowed, too. */
function classesIn(store: MigrationRecordStore): Record<string, number> {
  const allowed = count(valuesOf(store, 'migration'), (value) => value === 1);
  const forced = count(valuesOf(store, 'forced'), (value) => value === 1);
  return { forced, allowed: allowed - forced, refused: store.length - allowed };
}

async function eventsOf(frame: Frame): Promise<string> {
  return frame.locator(`tr[data-machine="${NAME}"] .classes`).innerText();
}
