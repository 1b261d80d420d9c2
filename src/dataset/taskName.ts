/**
 * Comms without what numbers their bearers: `kworker/0:1-events` and `kworker/u8:2` are two names of one kind of task, and a
 * vocabulary of them would mean as little on the next machine as one of PIDs.
 */

/** What idle is called; every CPU's is the same task. */
export const IDLE_NAME = 'swapper';
/** Names that tracers print when they know none. */
const NO_NAMES = new Set(['', '<...>', ':-1']);

/** Rules, in turn; the first word says what they are for. */
const RULES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // Workers of work queues: kworker/0:1-events, kworker/u8:1+flush, kworker/0:1H.
  [/^kworker\/.*$/, 'kworker'],
  // Threads of interrupts keep the device: irq/24-eth0.
  [/^irq\/\d+-(.+)$/, 'irq/$1'],
  // Processors of virtual machines: CPU 3/KVM.
  [/^CPU \d+\/(.+)$/, 'CPU/$1'],
  // Titles behind a name: nginx: worker, sshd: user@pts/0.
  [/^([^:\s][^:]*): .*$/, '$1'],
  [/^([^:\s][^:]*):$/, '$1'],
  // Daemons of a memory node: kswapd0, kcompactd1.
  [/^(kswapd|kcompactd|ksmd|kdamond)\d+$/, '$1'],
  // Numbers between separators: pool-1-thread-3 (its last number is the next rule's).
  [/([-_.:#/ ])\d+(?=[-_.:#/ ])/g, ''],
  // Numbers at the end: migration/0, ksoftirqd/1, kdamond.0, sh-123, memfd:sealed-91.
  [/[-_.:#/ ]+\d+$/, ''],
  // Numbers at the end without a separator, of words that are numbered: worker3, Thread12; python3 stays.
  [/(worker|thread|pool|child|client)\d+$/i, '$1'],
];

/** What a comm is called in a vocabulary; undefined when it is none. Idle is `swapper`, and nobody else is. */
export function taskName(comm: string, pid: number): string | undefined {
  if (pid === 0) return IDLE_NAME;
  if (NO_NAMES.has(comm)) return undefined;
  let name = comm;
  for (const [pattern, replacement] of RULES) name = name.replace(pattern, replacement);
  name = name.trim();
  // A name of numbers only is better than none.
  if (name === '') name = comm;
  return name === IDLE_NAME || name === 'UNK' ? `${name} (task)` : name;
}
