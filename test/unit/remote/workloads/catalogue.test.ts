import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TOOLS } from '../../../../src/remote/preflight/packages.js';
import {
  commandOf,
  findWorkload,
  missingTools,
  nginxWorkload,
  TCN_WORKLOADS,
  WORKLOAD_SETS,
  WORKLOADS,
} from '../../../../src/remote/workloads/catalogue.js';
import { extensionOf, fileNamePart } from '../../../../src/remote/workloads/cells.js';
import { collectorSettings } from '../../../../src/remote/workloads/defaultSettings.js';

describe('the catalogue', () => {
  // The table of the paper, as the earlier system's notes have it.
  test.each([
    ['hackbench_pipe_small', 'hackbench', 'hackbench -p -g 4 -l 3000', 'workload-hackbench pipe 4 3000'],
    ['hackbench_pipe_large', 'hackbench', 'hackbench -p -g 8 -l 5000', 'workload-hackbench pipe 8 5000'],
    ['hackbench_socket_small', 'hackbench', 'hackbench -g 4 -l 3000', 'workload-hackbench socket 4 3000'],
    ['hackbench_socket_large', 'hackbench', 'hackbench -g 8 -l 5000', 'workload-hackbench socket 8 5000'],
    ['sysbench_cpu_4t', 'sysbench_cpu', 'sysbench cpu --threads=4 --time=10 run', ''],
    ['sysbench_cpu_8t', 'sysbench_cpu', 'sysbench cpu --threads=8 --time=10 run', ''],
    ['sysbench_threads_8t', 'sysbench_threads', 'sysbench threads --threads=8 --time=10 run', ''],
    ['sysbench_threads_16t', 'sysbench_threads', 'sysbench threads --threads=16 --time=10 run', ''],
    ['sysbench_memory_4t', 'sysbench_memory', 'sysbench memory --threads=4 --time=10 run', ''],
    ['cpu_bound_4p', 'cpu_bound', '4 processes of tight floating point for 10 s', 'workload-cpu 4 10'],
    ['cpu_bound_8p', 'cpu_bound', '8 processes of tight floating point for 10 s', 'workload-cpu 8 10'],
    ['io_mixed', 'io_mixed', 'dd if=/dev/urandom bs=4K count=2500 conv=fdatasync', 'workload-io 2 2 10'],
  ])('%s is that of the TCN paper', (name, category, command, program) => {
    const workload = TCN_WORKLOADS.find((each) => each.name === name)!;
    expect(workload).toMatchObject({ category, timeoutMs: 300_000 });
    expect(workload.description).toContain(command);
    expect([workload.program.name, ...workload.program.args].join(' ')).toBe(
      program === '' ? `workload-tool ${command}` : program,
    );
  });

  test('the paper has twelve, in six categories', () => {
    expect(TCN_WORKLOADS).toHaveLength(12);
    expect(new Set(TCN_WORKLOADS.map(({ category }) => category))).toEqual(
      new Set(['hackbench', 'sysbench_cpu', 'sysbench_threads', 'sysbench_memory', 'cpu_bound', 'io_mixed']),
    );
  });

  test('nginx has the requests of the KernelOracle paper', () => {
    expect(findWorkload('nginx_ab')!.program).toEqual({
      kind: 'builtIn',
      name: 'workload-nginx',
      args: ['1000000', '5'],
    });
    expect(nginxWorkload(10).program.args).toEqual(['10', '5']);
  });

  test('names are unique, programs exist, tools are known to preflight', () => {
    expect(new Set(WORKLOADS.map(({ name }) => name)).size).toBe(WORKLOADS.length);
    const programs = readdirSync('media/remote');
    const tools = new Set(TOOLS.map(({ name }) => name));
    for (const workload of WORKLOADS) {
      expect(programs).toContain(`${workload.program.name}.sh`);
      for (const tool of workload.requires.flat()) expect(tools).toContain(tool);
      expect(commandOf(workload)).toEqual({
        name: workload.name,
        program: workload.program,
        timeoutMs: workload.timeoutMs,
      });
      expect(workload.expectedMs ?? 0).toBeLessThan(workload.timeoutMs);
    }
    for (const name of Object.keys(WORKLOAD_SETS)) expect(findWorkload(name)).toBeUndefined();
  });

  test('what a machine lacks for a workload', () => {
    const has =
      (...tools: string[]) =>
      (tool: string) =>
        tools.includes(tool);
    const hackbench = findWorkload('hackbench_pipe_small')!;
    expect(missingTools(hackbench, has('perf'))).toEqual([]);
    expect(missingTools(hackbench, has())).toEqual([['hackbench', 'perf']]);
    expect(missingTools(findWorkload('nginx_ab')!, has('nginx'))).toEqual([['ab']]);
    for (const bare of WORKLOAD_SETS['bare']!) expect(missingTools(bare, has())).toEqual([]);
  });

  test('programs keep to POSIX sh', () => {
    for (const name of readdirSync('media/remote').filter((each) => /^(?:workload|preflight)/.test(each))) {
      const text = readFileSync(join('media/remote', name), 'utf8');
      expect(text, name).not.toMatch(/\[\[|<\(|\bfunction \w|\blocal |^\s*source |=~|read -t/m);
    }
  });
});

describe('paths of recordings', () => {
  test('the ending tells the format', () => {
    const tracefs = {
      collector: 'tracefs',
      events: [],
      filters: {},
      bufferKbPerCpu: 1,
      overwrite: false,
      clock: 'mono',
    } as const;
    expect(extensionOf({ ...tracefs, format: 'trace.dat' })).toBe('trace.dat');
    expect(extensionOf({ ...tracefs, format: 'text' })).toBe('ftrace');
    expect(extensionOf({ collector: 'perf', events: [], bufferPages: 1 })).toBe('perf.data');
    expect(extensionOf({ collector: 'perf-map' })).toBe('sched-map.txt');
    expect(extensionOf(collectorSettings('bpftrace'))).toBe('can_migrate_task.csv');
  });

  test('no name leaves its folder', () => {
    for (const name of ['..', '.', 'a/b', 'a\\b', 'a\0b', '~', 'c:', 'ü', ' ']) {
      expect(fileNamePart(name)).toMatch(/^[\w@+=,%-][\w.@+=,%-]*$/);
    }
  });
});
