/** Made-up but consistent scheduler events of a machine, as raw events by CPU. */
import { oneOf, randomNumbers, type RandomNumbers } from './randomNumbers.js';
import type { RawEvent } from './ringBufferWriter.js';

export interface WorkloadOptions {
  readonly seed: number;
  readonly cpus: number;
  readonly tasks: number;
  /** About as many are made. */
  readonly events: number;
  readonly startTime?: bigint;
  /** Lost events, padding, long gaps, absolute stamps, events of other kinds, forks and so on. */
  readonly isVaried?: boolean;
}

interface Task {
  readonly pid: number;
  readonly comm: string;
  readonly prio: number;
}

/** Names a thread can have: with spaces, colons, brackets, of full length. */
const COMMS = [
  'worker',
  'kworker/u8:2',
  'a b-3',
  'Web Content',
  'rcu_sched',
  'name-of-fifteen',
  'x',
  '[odd] {1}',
];
const STATES = [0x1, 0x1, 0x1, 0x100, 0x2, 0x80, 0x82, 0x10, 0x0];
const IDLE = -1;

export function schedWorkload(options: WorkloadOptions): RawEvent[][] {
  const {
    seed,
    cpus,
    tasks: taskCount,
    events: wanted,
    startTime = 1_000_000_000_000n,
    isVaried = false,
  } = options;
  const random = randomNumbers(seed);
  const tasks = Array.from({ length: taskCount }, (_, i): Task => ({
    pid: 100 + i * 7,
    comm: `${COMMS[i % COMMS.length]!}${i >= COMMS.length ? i : ''}`.slice(0, 15),
    prio: 100 + (i % 40),
  }));
  const byCpu: RawEvent[][] = Array.from({ length: cpus }, () => []);
  const running = new Int32Array(cpus).fill(IDLE);
  let time = startTime;
  for (let made = 0; made < wanted;) {
    time += BigInt(1 + random(isVaried && random(200) === 0 ? 2 ** 30 : 4000));
    const cpu = random(cpus);
    const next = random(4) === 0 ? IDLE : random(taskCount);
    const previous = running[cpu]!;
    const before = tasks[previous];
    const add = (name: string, fields: RawEvent['fields']) => {
      time += BigInt(1 + random(900));
      const common = {
        common_pid: before?.pid ?? 0,
        common_flags: random(2) * 1 + random(2) * 4,
        common_preempt_count: random(3),
      };
      byCpu[cpu]!.push({
        time,
        name,
        fields: { ...common, ...fields },
        ...(isVaried ? variation(random) : {}),
      });
      made += 1;
    };
    const woken = tasks[next];
    if (woken !== undefined && next !== previous) {
      const fields = { comm: woken.comm, pid: woken.pid, prio: woken.prio, target_cpu: cpu };
      add('sched_waking', fields);
      add(random(50) === 0 ? 'sched_wakeup_new' : 'sched_wakeup', fields);
    }
    if (isVaried) addOthers(random, before, tasks, cpus, add);
    if (next === previous) continue;
    add('sched_switch', {
      ...named('prev', before, cpu),
      prev_state: before === undefined ? 0 : oneOf(random, STATES),
      ...named('next', woken, cpu),
    });
    running[cpu] = next;
  }
  return byCpu;
}

function named(side: 'prev' | 'next', task: Task | undefined, cpu: number): RawEvent['fields'] {
  return {
    [`${side}_comm`]: task?.comm ?? `swapper/${cpu}`,
    [`${side}_pid`]: task?.pid ?? 0,
    [`${side}_prio`]: task?.prio ?? 120,
  };
}

function variation(random: RandomNumbers): Partial<RawEvent> {
  // Where a page begins with something else than a record, trace-cmd 3.1.6 overlooks that events were lost.
  if (random(300) === 0) return { lost: random(2) === 0 ? 'unknown' : 1 + random(5000) };
  return {
    ...(random(20) === 0 ? { isAbsolute: true } : {}),
    ...(random(30) === 0 ? { paddingBefore: 8 + 4 * random(20) } : {}),
    ...(random(30) === 0 ? { hasLengthWord: true } : {}),
  };
}

function addOthers(
  random: RandomNumbers,
  running: Task | undefined,
  tasks: readonly Task[],
  cpus: number,
  add: (name: string, fields: RawEvent['fields']) => void,
): void {
  const { pid, comm, prio } = oneOf(random, tasks);
  const kind = random(16);
  if (kind === 0) add('irq_handler_exit', { irq: random(64), ret: 1 });
  if (kind === 1) {
    add('sched_migrate_task', { comm, pid, prio, orig_cpu: random(cpus), dest_cpu: random(cpus) });
  }
  if (kind === 2) {
    const vruntime = BigInt(random(2 ** 31)) * 1_000_003n;
    add('sched_stat_runtime', { comm, pid, runtime: BigInt(random(2 ** 31)), vruntime });
  }
  if (kind === 3) add('sched_process_exit', { comm, pid, prio });
  if (running === undefined) return;
  const { pid: own, comm: ownComm } = running;
  if (kind === 4) {
    const child = { child_comm: ownComm, child_pid: own + 1 };
    add('sched_process_fork', { parent_comm: ownComm, parent_pid: own, ...child });
  }
  if (kind === 5) {
    add('sched_process_exec', { filename: `/usr/bin/${'x'.repeat(random(120))}`, pid: own, old_pid: own });
  }
}

/** Comms as `saved_cmdlines` would have them. */
export function workloadComms(byCpu: readonly (readonly RawEvent[])[]): [number, string][] {
  const comms = new Map<number, string>();
  for (const events of byCpu) {
    for (const { fields } of events) {
      const { next_pid: pid, next_comm: comm } = fields;
      if (typeof pid === 'number' && typeof comm === 'string' && pid !== 0) comms.set(pid, comm);
    }
  }
  return [...comms];
}
