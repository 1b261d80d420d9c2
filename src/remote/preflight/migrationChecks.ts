import { check, failed, passed, unknown, warning, type Check, type Finding } from './check.js';
import type { MachineFacts } from './facts.js';
import { NEEDS_ROOT } from './tracingChecks.js';

const FENTRY_REMEDY =
  'Records are the same, each costs more. For fentry: a kernel since 5.5 (6.4 on arm64) with CONFIG_DEBUG_INFO_BTF and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS.';
const SCHEDSTATS_REMEDY = '`sysctl kernel.sched_schedstats=1`';

/** By which way records of can_migrate_task come to be on this machine, and what they will tell. */
export function migrationChecks(facts: MachineFacts): readonly Check[] {
  return [
    check('migration-probe', 'Probe of can_migrate_task', ['bpftrace'], migrationProbe(facts)),
    check('forced-migrations', 'Which migrations are forced', ['bpftrace'], forcedMigrations(facts)),
  ];
}

function migrationProbe({ rights, tools, bpftraceProbes: { fentry, kprobe } }: MachineFacts): Finding {
  if (fentry?.succeeded === true) return passed('by fentry and fexit');
  if (kprobe?.succeeded === true) {
    return warning(
      `by kprobe and kretprobe: fentry is refused (${fentry?.reason ?? 'not tried'})`,
      FENTRY_REMEDY,
    );
  }
  if (fentry !== null && kprobe !== null) {
    return failed(
      `fentry is refused (${fentry.reason}), and so is a kprobe (${kprobe.reason})`,
      'See the checks above: BTF, kprobes, function tracing, can_migrate_task. One of both ways has to be allowed.',
    );
  }
  if (rights === null) return unknown(NEEDS_ROOT);
  if (tools !== null && tools['bpftrace'] === undefined)
    return unknown('there is no bpftrace to try it with');
  return unknown('not tried: bpftrace does not run here');
}

function forcedMigrations({ rights, tracing: { forcedMigrations: found } }: MachineFacts): Finding {
  switch (found?.by) {
    case undefined:
      return unknown(rights === null ? NEEDS_ROOT : 'the machine did not tell');
    case 'task':
      return passed('exact, from the task: task_struct.sched_task_hot when the call returns');
    case 'counter':
      return fromCounter(found.stats);
    case 'unknown':
      return warning(
        'not known: there is no /sys/kernel/btf/vmlinux that would say',
        'Boot a kernel with CONFIG_DEBUG_INFO_BTF.',
      );
    case 'nothing':
      return warning(
        'not told: this kernel has neither task_struct.sched_task_hot nor nr_forced_migrations; records have no column “forced”',
        'Boot a kernel with CONFIG_SCHEDSTATS, or Linux 6.12 or newer.',
      );
  }
}

/** On kernels without the bit: what a task's own count says, which counts with the statistics alone. */
function fromCounter(stats: 'on' | 'off' | 'locked'): Finding {
  const how = 'from the counter: nr_forced_migrations of the task grows during the call';
  if (stats === 'on') return passed(`${how}; kernel.sched_schedstats is on`);
  if (stats === 'off') {
    return passed(`${how}; kernel.sched_schedstats is off, a recording switches it on and back again`);
  }
  return warning(
    'not told: nr_forced_migrations counts only with kernel.sched_schedstats=1, which cannot be switched on from here; records have no column “forced”',
    `Switch it on where it may be changed (the host of a container): ${SCHEDSTATS_REMEDY}.`,
  );
}
