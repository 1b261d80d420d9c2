import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDataSet, DEFAULT_OPTIONS, type BuildRequest } from '../../src/dataset/buildDataSet.js';
import type { DataSetMeta, DataSetOptions } from '../../src/dataset/files/dataSetMeta.js';
import { randomNumbers } from './randomNumbers.js';

export const CSV_HEADER =
  'timestamp,time_diff,task_name,pid,cpu,prev_state,prev_comm,workload_type,trace_id\n';

export function dataSetFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'kernel-oracle-dataset-'));
}

/** Rows of one recording on two CPUs: three tasks and idle, not quite regular. */
export function csvRows(workload: string, run: number, rows: number, firstUs = 1_000_000): string {
  const random = randomNumbers(run * 1000 + workload.length);
  let us = firstUs + run;
  let text = '';
  const running = ['swapper/0', 'swapper/1'];
  for (let row = 0; row < rows; row += 1) {
    const deltaUs = 1 + random(50);
    us += deltaUs;
    const cpu = random(2);
    const task = random(4);
    const name = task === 0 ? `swapper/${cpu}` : `${workload}-${task}`;
    const time = `${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')}`;
    const pid = task === 0 ? 0 : 100 * (run + 1) + task;
    text += `${time},0.${String(deltaUs).padStart(6, '0')},${name},${pid},${cpu},${random(3) === 0 ? 'R' : 'S'},${running[cpu]!},${workload},${workload}_run${run}\n`;
    running[cpu] = name;
  }
  return text;
}

export function build(
  paths: readonly string[],
  output: string,
  options: Partial<DataSetOptions> = {},
  request: Partial<BuildRequest> = {},
): Promise<DataSetMeta> {
  return buildDataSet({
    paths,
    output,
    options: { ...DEFAULT_OPTIONS, ...options },
    replace: false,
    kernelOracleVersion: '1.2.3',
    now: () => new Date(0),
    ...request,
  });
}
