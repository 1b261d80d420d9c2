import { check, failed, passed, unknown, warning, type Check, type Finding, type Remedy } from './check.js';
import type { MachineFacts, ToolFacts } from './facts.js';
import { GUARD_TOOLS, OPTIONAL_TOOLS, packagesElsewhere, packagesFor, type Tool } from './packages.js';

/** Programs on the machine: what the guard needs, the collectors' tools, the workloads' tools. */
export function toolChecks(facts: MachineFacts): readonly Check[] {
  return [
    check('guard-tools', 'Programs that every collection needs', ['everything'], guardTools(facts)),
    check('tool-perf', 'perf', ['perf'], perf(facts)),
    check('perf-events', 'perf for users (perf_event_paranoid)', ['benchmarks'], paranoid(facts)),
    check('tool-bpftrace', 'bpftrace', ['bpftrace'], bpftrace(facts)),
    ...OPTIONAL_TOOLS.filter(({ name }) => name !== 'perf' && name !== 'bpftrace').map((tool) =>
      check(`tool-${tool.name}`, tool.name, ['workloads', 'benchmarks'], workloadTool(facts, tool)),
    ),
  ];
}

/** What to install so that a tool is there. */
function remedyFor(facts: MachineFacts, tools: readonly Tool[]): Remedy {
  const packages: string[] = [];
  const byHand: string[] = [];
  for (const tool of tools) {
    const names = packagesFor(tool, facts.distribution, facts.kernel.release);
    const elsewhere = packagesElsewhere(tool);
    if (names !== null) packages.push(...names);
    else if (elsewhere === '') byHand.push(`${tool.name} (no package of the distribution’s own)`);
    else byHand.push(`${tool.name} (package ${elsewhere})`);
  }
  const sentences = [
    ...(packages.length > 0 ? [`Install ${[...new Set(packages)].join(', ')}.`] : []),
    ...(byHand.length > 0 ? [`Install by hand: ${byHand.join('; ')}.`] : []),
  ];
  const text = sentences.join(' ');
  return packages.length > 0 ? { text, packages: [...new Set(packages)] } : { text };
}

function guardTools(facts: MachineFacts): Finding {
  const { tools } = facts;
  if (tools === null) return unknown('not all facts arrived');
  const missing = GUARD_TOOLS.filter(({ name }) => tools[name] === undefined);
  return missing.length === 0
    ? passed(GUARD_TOOLS.map(({ name }) => name).join(', '))
    : failed(`missing: ${missing.map(({ name }) => name).join(', ')}`, remedyFor(facts, missing));
}

function perf(facts: MachineFacts): Finding {
  const tool = optionalTool('perf');
  const found = facts.tools?.['perf'];
  if (facts.tools === null) return unknown('not all facts arrived');
  if (found === undefined) return notThere(facts, tool);
  if (found.brokenBecause !== null) return wrapperOnly(facts, tool, found);
  const version = found.version ?? 'a version it does not tell';
  const { perfRecording: recording } = facts;
  if (recording === null) return unknown(`${version}; recording was not tried: only root may`);
  if (!recording.succeeded) {
    return failed(
      `${version}, but recording sched_switch failed: ${recording.reason}`,
      'Look what `perf record -a -e sched:sched_switch -- true` says there as root; tracefs may work where perf does not.',
    );
  }
  const kernel = facts.kernel.release ?? 'unknown';
  return passed(`${version}, records sched_switch on kernel ${kernel}`);
}

function bpftrace(facts: MachineFacts): Finding {
  const tool = optionalTool('bpftrace');
  const found = facts.tools?.['bpftrace'];
  if (facts.tools === null) return unknown('not all facts arrived');
  if (found === undefined) return notThere(facts, tool);
  if (found.brokenBecause !== null) return wrapperOnly(facts, tool, found);
  const version = found.version ?? 'a version it does not tell';
  const { bpftraceRunning: running } = facts;
  if (running === null) return unknown(`${version}; running a program was not tried: only root may`);
  return running.succeeded
    ? passed(`${version}, runs a program on a tracepoint`)
    : failed(
        `${version}, but a program on a tracepoint failed: ${running.reason}`,
        'The kernel has to allow BPF (CONFIG_BPF_SYSCALL, no lockdown, not in a container without CAP_BPF).',
      );
}

function workloadTool(facts: MachineFacts, tool: Tool): Finding {
  if (facts.tools === null) return unknown('not all facts arrived');
  const found = facts.tools[tool.name];
  if (tool.name === 'hackbench' && found === undefined && facts.tools['perf']?.brokenBecause === null) {
    return warning(
      'missing; `perf bench sched messaging`, which does the same, takes its place',
      remedyFor(facts, [tool]),
    );
  }
  if (found === undefined) return notThere(facts, tool);
  if (found.brokenBecause !== null) return wrapperOnly(facts, tool, found);
  if (tool.name !== 'phoronix-test-suite') return passed(found.version ?? found.path);
  return facts.phoronixTests.length > 0
    ? passed(`${found.path}; installed tests: ${facts.phoronixTests.join(', ')}`)
    : warning(
        `${found.path}, without any test`,
        'Install tests there, as `phoronix-test-suite install pts/compress-zstd`.',
      );
}

function notThere(facts: MachineFacts, tool: Tool): Finding {
  return warning(`missing; needed for ${tool.usedFor}`, remedyFor(facts, [tool]));
}

/** Debian's and Ubuntu's `perf` can be a script that looks for one that fits the kernel. */
function wrapperOnly(facts: MachineFacts, tool: Tool, found: ToolFacts): Finding {
  const reason = found.brokenBecause === '' ? 'it fails without a word' : found.brokenBecause;
  return failed(`${found.path} is there but does not work: ${reason}`, remedyFor(facts, [tool]));
}

function optionalTool(name: string): Tool {
  return OPTIONAL_TOOLS.find((tool) => tool.name === name)!;
}

function paranoid({ perfEventParanoid: level, user }: MachineFacts): Finding {
  if (level === null) return unknown('there is no kernel.perf_event_paranoid, or it cannot be read');
  if (user.id === 0) return passed(`${level}; root is not bound by it`);
  // https://docs.kernel.org/admin-guide/perf-security.html
  return level <= 1
    ? passed(`${level}: users may measure their own processes with the kernel's part`)
    : warning(
        `${level}: users may measure ${level === 2 ? 'only the user’s part of their own processes' : 'nothing'}`,
        'KernelOracle records as root, which is not bound by it. For own use of perf: `sysctl kernel.perf_event_paranoid=1`.',
      );
}
