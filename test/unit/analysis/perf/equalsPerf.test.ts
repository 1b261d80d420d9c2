import { describe, expect, it } from 'vitest';
import {
  ALL_COLUMNS,
  differences,
  fixture,
  importPerfScript,
  latencyLines,
  lines,
  timehistLines,
  withoutGroups,
} from '../../../support/perfOracle.js';

const COMPAT = { compat: 'perf-6.1', unknown: 'as-perf' } as const;

/** perf's percentage of lost events is of all records in its file; text does not hold them all. */
const withoutLossLine = (all: string[]) => all.filter((line) => !line.includes('% lost events ('));

describe.each(['threads', 'lost', 'switch-only'])('recording "%s" with task events', (name) => {
  it('equals perf sched timehist in every row and column', async () => {
    const store = await importPerfScript(fixture(`${name}.task-events.txt`));
    expect(differences(timehistLines(store, COMPAT), lines(fixture(`${name}.timehist.txt`)))).toEqual([]);
  });

  it('equals perf sched timehist -VwnM --state', async () => {
    const store = await importPerfScript(fixture(`${name}.task-events.txt`));
    const ours = timehistLines(store, { ...COMPAT, ...ALL_COLUMNS });
    expect(differences(ours, lines(fixture(`${name}.timehist_VwnM_state.txt`)))).toEqual([]);
  });

  it('equals perf sched timehist -wM', async () => {
    const store = await importPerfScript(fixture(`${name}.task-events.txt`));
    const ours = timehistLines(store, { ...COMPAT, wakeups: true, migrations: true });
    expect(differences(ours, lines(fixture(`${name}.timehist_wM.txt`)))).toEqual([]);
  });

  it('equals perf sched latency, by thread and by name', async () => {
    const store = await importPerfScript(fixture(`${name}.task-events.txt`));
    const byThread = withoutLossLine(lines(fixture(`${name}.latency_p.txt`)));
    const byName = withoutLossLine(lines(fixture(`${name}.latency.txt`)));
    expect(differences(latencyLines(store), byThread)).toEqual([]);
    expect(differences(latencyLines(store, true), byName)).toEqual([]);
  });
});

describe.each(['threads', 'lost', 'switch-only'])(
  'recording "%s" as perf script prints it by itself',
  (name) => {
    it('equals perf but for thread groups and what only task events tell', async () => {
      const store = await importPerfScript(fixture(`${name}.script.txt`));
      const ours = timehistLines(store, { ...COMPAT, ...ALL_COLUMNS, cpuCount: 2 });
      const perfs = lines(fixture(`${name}.timehist_VwnM_state.txt`)).filter(
        (line) => !/ lost \d+ events/.test(line),
      );
      const differing = differences(ours.map(withoutGroups), perfs.map(withoutGroups));
      // A thread that never ran has no header line: that perf does not know its name (`:68`) cannot be seen.
      expect(differing.filter(({ perf }) => !/(?:awakened|migrated): :\d+/.test(perf))).toEqual([]);
    });
  },
);

describe('call chains', () => {
  it('are passed over', async () => {
    const store = await importPerfScript(fixture('call-chains.script.txt'));
    expect(store.diagnostics).toEqual([]);
    const ours = timehistLines(store, { ...COMPAT, ...ALL_COLUMNS, cpuCount: 2 });
    const perfs = lines(fixture('call-chains.timehist_VwnM_state.txt'));
    expect(differences(ours.map(withoutGroups), perfs.map(withoutGroups))).toEqual([]);
  });
});
