import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectBpftrace } from '../../src/remote/collect/bpftraceCollector.js';
import type { CollectorRun, StartCollector } from '../../src/remote/collect/collectorRun.js';
import { collectPerf, USUAL_PERF_EVENTS } from '../../src/remote/collect/perfCollector.js';
import { collectTracefs, USUAL_TRACEFS_SETTINGS } from '../../src/remote/collect/tracefsCollector.js';
import type { Connection } from '../../src/remote/connection.js';
import type { Rights } from '../../src/remote/shellCommand.js';
import { CONTEXT, KernelMachine, shell, STATE_PROGRAM, stateOf } from './harness/kernelMachine.js';

/** After that the machine has its state again, counted from the moment when the cable was taken out. */
const RESTORED_S = 15;

let machine: KernelMachine;
beforeAll(() => {
  machine = new KernelMachine();
});
afterAll(async () => {
  await machine.setNetwork(true);
  machine.dispose();
});

/**
 * Compares the state there with $1 all the time, for $2 seconds, and notes in $3 each moment at which it changed between
 * the same and another. It runs on when the network is gone.
 */
const WATCH = `
(
  before=$1 was= end=$(($(date +%s) + $2))
  while [ "$(date +%s)" -lt "$end" ] && [ ! -e "$3.end" ]; do
    [ "$(cat /sys/class/net/eth0/carrier)" = 1 ] && net=up || net=down
    now=$(${STATE_PROGRAM})
    [ "$now" = "$before" ] && is=restored || is=changed
    if [ "$net $is $now" != "$was" ]; then
      echo "$(date +%s) $net $is" >>"$3"
      { date +%s; echo "$now"; } >>"$3.states"
    fi
    was="$net $is $now"
    sleep 0.3
  done
) </dev/null >/dev/null 2>&1 &`;

const start: Record<string, (connection: Connection, rights: Rights) => Promise<CollectorRun>> = {
  tracefs: (connection, rights) => begin(collectTracefs, USUAL_TRACEFS_SETTINGS, connection, rights),
  perf: (connection, rights) =>
    begin(
      collectPerf,
      { collector: 'perf', events: USUAL_PERF_EVENTS, bufferPages: 512 },
      connection,
      rights,
    ),
  bpftrace: (connection, rights) =>
    begin(
      collectBpftrace,
      { collector: 'bpftrace', program: 'can_migrate_task', migrationCostNs: null },
      connection,
      rights,
    ),
};

function begin<Settings>(
  collector: StartCollector<Settings>,
  settings: Settings,
  connection: Connection,
  rights: Rights,
): Promise<CollectorRun> {
  return collector(connection, CONTEXT, settings, rights, machine.target());
}

const KEEP_ALIVE = { keepaliveInterval: 2000, keepaliveCountMax: 3 };

test.each([
  ['tracefs', 'root', 'own'],
  ['perf', 'tracer', 'sudo'],
  ['bpftrace', 'tracer', 'sudo'],
] as const)('%s as %s: the machine restores itself in time', async (collector, user, rights) => {
  const watcher = await machine.connect();
  const before = (await stateOf(watcher)).trimEnd();
  const log = `/root/watched-${collector}-${user}`;
  await shell(watcher, WATCH, before, '240', log);
  const run = await start[collector]!(await machine.connect(user, KEEP_ALIVE), rights);
  await run.ready;
  // Long enough to be seen.
  await wait(5000);
  await machine.setNetwork(false);
  await expect(run.finished).rejects.toMatchObject({ code: 'connection-lost' });
  await wait(RESTORED_S * 1000);
  await machine.setNetwork(true);
  const later = await machine.connect();
  const told = await shell(later, 'touch "$1.end"; cat "$1" "$1.states"', log);
  const noted = told.split('\n').flatMap((line) => {
    const match = /^(\d+) (up|down) (changed|restored)$/.exec(line);
    return match === null ? [] : [{ atS: Number(match[1]), network: match[2], state: match[3] }];
  });
  expect(noted, told).toContainEqual(expect.objectContaining({ network: 'up', state: 'changed' }));
  const down = noted.filter(({ network }) => network === 'down');
  expect(down[0]?.state, told).toBe('changed');
  expect(down.at(-1)?.state, told).toBe('restored');
  const tookS = down.at(-1)!.atS - down[0]!.atS;
  console.log(`${collector} as ${user}: restored ${tookS} s after the cable was taken out`);
  expect(tookS, told).toBeLessThanOrEqual(RESTORED_S);
});
