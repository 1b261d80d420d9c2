import { execFileSync, spawnSync } from 'node:child_process';
import { expect, it, type TestContext } from 'vitest';
import { bytesSource } from '../../src/base/byteSource.js';
import { isFailure, messageOf } from '../../src/base/errors.js';
import { importTrace } from '../../src/trace/importTrace.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { hasSharedRecordings, sharedPath } from '../support/perfOracle.js';
import { rowTexts } from '../support/storeRows.js';

const hasPerf = spawnSync('perf', ['--version']).status === 0;

function requireTools(context: TestContext): void {
  const reason = !hasSharedRecordings
    ? 'the recordings beside the repository are not there'
    : hasPerf
      ? undefined
      : 'there is no perf on this machine';
  if (reason === undefined) return;
  console.warn(`Skipped: ${context.task.name}: ${reason}`);
  context.skip(reason);
}

async function print(command: string): Promise<EventStore> {
  const args = [...command.split(' '), '-i', sharedPath('perf_sched_record.data')];
  const text = execFileSync('perf', args, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
  const store = await importTrace(bytesSource(command, Uint8Array.from(text)));
  expect(store.metadata.format).toBe('perf-script');
  return store;
}

/** Without the line, and the names perf has of the tasks that ran: `time | cpu | event | pids | …`. */
function comparable(store: EventStore): string[] {
  return rowTexts(store).map((row) => {
    const cells = row.split(' | ').slice(0, -1);
    const isSwitch = cells[2] === 'sched_switch';
    return cells
      .map((cell, column) => (column === 3 && !isSwitch ? cell.replace(/.*:/, '') : cell))
      .join(' | ');
  });
}

it.for([
  'sched script',
  'script -F comm,tid,cpu,time,event,trace',
  'script -F comm,pid,tid,cpu,time,event,trace',
  'script -F tid,cpu,time,event,trace',
  'script -F pid,tid,cpu,time,event,trace',
  'script -F +pid',
  'script -F +misc',
  'script -F +period',
  'script -F +ip,+sym',
  'script -F +machine_pid,+vcpu',
  'script -F -comm',
  'script -f',
  'script --header',
  'script --header --show-task-events --show-lost-events --show-mmap-events',
])('perf %s is read as the default is', { timeout: 30_000 }, async (command, context) => {
  requireTools(context);
  const expected = comparable(await print('script'));
  const store = await print(command);
  expect(comparable(store)).toEqual(expected);
  expect(store.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
});

it.for(['script -F cpu,time,event,trace', 'script -F comm,cpu,time,event,trace', 'script -F -tid'])(
  'perf %s is read, but for who ran at events that do not tell it',
  { timeout: 30_000 },
  async (command, context) => {
    requireTools(context);
    const withoutActors = (store: EventStore) =>
      comparable(store).filter((row) => row.includes('| sched_switch |'));
    expect(withoutActors(await print(command))).toEqual(withoutActors(await print('script')));
  },
);

it.for([
  { command: 'script -F comm,tid,time,event,trace', reason: /no CPU/ },
  { command: 'script -F comm,tid,cpu,event,trace', reason: /no time stamp/ },
  { command: 'script -F comm,tid,cpu,time,trace', reason: /no name of the event/ },
  { command: 'script -F comm,tid,cpu,time,event', reason: /not what the events say/ },
  { command: 'script --deltatime', reason: /no time, but how long ago/ },
])('perf $command is refused with the reason', { timeout: 30_000 }, async ({ command, reason }, context) => {
  requireTools(context);
  const message = await print(command).then(
    (store) => store.diagnostics.map((each) => each.message).join('\n') || 'read',
    (error: unknown) => {
      if (!isFailure(error)) throw error;
      return messageOf(error);
    },
  );
  expect(message).toMatch(reason);
});
