import type { CheckView, FactView, MachineView } from '../../protocol/machineMessages.js';
import type { Check } from '../../remote/preflight/check.js';
import type { MachineFacts } from '../../remote/preflight/facts.js';
import { installPlan } from '../../remote/preflight/install.js';
import { stateText } from './stateText.js';
import type { TestMachine } from './testMachine.js';

/** The machine as its panel shows it. */
export function viewOfMachine(machine: TestMachine, nowMs: number): MachineView {
  const { report, missing } = machine;
  const { state } = machine.machine;
  return {
    name: machine.name,
    state: { kind: state.kind, text: stateText(state, nowMs).long },
    facts: report === undefined ? [] : factsOf(report.facts),
    checks: report?.checks.map((check) => checkView(machine, check)) ?? null,
    checkedAtMs: report === undefined ? null : Date.parse(report.checkedAt),
    isChecking: machine.isChecking,
    failure: machine.checkFailure ?? null,
    install:
      missing === undefined ? null : { packages: missing.packages, command: machine.commandsOf(missing) },
  };
}

function checkView(machine: TestMachine, check: Check): CheckView {
  const { id, title, status, detail, remedy } = check;
  const plan =
    machine.report === undefined || status === 'passed' ? undefined : installPlan(machine.report, [check]);
  const command = plan === undefined ? null : machine.commandsOf(plan).replaceAll('\n', ' && ');
  return {
    id,
    title,
    status,
    detail,
    remedy: remedy === null ? null : { text: remedy.text, command },
  };
}

/** What is known of a machine, in the order in which one asks; what is unknown is left out. */
export function factsOf(facts: MachineFacts): FactView[] {
  const { kernel, distribution, cpus, memoryKb, virtualisation, rights, tools } = facts;
  const cpuText = [
    cpus.online === null ? null : `${cpus.online} online`,
    cpus.cores === null || cpus.sockets === null
      ? null
      : `${cpus.cores} ${cpus.cores === 1 ? 'core' : 'cores'} in ${cpus.sockets} ${cpus.sockets === 1 ? 'socket' : 'sockets'}`,
  ];
  const known: readonly (readonly [string, string | null])[] = [
    ['Kernel', joined([kernel.name, kernel.release, kernel.machine], ' ')],
    ['CPUs', joined(cpuText, ', ')],
    ['Processor', cpus.model],
    ['Memory', memoryKb === null ? null : `${(memoryKb / 1024 / 1024).toFixed(1)} GiB`],
    ['Distribution', distribution?.name ?? null],
    ['Virtualisation', virtualisation],
    [
      'Root rights',
      rights === null ? null : rights === 'own' ? 'logged in as root' : 'sudo without a password',
    ],
    ['perf', versionOf(tools?.['perf']?.version)],
    ['bpftrace', versionOf(tools?.['bpftrace']?.version)],
  ];
  return known.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

/** `perf version 6.1.192` and `bpftrace v0.17.0` without what the label says. */
function versionOf(text: string | null | undefined): string | null {
  return text?.replace(/^\w+ (version )?v?/, '') ?? null;
}

function joined(parts: readonly (string | null)[], separator: string): string | null {
  const known = parts.filter((part) => part !== null && part !== '');
  return known.length === 0 ? null : known.join(separator);
}
