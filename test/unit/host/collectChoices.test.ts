import { describe, expect, it } from 'vitest';
import {
  COLLECTORS,
  describeCollection,
  durationIn,
  endingOf,
  endWithCommand,
  objectionTo,
  pathsOf,
  proposedPath,
  requestFor,
  TIME_ENDS,
  WORKLOAD_ENDS,
} from '../../../src/host/work/collectChoices.js';
import { check, failed, passed, unknown } from '../../../src/remote/preflight/check.js';
import { WORKLOADS } from '../../../src/remote/workloads/catalogue.js';

const [tracefs, text, perf] = COLLECTORS;
const now = new Date(2026, 1, 3, 4, 5, 6);

describe('what is offered for a quick collection', () => {
  it('begins with 10 s by tracefs into a trace.dat', () => {
    expect(describeCollection(tracefs!, TIME_ENDS[0]!)).toBe('tracefs, 5 events, for 10 s');
    expect(endingOf(tracefs!)).toBe('.trace.dat');
    expect(endingOf(text!)).toBe('.ftrace');
    expect(requestFor(tracefs!, TIME_ENDS[0]!, '/x/y.trace.dat')).toMatchObject({
      settings: { collector: 'tracefs', format: 'trace.dat', overwrite: false },
      workload: null,
      durationMs: 10_000,
      path: '/x/y.trace.dat',
    });
  });

  it('has all workloads of the catalogue, and commands of the user', () => {
    expect(WORKLOAD_ENDS.map(({ label }) => label)).toEqual(WORKLOADS.map(({ name }) => name));
    expect(describeCollection(tracefs!, WORKLOAD_ENDS[0]!)).toContain(`while ${WORKLOADS[0]!.name} runs`);
    expect(endWithCommand('make $(nproc)', 5000).workload).toEqual({
      name: 'own-command',
      program: { kind: 'shell', text: 'make $(nproc)' },
      timeoutMs: 5000,
    });
  });

  it('objects to a collector that the checks exclude, not to one of which nothing is known', () => {
    const events = check('tracefs', 'tracefs', ['tracefs'], failed('not mounted', 'mount it'));
    expect(objectionTo(tracefs!, [events])).toBe('tracefs: not mounted');
    expect(objectionTo(perf!, [events])).toBeUndefined();
    expect(objectionTo(tracefs!, undefined)).toBeUndefined();
    expect(objectionTo(tracefs!, [check('x', 'X', ['tracefs'], unknown('?'))])).toBeUndefined();
    expect(objectionTo(tracefs!, [check('x', 'X', ['tracefs'], passed('yes'))])).toBeUndefined();
  });

  it.each([
    ['90', 90_000],
    ['90 s', 90_000],
    ['0.5s', 500],
    ['5 min', 300_000],
    ['1h', 3_600_000],
    ['0', undefined],
    ['25 h', undefined],
    ['tcn', undefined],
    ['-1', undefined],
  ])('takes %s for a time of %s ms', (typed, ms) => {
    expect(durationIn(typed)).toBe(ms);
  });
});

describe('files of a collection', () => {
  it('one machine has a file with the ending of its format', () => {
    const proposed = proposedPath(['root@lab:22'], tracefs!, WORKLOAD_ENDS[0]!, now);
    expect(proposed).toBe(`recordings/root@lab%3A22-${WORKLOADS[0]!.name}-20260203-040506.trace.dat`);
    expect(pathsOf(['lab'], 'mine', '/work', tracefs!).get('lab')).toBe('/work/mine.trace.dat');
    expect(pathsOf(['lab'], '/abs/mine.trace.dat', '/work', tracefs!).get('lab')).toBe('/abs/mine.trace.dat');
  });

  it('several have a folder with a file each, however they are named', () => {
    expect(proposedPath(['a', 'b'], tracefs!, TIME_ENDS[0]!, now)).toBe('recordings/20260203-040506');
    const paths = pathsOf(['a/b', 'a:b', '../x'], 'r', '/work', tracefs!);
    expect(new Set(paths.values()).size).toBe(3);
    for (const path of paths.values()) expect(path).toMatch(/^\/work\/r\/[^/]+\.trace\.dat$/);
  });
});
