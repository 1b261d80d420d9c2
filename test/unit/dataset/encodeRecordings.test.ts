import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataSet } from '../../../src/dataset/dataSet.js';
import { encodeRecordings } from '../../../src/dataset/encodeRecordings.js';
import { NOT_TOLD } from '../../../src/dataset/sequences.js';
import { build, CSV_HEADER, csvRows, dataSetFolder } from '../../support/dataSetInputs.js';

let folder: string;
beforeEach(async () => {
  folder = await dataSetFolder();
});
afterEach(() => rm(folder, { recursive: true }));

async function input(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

/** tracefs text of two tasks that take turns on CPU 0, with wakeups, so that it is told who waited. */
function tracefsText(switches: number): string {
  const lines = ['# tracer: nop', '#'];
  for (let at = 0; at < switches; at += 1) {
    const [pid, next] = at % 2 === 0 ? [11, 12] : [12, 11];
    const time = (100 + at * 0.001).toFixed(6);
    const woken = (100 + at * 0.001 - 0.0005).toFixed(6);
    lines.push(
      `  t-${pid}  [000] d..2.  ${woken}: sched_wakeup: comm=t pid=${next} prio=120 target_cpu=000`,
      `  t-${pid}  [000] d..2.  ${time}: sched_switch: prev_comm=a prev_pid=${pid} prev_prio=120 prev_state=${at % 4 < 2 ? 'S' : 'R'} ==> next_comm=a next_pid=${next} next_prio=120`,
    );
  }
  return `${lines.join('\n')}\n`;
}

describe('recordings in the vocabulary of a data set', () => {
  it('are, row for row, what the data set holds of the same recording', async () => {
    const path = await input('all.csv', `${CSV_HEADER}${csvRows('alpha', 0, 300)}`);
    for (const perCpu of [false, true]) {
      const out = join(folder, `set-${perCpu}`);
      await build([path], out, { holdOut: 'none', validation: 0, seen: 0, gap: 0, perCpu });
      const set = await openDataSet(out);
      const { part, recordings, comms } = await encodeRecordings([path], set.meta);
      const stored = await set.part('train');
      const { comm, ...columns } = part;
      const { comm: storedComm, ...storedColumns } = stored;
      expect(columns).toEqual(storedColumns);
      expect([...comm].map((each) => comms[each])).toEqual(
        [...storedComm].map((each) => set.meta.comms[each]),
      );
      expect(recordings).toEqual([
        {
          path,
          traceId: 'alpha_run0',
          workload: 'alpha',
          category: 'alpha',
          rowsSha256: set.meta.recordings[0]!.rowsSha256,
        },
      ]);
    }
  });

  it('have UNK for what the data set never met, and idle stays idle', async () => {
    const known = await input('known.csv', `${CSV_HEADER}${csvRows('alpha', 0, 300)}`);
    const { vocabulary, options } = await build([known], join(folder, 'set'), { holdOut: 'none' });
    const other = await input('other.csv', `${CSV_HEADER}${csvRows('beta', 0, 100)}`);
    const { part } = await encodeRecordings([other], { vocabulary, options });
    expect(new Set(part.task)).toEqual(new Set([0, 1]));
    expect([...part.task].map((task) => task === 1)).toEqual([...part.pid].map((pid) => pid === 0));
    expect(new Set(part.contested)).toEqual(new Set([NOT_TOLD]));
  });

  it('tell whether a CPU had a choice, as data sets of them do', async () => {
    const path = await input('trace_run0.txt', tracefsText(80));
    const meta = await build([path], join(folder, 'set'), {
      holdOut: 'none',
      seen: 0,
      validation: 0,
      gap: 0,
    });
    const { part } = await encodeRecordings([path], meta);
    // Left in S: only the one woken; left in R: two.
    expect([...part.contested].slice(0, 8)).toEqual([0, 0, 1, 1, 0, 0, 1, 1]);
    expect(await openDataSet(join(folder, 'set')).then((set) => set.part('train'))).toEqual(part);
    expect(meta.parts.train).toMatchObject({ contestedKnown: 79, contestedTargets: 40 });
  });

  it('say what is wrong: no recording, none that was named, nothing in a folder', async () => {
    const known = await input('known.csv', `${CSV_HEADER}${csvRows('alpha', 0, 100)}`);
    const meta = await build([known], join(folder, 'set'), { holdOut: 'none' });
    await expect(encodeRecordings([join(folder, 'missing')], meta)).rejects.toMatchObject({
      code: 'file-not-found',
    });
    const note = await input('note.csv', 'a note\n');
    await expect(encodeRecordings([note], meta)).rejects.toThrow(/note\.csv/);
  });
});
