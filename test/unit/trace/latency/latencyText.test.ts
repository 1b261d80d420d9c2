import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { namedLatencies } from '../../../../src/trace/latency/latencyFileName.js';
import { readLatencyText } from '../../../../src/trace/latency/readLatencyText.js';

const read = (text: string, chunkBytes?: number) =>
  readLatencyText(bytesSource('some.txt', new TextEncoder().encode(text), chunkBytes));

async function valuesOf(text: string, name = ''): Promise<number[]> {
  return [...((await read(text)).text.values.get(name)?.sorted() ?? [])];
}

describe('a list of numbers', () => {
  it('is read in any pieces, with what its comments tell', async () => {
    const text =
      '# unit: us\n# probe: function_graph\n# Kernel = 6.12-libml\n1.5\n\n 2\r\n3e1\n# in between\n0\n';
    for (const chunkBytes of [1, 7, 4096]) {
      const { text: latencies, badLines } = await read(text, chunkBytes);
      expect([...latencies.values.get('')!.sorted()]).toEqual([0, 1.5, 2, 30]);
      expect(latencies.unit).toBe('us');
      expect(latencies.told.get('kernel')).toBe('6.12-libml');
      expect(badLines).toBe(0);
    }
  });

  it('has bad lines counted and named, and half a line at the end is none', async () => {
    const { text, badLines } = await read('12\nabc\n-4\n13\n1');
    expect([...text.values.get('')!.sorted()]).toEqual([12, 13]);
    expect(badLines).toBe(3);
    expect(text.diagnostics.map(({ line }) => line)).toEqual([2, 3, 5]);
  });

  it('may have a unit in its column or behind its numbers', async () => {
    expect((await read('latency_us\n1\n')).text.unit).toBe('us');
    expect((await read('duration (ns)\n1\n')).text.unit).toBe('ns');
    expect((await read('1.2 us\n3 us\n')).text.unit).toBe('us');
    await expect(read('1.2 us\n3 ms\n')).rejects.toThrow(/some\.txt: Line 2 is in ms/);
  });

  it('that is none says what is read, and the first line', async () => {
    await expect(read('a,b,c\n1,2,3\n')).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/some\.txt holds no latencies: .*Line 1: .*a,b,c/s) as string,
    });
    await expect(read('# nothing\n')).rejects.toMatchObject({ code: 'empty-input' });
  });
});

describe('text of function_graph', () => {
  const tracer = [
    '# tracer: function_graph',
    '# CPU  DURATION                  FUNCTION CALLS',
    '# |     |   |                     |   |   |   |',
    '   9.000 us    |  } /* begun before */',
    ' 0)   1.234 us    |  can_migrate_task();',
    ' 1)               |  can_migrate_task() {',
    ' 0)               |  can_migrate_task() {',
    ' 1)   0.100 us    |    cpumask_test();',
    ' ------------------------------------------',
    ' 0)  hackben-12   =>   <idle>-0   ',
    ' 1) + 12.500 us   |  }',
    ' 0) ! 140.000 us  |  }',
    ' 2)   0.750 us    |  can_migrate_task [sched_mod](p=0xff, env=0xaa); /* = 0x1 */',
    ' 3)   0.060 us    |  }',
    '',
  ].join('\n');

  it('has the calls of each function, also where only the end has the duration', async () => {
    expect(await valuesOf(tracer, 'can_migrate_task')).toEqual([0.75, 1.234, 12.5, 140]);
    expect(await valuesOf(tracer, 'cpumask_test')).toEqual([0.1]);
    const { text, badLines } = await read(tracer);
    expect(text.unit).toBe('us');
    expect(badLines).toBe(0);
  });

  it('is read from trace-cmd report, too', async () => {
    const report = [
      'cpus=2',
      '          <idle>-0     [001]  123.456789: funcgraph_entry:        0.541 us   |  can_migrate_task();',
      '          <idle>-0     [000]  123.456790: funcgraph_entry:                   |  can_migrate_task() {',
      '          <idle>-0     [001]  123.456791: funcgraph_entry:        0.600 us   |  can_migrate_task();',
      '          <idle>-0     [000]  123.456792: funcgraph_exit:       + 10.250 us  |  }',
      '',
    ].join('\n');
    expect(await valuesOf(report, 'can_migrate_task')).toEqual([0.541, 0.6, 10.25]);
  });

  it('forgets what was open when events were lost', async () => {
    const text = [
      ' 0)               |  outer() {',
      'CPU:0 [LOST 12 EVENTS]',
      ' 0)   5.000 us    |  }',
      ' 0)   1.000 us    |  inner();',
      '',
    ].join('\n');
    const { text: latencies } = await read(text);
    expect([...latencies.values.keys()]).toEqual(['inner']);
    expect(latencies.lost).toBe(12);
  });

  it('without an ended call says so', async () => {
    await expect(read(' 0)               |  can_migrate_task() {\n')).rejects.toThrow(/no call in it ended/);
  });
});

it.each([
  ['lat_libml_mode1_ns.txt', 'libml mode1', '', '', 'ns'],
  ['lat_function_graph_ns.txt', 'function_graph', '', 'function_graph', 'ns'],
  ['lat_bpftrace_fentry_ns.txt', 'bpftrace fentry', '', 'bpftrace fentry', 'ns'],
  ['lat_hackbench_libml_mode0_us.txt.gz', 'libml mode0', 'hackbench', '', 'us'],
  ['latency_compress-zstd-8_stock_kprobe.csv', 'stock', 'compress-zstd-8', 'kprobe', undefined],
  ['smp4_hackbench_pipe.migrations.csv', 'smp4 pipe', 'hackbench', '', undefined],
  ['hackbench.txt', 'hackbench.txt', 'hackbench', '', undefined],
])('the name %s tells', (name, label, benchmark, probe, unit) => {
  expect(namedLatencies(name)).toEqual({ label, benchmark, probe, unit });
});
