import { check, failed, passed, unknown, warning, type Check, type Finding, type Need } from './check.js';
import { REQUIRED_EVENTS, SCHED_EVENTS, SCHEDSTAT_EVENTS, type MachineFacts } from './facts.js';

export const NEEDS_ROOT = 'Only root can look; see “Root rights”.';
const LOCKED_DOWN =
  'The kernel is locked down (mode “MODE”): boot without Secure Boot, or without `lockdown=MODE` on the kernel’s command line.';

/** What the kernel lets root trace. */
export function tracingChecks(facts: MachineFacts): readonly Check[] {
  // Where fentry was tried and works, nothing else has to.
  const probes: readonly Need[] = facts.bpftraceProbes.fentry?.succeeded === true ? [] : ['bpftrace'];
  return [
    check('tracefs-mounted', 'tracefs mounted', ['tracefs', 'perf'], mounted(facts)),
    check('tracefs-writable', 'tracefs writable', ['tracefs'], writable(facts)),
    check('sched-events', 'Scheduler events', ['tracefs', 'perf'], events(facts)),
    check('instances', 'Tracing instances', ['tracefs'], instances(facts)),
    check('left-instances', 'Nothing left of earlier runs', ['tracefs'], leftInstances(facts)),
    check('tracing-idle', 'Nobody else traces', ['tracefs'], idle(facts)),
    check('sub-buffer', 'Size of sub-buffers', ['tracefs'], subBuffer(facts)),
    check('trace-clocks', 'Trace clocks', ['tracefs'], clocks(facts)),
    check('btf', 'Types of the kernel (BTF)', ['bpftrace'], btf(facts)),
    check('kprobes', 'kprobes allowed', probes, kprobes(facts)),
    check('function-tracing', 'Function tracing allowed', probes, functionTracing(facts)),
    check('can-migrate-task', 'can_migrate_task visible', ['bpftrace'], canMigrateTask(facts)),
    check('schedstats', 'Scheduler statistics', ['perf'], schedstats(facts)),
  ];
}

function notLookedAt({ rights, tracing }: MachineFacts): string {
  if (rights === null) return NEEDS_ROOT;
  return tracing.folder === null ? 'tracefs was not found' : 'the machine did not tell';
}

function mounted({ tracing, rights }: MachineFacts): Finding {
  const places = [...new Set([...tracing.mountedAt, ...(tracing.folder === null ? [] : [tracing.folder])])];
  if (places.length > 0) return passed(places.join(', '));
  const remedy =
    'Mount it as root: `mount -t tracefs nodev /sys/kernel/tracing`. In a container, the host has to lend it, or run this on the host.';
  if (tracing.config['CONFIG_TRACING'] === 'n') {
    return failed(
      'the kernel was built without tracing (CONFIG_TRACING)',
      'Boot a kernel with CONFIG_TRACING.',
    );
  }
  return rights === null
    ? unknown('it is in no table of mounts that this user sees; root may see more', remedy)
    : failed('it is mounted nowhere', remedy);
}

function writable(facts: MachineFacts): Finding {
  const { tracing } = facts;
  const { writable: attempt, lockdown, folder } = tracing;
  if (attempt === null) return unknown(notLookedAt(facts));
  if (attempt.succeeded) return passed(folder ?? 'yes');
  return failed(`${folder ?? 'tracefs'} cannot be written: ${attempt.reason}`, lockdownRemedy(lockdown));
}

function lockdownRemedy(lockdown: string | null): string {
  return lockdown !== null && lockdown !== 'none'
    ? LOCKED_DOWN.replaceAll('MODE', lockdown)
    : 'Remount it for writing (`mount -o remount,rw /sys/kernel/tracing`), or run this outside of the container.';
}

function events(facts: MachineFacts): Finding {
  const { tracing } = facts;
  if (REQUIRED_EVENTS.some((name) => tracing.events[name] === undefined)) return unknown(notLookedAt(facts));
  const isMissing = (name: string) => tracing.events[name] === false;
  const missing = REQUIRED_EVENTS.filter(isMissing);
  if (missing.length > 0) {
    return failed(`missing: ${missing.join(', ')}`, 'Boot a kernel with CONFIG_EVENT_TRACING.');
  }
  const lacking = SCHED_EVENTS.filter(isMissing);
  const present = SCHED_EVENTS.filter((name) => tracing.events[name] === true);
  return lacking.length > 0
    ? warning(`${present.join(', ')}; missing: ${lacking.join(', ')}`, 'Newer kernels have all of them.')
    : passed(present.join(', '));
}

function instances(facts: MachineFacts): Finding {
  const { tracing } = facts;
  if (tracing.instances === null) return unknown(notLookedAt(facts));
  return tracing.instances
    ? passed('a collection has a buffer of its own')
    : failed('tracefs has no folder `instances`', 'Use perf as the collector, or boot a newer kernel.');
}

function leftInstances(facts: MachineFacts): Finding {
  const { tracing } = facts;
  if (tracing.instances === null) return unknown(notLookedAt(facts));
  const { leftInstances: left } = tracing;
  if (left.length === 0) return passed('nothing is left');
  return warning(
    `instances: ${left.join(', ')}`,
    'Another collection may be running now. If none is, remove them as root: `rmdir /sys/kernel/tracing/instances/NAME`.',
  );
}

function idle(facts: MachineFacts): Finding {
  const { tracing } = facts;
  const { currentTracer, eventsEnabled } = tracing;
  if (currentTracer === null || eventsEnabled === null) return unknown(notLookedAt(facts));
  const uses = [
    ...(currentTracer === 'nop' ? [] : [`tracer ${currentTracer}`]),
    ...(eventsEnabled === '0' ? [] : ['events are switched on']),
  ];
  return uses.length === 0
    ? passed('no tracer and no event is switched on')
    : warning(
        `outside of our instances: ${uses.join(', ')}`,
        'A collection works all the same, but what others trace costs time.',
      );
}

function subBuffer(facts: MachineFacts): Finding {
  const { tracing } = facts;
  return tracing.subBufferBytes === null
    ? unknown(notLookedAt(facts))
    : passed(`${tracing.subBufferBytes} bytes`);
}

function clocks(facts: MachineFacts): Finding {
  const { tracing } = facts;
  return tracing.clocks.length === 0 ? unknown(notLookedAt(facts)) : passed(tracing.clocks.join(', '));
}

function btf({ tracing }: MachineFacts): Finding {
  if (tracing.btf === null) return unknown('not looked at');
  return tracing.btf
    ? passed('/sys/kernel/btf/vmlinux')
    : failed(
        'there is no /sys/kernel/btf/vmlinux',
        'Boot a kernel with CONFIG_DEBUG_INFO_BTF, or install the headers of this kernel.',
      );
}

function kprobes(facts: MachineFacts): Finding {
  const { tracing } = facts;
  const { kprobe, kprobeFile, kprobesEnabled, config, lockdown } = tracing;
  if (kprobe?.succeeded === true && kprobesEnabled === false) {
    return failed(
      'kprobes are switched off',
      'Switch them on as root: `echo 1 > /sys/kernel/debug/kprobes/enabled`.',
    );
  }
  if (kprobe?.succeeded === true) return passed('a probe on can_migrate_task was set and removed');
  if (config['CONFIG_KPROBES'] === 'n') {
    return failed(
      'the kernel was built without kprobes (CONFIG_KPROBES is not set)',
      'Boot a kernel with CONFIG_KPROBES; those of the distributions have it.',
    );
  }
  if (lockdown === 'confidentiality') {
    return failed('the kernel is locked down (confidentiality)', LOCKED_DOWN.replaceAll('MODE', lockdown));
  }
  if (kprobe !== null) {
    return failed(`a probe on can_migrate_task was refused: ${kprobe.reason}`, lockdownRemedy(lockdown));
  }
  if (kprobeFile === false) {
    return failed(
      'tracefs has no kprobe_events',
      'Boot a kernel with CONFIG_KPROBES and CONFIG_KPROBE_EVENTS.',
    );
  }
  return unknown(notLookedAt(facts));
}

function functionTracing(facts: MachineFacts): Finding {
  const { tracing } = facts;
  const { functionTracer, functionList, config, lockdown } = tracing;
  if (functionList?.succeeded === true && functionTracer === true) {
    return passed('the tracer `function` is there and its list can be read');
  }
  if (config['CONFIG_FUNCTION_TRACER'] === 'n') {
    return failed(
      'the kernel was built without it (CONFIG_FUNCTION_TRACER is not set)',
      'Boot a kernel with CONFIG_FUNCTION_TRACER; those of the distributions have it.',
    );
  }
  if (functionList?.succeeded === false) {
    return failed(
      `available_filter_functions cannot be read: ${functionList.reason}`,
      lockdown !== null && lockdown !== 'none'
        ? LOCKED_DOWN.replaceAll('MODE', lockdown)
        : 'Something above this kernel forbids it (a container, a hypervisor, a security module): run on a machine of your own.',
    );
  }
  if (functionTracer === false)
    return failed('tracefs offers no tracer `function`', 'Boot a kernel with CONFIG_FUNCTION_TRACER.');
  return unknown(notLookedAt(facts));
}

function canMigrateTask(facts: MachineFacts): Finding {
  const { tracing, rights } = facts;
  const { canMigrateTask: symbols } = tracing;
  if (symbols === null) return unknown('/proc/kallsyms was not looked at');
  if (symbols.includes('can_migrate_task')) return passed('can_migrate_task is in /proc/kallsyms');
  if (symbols.length > 0) {
    return warning(
      `only as ${symbols.join(', ')}: the compiler changed its arguments`,
      'A probe can be set there, but its arguments may not be what the source says.',
    );
  }
  return rights === null
    ? unknown(notLookedAt(facts))
    : failed(
        'it is not in /proc/kallsyms: the compiler dissolved it in its callers, or the kernel has none',
        'Build the kernel with `noinline` before can_migrate_task, or choose another kernel.',
      );
}

function schedstats({ tracing }: MachineFacts): Finding {
  const { schedstats: found, config, events: there } = tracing;
  if (config['CONFIG_SCHEDSTATS'] === 'n' || found?.isBuiltIn === false) {
    return warning(
      'the kernel was built without them (CONFIG_SCHEDSTATS): no /proc/schedstat, and no ' +
        SCHEDSTAT_EVENTS.filter((name) => there[name] !== true).join(', '),
      'Waiting times are computed from switches and wakeups all the same. For the kernel’s own, boot one with CONFIG_SCHEDSTATS.',
    );
  }
  if (found === null) return unknown('not looked at');
  if (found.isOn === true) return passed('built in and switched on');
  return warning(
    found.isOn === null
      ? 'built in; whether they are switched on is not known'
      : 'built in, but switched off',
    'Switch them on as root: `sysctl kernel.sched_schedstats=1`. They cost a little time.',
  );
}
