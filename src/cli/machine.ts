import { isFailure } from '../base/errors.js';
import { downloadFile } from '../remote/artifacts/download.js';
import type { Machine } from '../remote/machine.js';
import type { Check } from '../remote/preflight/check.js';
import { installMissing, installPlan, installText } from '../remote/preflight/install.js';
import { runPreflight, unreachableReport, type PreflightReport } from '../remote/preflight/preflight.js';
import { rootRights } from '../remote/rootRights.js';
import { configuredHosts, resolveHost } from '../remote/ssh/configuredHosts.js';
import { Interruption, remoteContext, withMachines, type MachineOptions } from './machines.js';
import { printable, printLines, table, toJson } from './output.js';
import { StatusLine } from './statusLine.js';
import { TerminalPrompter } from './terminalPrompter.js';

export interface MachineListOptions extends MachineOptions {
  readonly json?: boolean;
}

/** The machines that the SSH configuration names, and where each is. */
export async function listMachines(options: MachineListOptions): Promise<void> {
  const config = options.sshConfig === undefined ? {} : { configFile: options.sshConfig };
  const hosts = configuredHosts(config).map(({ name, path, line }) => ({
    name,
    destination: resolveHost(name, config).destination,
    path,
    line,
  }));
  if (options.json === true) {
    await printLines([toJson(hosts)]);
    return;
  }
  if (hosts.length === 0) {
    await printLines([
      'The SSH configuration names no machines. A machine can be given as user@host:port, too.',
    ]);
    return;
  }
  await printLines(
    table(
      [
        { title: 'machine', align: 'left', cell: ({ name }) => name },
        { title: 'destination', align: 'left', cell: ({ destination }) => destination },
        { title: 'from', align: 'left', cell: ({ path, line }) => `${path}:${line}` },
      ],
      hosts,
    ),
  );
}

export interface MachineCheckOptions extends MachineOptions {
  readonly json?: boolean;
  readonly install?: boolean;
  readonly yes?: boolean;
}

/** Runs the checks on each machine. The exit status is 1 when one of them cannot be used at all. */
export async function checkMachines(names: readonly string[], options: MachineCheckOptions): Promise<void> {
  const interruption = new Interruption(() => undefined);
  try {
    await withMachines(names, options, async (machines) => {
      const reports: PreflightReport[] = [];
      for (const machine of machines) reports.push(await checkMachine(machine, options, interruption.cancel));
      if (options.json === true) await printLines([toJson(reports.length === 1 ? reports[0] : reports)]);
      else for (const report of reports) await printLines(checklist(report));
      if (reports.some(({ checks }) => checks.some(isFatal))) process.exitCode = 1;
    });
  } finally {
    interruption.dispose();
  }
}

function isFatal({ status, neededFor }: Check): boolean {
  return status === 'failed' && neededFor.includes('everything');
}

async function checkMachine(
  machine: Machine,
  options: MachineCheckOptions,
  signal: AbortSignal,
): Promise<PreflightReport> {
  const context = remoteContext();
  try {
    return await machine.run(
      'Checking',
      async (connection, stopped) => {
        const report = await runPreflight(connection, context, stopped);
        if (options.install !== true) return report;
        const plan = installPlan(report, report.checks);
        if (plan === undefined) {
          say('Nothing that a package would bring is missing, or the distribution is unknown.');
          return report;
        }
        const commands = installText(plan, await rootRights(connection, stopped));
        const question = [`On ${plan.machine} this will run as root:`, commands, ...plan.remarks, ''].join(
          '\n',
        );
        if (options.yes !== true && !(await new TerminalPrompter().consent(question))) return report;
        return installMissing(connection, context, plan, {
          onOutput: (text) => process.stderr.write(text),
          signal: stopped,
        });
      },
      signal,
    );
  } catch (error) {
    if (isFailure(error, 'cancelled') || !isFailure(error)) throw error;
    return unreachableReport(machine.name, context, error);
  }
}

const MARKS: Record<Check['status'], string> = {
  passed: 'ok      ',
  warning: 'warning ',
  failed: 'FAILED  ',
  unknown: 'unknown ',
};

function* checklist({ machine, checks }: PreflightReport): Generator<string> {
  yield `${printable(machine)}:`;
  for (const { title, status, detail, remedy } of checks) {
    yield `  ${MARKS[status]} ${title}: ${printable(detail)}`;
    if (remedy !== null && status !== 'passed') yield `           → ${printable(remedy.text)}`;
  }
  const failures = checks.filter(({ status }) => status === 'failed').length;
  yield failures === 0 ? '  Nothing failed.' : `  ${failures} of ${checks.length} checks failed.`;
}

export interface MachineFetchOptions extends MachineOptions {
  readonly output: string;
  readonly sudo?: boolean;
  readonly replace?: boolean;
  readonly quiet?: boolean;
}

/** Brings a file from a machine: verified, whole or not at all, resumed when an earlier try was interrupted. */
export async function fetchFile(
  name: string,
  remotePath: string,
  options: MachineFetchOptions,
): Promise<void> {
  const interruption = new Interruption(() => undefined);
  const status = new StatusLine(options.quiet === true);
  try {
    await withMachines([name], options, ([machine]) =>
      machine!.run(
        'Downloading',
        async (connection, signal) => {
          const result = await downloadFile(connection, remotePath, options.output, {
            programs: remoteContext().programs,
            rights: options.sudo === true ? await rootRights(connection, signal) : 'own',
            replace: options.replace === true,
            signal,
            onProgress: ({ doneBytes, totalBytes }) => {
              status.show(`${(doneBytes / 1e6).toFixed(1)} of ${(totalBytes / 1e6).toFixed(1)} MB`);
            },
          });
          status.clear();
          say(`${options.output}: ${result.sizeBytes} bytes, SHA-256 ${result.sha256}`);
        },
        interruption.cancel,
      ),
    );
  } finally {
    status.clear();
    interruption.dispose();
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
