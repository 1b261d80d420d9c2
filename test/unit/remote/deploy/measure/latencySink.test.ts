import { describe, expect, test } from 'vitest';
import { attachmentOf } from '../../../../../src/remote/deploy/measure/latencyStep.js';
import { LatencySink } from '../../../../../src/remote/deploy/measure/latencySink.js';
import { sightOf, type LatencyProbe } from '../../../../../src/remote/deploy/measure/probes.js';

async function read(probe: LatencyProbe, text: string, size = 7): Promise<LatencySink> {
  const sink = new LatencySink(probe);
  for (let at = 0; at < text.length; at += size) await sink.write(Buffer.from(text.slice(at, at + size)));
  await sink.finish();
  return sink;
}

describe('latencies as probes print them', () => {
  test('function_graph: whole calls of the function, in ns', async () => {
    const sink = await read(
      'function_graph',
      [
        '# tracer: function_graph',
        '# CPU  DURATION                  FUNCTION CALLS',
        ' 1)   1.234 us    |  can_migrate_task();',
        ' 0)               |  can_migrate_task() {',
        ' 1) + 12.345 us   |  can_migrate_task.isra.0();',
        ' 0)   9.001 us    |  }',
        ' 2)   5.000 us    |  other();',
        'CPU:1 [LOST 22 EVENTS]',
        ' 3)   7.000 us    |  }',
        ' 3)   0.5',
      ].join('\n'),
    );
    expect([...sink.values.sorted()]).toEqual([1234, 9001, 12345]);
  });

  test('fentry: numbers, and those that lack to the count of the kernel are lost', async () => {
    const sink = await read(
      'fentry',
      'Attaching 4 probes...\nlatency_ns\n2100\n1999\nLost 3 events\n7\n\n@calls: 12\n55',
    );
    expect([...sink.values.sorted()]).toEqual([7, 1999, 2100]);
    expect(sink.lostEvents).toBe(9);
    expect((await read('fentry', '1\nLost 3 events\n')).lostEvents).toBe(3);
  });
});

describe('where hooks sit', () => {
  test.each([
    ['can_migrate_task (1) R I   \ttramp: 0xffffffffc0a00000 (redirect+0x0/0x40)', '', 'ftrace'],
    ['can_migrate_task (2)   I D \ttramp: …', '', 'ftrace'],
    [
      'can_migrate_task (1) R   \ttramp: ERROR!',
      'ffffffff813b46b0  r  can_migrate_task+0x0  [FTRACE]',
      'kretprobe',
    ],
    ['', 'ffffffff813b46b5  k  can_migrate_task+0x5  ', null],
    ['can_migrate_task (1)     D \tdirect-->bpf_trampoline_6442487', '', null],
    ['', '', null],
  ] as const)('%s %s', (ftrace, kprobes, attachment) => {
    expect(attachmentOf(ftrace, kprobes)).toBe(attachment);
  });

  test('a probe that does not see the model says so', () => {
    expect(sightOf('fentry', 'shadow', 'module', 'kretprobe')).toMatchObject({
      seen: 'nothing',
      words: expect.stringContaining('cannot see it') as string,
    });
    expect(sightOf('fentry', 'off', 'module', 'kretprobe').seen).toBe('whole');
    expect(sightOf('fentry', 'shadow', 'ebpf', null).seen).toBe('part');
    expect(sightOf('fentry', 'active', 'module', null).seen).toBe('unknown');
    expect(sightOf('function_graph', 'active', 'module', 'kretprobe').seen).toBe('whole');
  });
});
