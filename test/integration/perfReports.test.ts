import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it, type TestContext } from 'vitest';
import { bytesSource } from '../../src/base/byteSource.js';
import { importTrace } from '../../src/trace/importTrace.js';
import {
  ALL_COLUMNS,
  differences,
  hasSharedRecordings,
  importPerfScript,
  latencyLines,
  lines,
  shared,
  sharedPath,
  timehistLines,
  withoutGroups,
} from '../support/perfOracle.js';

const COMPAT = { compat: 'perf-6.1', cpuCount: 2 } as const;
const hasPerf = spawnSync('perf', ['--version']).status === 0;

function skipLoudly(context: TestContext, reason: string): never {
  console.warn(`Skipped: ${context.task.name}: ${reason}`);
  return context.skip(reason);
}

function requireRecordings(context: TestContext): void {
  if (!hasSharedRecordings) skipLoudly(context, 'the recordings beside the repository are not there');
}

function perfScript(name: string): Buffer {
  const fields = 'comm,pid,tid,cpu,time,event,trace';
  const args = ['script', '--ns', '--show-task-events', '-F', fields, '-i', sharedPath(`${name}.data`)];
  return execFileSync('perf', args, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
}

describe.each(['perf_sched_record', 'perf_waking_and_wakeup'])('%s', (name) => {
  it('equals perf from the script text, but for thread groups', async (context) => {
    requireRecordings(context);
    const store = await importPerfScript(shared(`${name}.script.txt.gz`));
    const plain = differences(
      timehistLines(store, COMPAT).map(withoutGroups),
      lines(shared(`${name}.timehist.txt.gz`)).map(withoutGroups),
    );
    expect(plain).toEqual([]);
    const full = differences(
      timehistLines(store, { ...COMPAT, ...ALL_COLUMNS }).map(withoutGroups),
      lines(shared(`${name}.timehist_Vwnm_state.txt.gz`)).map(withoutGroups),
    );
    // One thread is woken, never seen running, and unknown to perf: only its COMM record could tell so.
    expect(full.filter(({ perf }) => !perf.endsWith('awakened: :68'))).toEqual([]);
    const latency = differences(latencyLines(store), lines(shared(`${name}.latency_p.txt.gz`)));
    expect(latency.filter(({ perf }) => !perf.startsWith('  :68:68 '))).toEqual([]);
  });

  it('equals perf in every column from the recording itself', async (context) => {
    requireRecordings(context);
    const store = await importTrace(bytesSource(name, Uint8Array.from(shared(`${name}.data`))));
    const plain = differences(timehistLines(store, COMPAT), lines(shared(`${name}.timehist.txt.gz`)));
    expect(plain).toEqual([]);
    const full = differences(
      timehistLines(store, { ...COMPAT, ...ALL_COLUMNS }),
      lines(shared(`${name}.timehist_Vwnm_state.txt.gz`)),
    );
    expect(full).toEqual([]);
    expect(differences(latencyLines(store), lines(shared(`${name}.latency_p.txt.gz`)))).toEqual([]);
  });

  it('equals perf in every column with thread groups and task events', async (context) => {
    requireRecordings(context);
    if (!hasPerf) skipLoudly(context, 'there is no perf on this machine');
    const store = await importPerfScript(perfScript(name));
    const plain = differences(timehistLines(store, COMPAT), lines(shared(`${name}.timehist.txt.gz`)));
    expect(plain).toEqual([]);
    const full = differences(
      timehistLines(store, { ...COMPAT, ...ALL_COLUMNS }),
      lines(shared(`${name}.timehist_Vwnm_state.txt.gz`)),
    );
    expect(full).toEqual([]);
    expect(differences(latencyLines(store), lines(shared(`${name}.latency_p.txt.gz`)))).toEqual([]);
  });
});
