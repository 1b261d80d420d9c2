import type { InstalledKernels } from '../../remote/benchmarks/bootKernel.js';

/** Why not all of these machines can boot a kernel of their choice; undefined: they can, and have one in common. */
export function obstacleTo(
  machines: readonly { readonly name: string }[],
  installed: readonly InstalledKernels[],
): string | undefined {
  for (const [at, { method, why }] of installed.entries()) {
    if (method === null || why !== '') return `${machines[at]!.name}: ${why}`;
  }
  if (commonReleases(installed).length > 0) return undefined;
  return 'No kernel is installed on all of these machines.';
}

/** Releases that every machine can boot, in the order of the first. */
export function commonReleases(installed: readonly InstalledKernels[]): readonly string[] {
  const releases = installed.map(({ entries }) => new Set(entries.flatMap(({ release }) => release ?? [])));
  const [first = new Set<string>(), ...others] = releases;
  return [...first].filter((release) => others.every((each) => each.has(release)));
}
