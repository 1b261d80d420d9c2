import { describe, expect, test } from 'vitest';
import { obstacles, type Check } from '../../../../src/remote/preflight/check.js';
import { allChecks } from '../../../../src/remote/preflight/preflight.js';
import { RemotePrograms } from '../../../../src/remote/remotePrograms.js';
import { madeUp, PROBES_REFUSED, type MadeUp, type Values } from './madeUpMachines.js';

describe('records of can_migrate_task', () => {
  const found = (change: MadeUp, id: string) => allChecks(madeUp(change)).find((each) => each.id === id)!;

  test('are by fentry where it works; then nothing else has to be allowed', () => {
    const noKprobes = { 'kprobes.enabled': '0' };
    expect(found({}, 'migration-probe')).toMatchObject({ status: 'passed', detail: 'by fentry and fexit' });
    expect(obstacles(allChecks(madeUp({ root: noKprobes })), 'bpftrace')).toEqual([]);
    const refused = allChecks(madeUp({ root: noKprobes, rootErrors: PROBES_REFUSED }));
    expect(obstacles(refused, 'bpftrace').map(({ id }) => id)).toEqual(['kprobes', 'migration-probe']);
  });

  test('else by a kprobe, with a warning that says why', () => {
    const rootErrors = { 'bpftrace.fentry': PROBES_REFUSED['bpftrace.fentry'] };
    const kprobe = found({ root: { 'bpftrace.kprobe': 'yes' }, rootErrors }, 'migration-probe');
    expect(kprobe).toMatchObject({
      status: 'warning',
      detail: 'by kprobe and kretprobe: fentry is refused (kfunc/kretfunc not available)',
    });
    expect(kprobe.remedy!.text).toMatch(/CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS/);
    const neither = found({ rootErrors: PROBES_REFUSED }, 'migration-probe');
    expect(neither).toMatchObject({ status: 'failed' });
    expect(neither.detail).toMatch(/not available\), and so is a kprobe \(Invalid argument\)/);
    const notTried = { without: ['bpftrace.fentry'] };
    expect(found(notTried, 'migration-probe').status).toBe('unknown');
    const noTool = { without: [...notTried.without, 'tool.bpftrace'] };
    expect(found(noTool, 'migration-probe').detail).toMatch(/no bpftrace/);
  });

  test.each<[Values, Partial<Check>]>([
    [
      { 'forced.by': 'task' },
      { status: 'passed', detail: expect.stringMatching(/^exact, from the task/) as string },
    ],
    [
      { 'forced.by': 'counter', 'forced.stats': 'on' },
      { status: 'passed', detail: expect.stringMatching(/^from the counter: .*schedstats is on$/) as string },
    ],
    [
      { 'forced.by': 'counter', 'forced.stats': 'off' },
      {
        status: 'passed',
        detail: expect.stringMatching(/is off, a recording switches it on and back/) as string,
      },
    ],
    [
      { 'forced.by': 'counter', 'forced.stats': 'locked' },
      {
        status: 'warning',
        remedy: { text: expect.stringMatching(/`sysctl kernel.sched_schedstats=1`/) as string },
      },
    ],
    [
      { 'forced.by': 'nothing' },
      { status: 'warning', remedy: { text: expect.stringMatching(/CONFIG_SCHEDSTATS/) as string } },
    ],
    [
      { 'forced.by': 'unknown' },
      { status: 'warning', remedy: { text: expect.stringMatching(/CONFIG_DEBUG_INFO_BTF/) as string } },
    ],
    // What none of our programs prints is not taken for an answer.
    [{ 'forced.by': 'counter', 'forced.stats': 'maybe' }, { status: 'unknown' }],
    [{ 'forced.by': 'magic' }, { status: 'unknown' }],
  ])('which migrations are forced, of %j', (root, expected) => {
    expect(found({ root }, 'forced-migrations')).toMatchObject(expected);
  });

  test('one program decides what is forced, for the check and for the recording', () => {
    const programs = new RemotePrograms('media/remote');
    const shared = programs.text('forced-migrations');
    for (const name of ['preflight-root', 'bpftrace']) {
      expect(programs.text(name), name).toContain(shared);
      // Nor does either look by itself.
      expect(programs.text(name).replace(shared, ''), name).not.toMatch(/btf_knows (sched|nr)/);
    }
  });
});
