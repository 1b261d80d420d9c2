import { expect, test } from 'vitest';
import { EventRate } from '../../../../src/remote/collect/counters.js';
import { parseMachineFacts } from '../../../../src/remote/collect/machineMeta.js';

test('the rate is that of the last three seconds', () => {
  const rate = new EventRate();
  expect(rate.perSecond()).toBeNull();
  rate.look(0, 0);
  expect(rate.perSecond()).toBeNull();
  for (let atMs = 500; atMs <= 5000; atMs += 500) rate.look(atMs, atMs);
  expect(rate.perSecond()).toBe(1000);
  for (let atMs = 5500; atMs <= 9000; atMs += 500) rate.look(atMs, 5000);
  expect(rate.perSecond()).toBe(0);
});

test('facts of a machine: what it says, printable; null for the rest', () => {
  const printed =
    'kernelRelease=6.1\ndistribution=\u001b[31mevil\nsockets=1\ncores=4\nthreads=8\nmemoryKb=x\nnoise\n';
  expect(parseMachineFacts('root@host', printed)).toEqual({
    name: 'root@host',
    hostname: null,
    kernelRelease: '6.1',
    kernelVersion: null,
    architecture: null,
    distribution: 'evil',
    cpusOnline: null,
    cpuModel: null,
    topology: { sockets: 1, cores: 4, threadsPerCore: 2, numaNodes: null },
    memoryBytes: null,
    bootId: null,
  });
  expect(() => parseMachineFacts('root@host', 'Welcome!')).toThrow(/does not say which kernel/);
});
