import { describe, expect, it } from 'vitest';
import { commonReleases, obstacleTo } from '../../../src/host/benchmarks/bootableKernels.js';
import type { InstalledKernels } from '../../../src/remote/benchmarks/bootKernel.js';
import type { BootEntry } from '../../../src/remote/benchmarks/kernels.js';

function installed(releases: readonly (string | null)[], why = ''): InstalledKernels {
  const entries = releases.map((release): BootEntry => ({
    title: 'Linux',
    grubId: 'id',
    kernelPath: null,
    initrdPath: null,
    commandLine: '',
    release,
  }));
  return { running: releases[0] ?? '', entries, method: why === '' ? { kind: 'kexec' } : null, why };
}

const machines = [{ name: 'a' }, { name: 'b' }];

describe('kernels that may be booted', () => {
  it('are those that all machines have, each once; entries without a release are none', () => {
    const both = [installed(['6.12', '6.18', null, '6.12']), installed(['6.18', '6.12', '6.1'])];
    expect(commonReleases(both)).toEqual(['6.12', '6.18']);
    expect(obstacleTo(machines, both)).toBeUndefined();
  });

  it('are none where a machine cannot choose, or has none of the others', () => {
    const without = installed(['6.12'], 'There is no boot loader.');
    expect(obstacleTo(machines, [installed(['6.12']), without])).toBe('b: There is no boot loader.');
    expect(obstacleTo(machines, [installed(['6.12']), installed(['6.18'])])).toMatch(/on all of these/);
  });
});
