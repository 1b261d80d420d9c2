/**
 * A recording of one second that fits in the head: two CPUs, three tasks, one gap. Times in ms:
 *
 *     CPU 0   alpha 0–200, idle, beta 300–500 (preempted), alpha 500–700 (D), beta 700–750, idle
 *     CPU 1   idle, gamma 100–600, idle, gamma 800–850, lost events 850–950, gamma 950–1000
 *     wakeups gamma wakes beta at 290 and alpha at 480: latencies of 10 ms and 20 ms
 */

export const tasks = { alpha: 101, beta: 102, gamma: 103 } as const;

type Task = keyof typeof tasks;
type Runner = Task | 'idle';

const header = `# tracer: nop
#
# entries-in-buffer/entries-written: 16/16   #P:2
#
#                                _-----=> irqs-off/BH-disabled
#                               / _----=> need-resched
#                              | / _---=> hardirq/softirq
#                              || / _--=> preempt-depth
#                              ||| / _-=> migrate-disable
#                              |||| /     delay
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
#              | |         |   |||||     |         |
`;

/** The recording; a task's name may be another one than its key. */
export function littleTrace(names: Readonly<Partial<Record<Task, string>>> = {}): string {
  const nameOf = (runner: Runner, cpu: number) =>
    runner === 'idle' ? `swapper/${cpu}` : (names[runner] ?? runner);
  const pidOf = (runner: Runner) => (runner === 'idle' ? 0 : tasks[runner]);
  const line = (runner: Runner, cpu: number, ms: number, event: string) => {
    const who = `${runner === 'idle' ? '<idle>' : nameOf(runner, cpu)}-${pidOf(runner)}`;
    return `${who.padStart(22)}${' '.repeat(6)}[00${cpu}] d..2.   ${(100 + ms / 1000).toFixed(6)}: ${event}`;
  };
  const change = (cpu: number, ms: number, from: Runner, state: string, to: Runner) =>
    line(
      from,
      cpu,
      ms,
      `sched_switch: prev_comm=${nameOf(from, cpu)} prev_pid=${pidOf(from)} prev_prio=120 prev_state=${state} ==> next_comm=${nameOf(to, cpu)} next_pid=${pidOf(to)} next_prio=120`,
    );
  const wake = (ms: number, event: string, woken: Task) =>
    line('gamma', 1, ms, `${event}: comm=${nameOf(woken, 0)} pid=${pidOf(woken)} prio=120 target_cpu=000`);
  const lines = [
    change(0, 0, 'idle', 'R', 'alpha'),
    change(1, 100, 'idle', 'R', 'gamma'),
    change(0, 200, 'alpha', 'S', 'idle'),
    wake(290, 'sched_waking', 'beta'),
    wake(291, 'sched_wakeup', 'beta'),
    change(0, 300, 'idle', 'R', 'beta'),
    wake(480, 'sched_waking', 'alpha'),
    wake(481, 'sched_wakeup', 'alpha'),
    change(0, 500, 'beta', 'R', 'alpha'),
    change(1, 600, 'gamma', 'S', 'idle'),
    change(0, 700, 'alpha', 'D', 'beta'),
    change(0, 750, 'beta', 'S', 'idle'),
    change(1, 800, 'idle', 'R', 'gamma'),
    change(1, 850, 'gamma', 'S', 'idle'),
    'CPU:1 [LOST 25 EVENTS]',
    change(1, 950, 'idle', 'R', 'gamma'),
    change(1, 1000, 'gamma', 'S', 'idle'),
  ];
  return `${header}${lines.join('\n')}\n`;
}

/** The x (px, not rounded) of a time when all of the recording is shown, which leaves 1 % of room on both sides. */
export function xOfMs(ms: number, widthPx: number): number {
  return ((ms + 10) / 1020) * widthPx;
}
