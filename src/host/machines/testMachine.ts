import type { Disposable } from '../../base/disposable.js';
import { isFailure, messageOf } from '../../base/errors.js';
import type { Connection } from '../../remote/connection.js';
import type { Machine } from '../../remote/machine.js';
import {
  installMissing,
  installPlan,
  installText,
  type InstallPlan,
} from '../../remote/preflight/install.js';
import { runPreflight, unreachableReport, type PreflightReport } from '../../remote/preflight/preflight.js';
import { printableText } from '../../remote/printableText.js';
import type { RemoteContext } from '../../remote/remoteContext.js';
import { stateText } from './stateText.js';

/** Where the user named it: in the SSH configuration, or in our list. */
export type MachineOrigin = 'configured' | 'added';

/** What the queue of a machine calls a check: it may be broken off at any time. */
export const CHECKING = 'checking';

/** The same of the question which model is in its kernel. */
export const ASKING_MODEL = 'asking for the deployed model';

/** Gets what is done on machines and how it ended; never a secret. */
export interface MachineLog {
  info(message: string): void;
  error(what: string, error: unknown): void;
}

/** A test machine as the editor shows it: the connection with its state, and what the last check found. */
export class TestMachine implements Disposable {
  report: PreflightReport | undefined;
  /** Why the last check did not come about. */
  checkFailure: string | undefined;
  #checking: Promise<PreflightReport> | undefined;

  constructor(
    readonly name: string,
    readonly origin: MachineOrigin,
    readonly machine: Machine,
    private readonly context: RemoteContext,
    private readonly log: MachineLog,
    private readonly changed: () => void,
  ) {
    let before = machine.state.kind;
    machine.onState((state) => {
      if (state.kind === 'lost' && before !== 'lost')
        log.info(`${name}: ${stateText(state, Date.now()).long}`);
      if (before === 'connecting' && (state.kind === 'ready' || state.kind === 'busy')) {
        log.info(`${name}: connected`);
      }
      before = state.kind;
      changed();
    });
  }

  get isChecking(): boolean {
    return this.#checking !== undefined;
  }

  /** Runs work in the machine's queue, connects when needed, and keeps a record of it in the log. */
  async run<T>(
    what: string,
    work: (connection: Connection, signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const beganMs = performance.now();
    const seconds = () => `${((performance.now() - beganMs) / 1000).toFixed(1)} s`;
    this.log.info(`${this.name}: ${what}`);
    try {
      const result = await this.machine.run(what, work, signal);
      this.log.info(`${this.name}: ${what}: done, ${seconds()}`);
      return result;
    } catch (error) {
      if (isFailure(error, 'cancelled')) this.log.info(`${this.name}: ${what}: cancelled, ${seconds()}`);
      else this.log.error(`${this.name}: ${what}`, error);
      throw error;
    }
  }

  connect(signal?: AbortSignal): Promise<void> {
    this.log.info(`${this.name}: connecting`);
    return this.machine.connect(signal);
  }

  disconnect(): void {
    this.log.info(`${this.name}: disconnecting`);
    this.machine.disconnect();
  }

  /** Checks it, once at a time. When it cannot be reached the report says so, and the failure is thrown, too. */
  check(): Promise<PreflightReport> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
      this.changed();
    });
    this.changed();
    return this.#checking;
  }

  /** Undefined: nothing is missing that a package brings, or it was not checked. */
  get missing(): InstallPlan | undefined {
    if (this.report === undefined) return undefined;
    return installPlan(
      this.report,
      this.report.checks.filter(({ status }) => status !== 'passed'),
    );
  }

  /** The commands of a plan as they run there. */
  commandsOf(plan: InstallPlan): string {
    return installText(plan, this.report?.facts.rights ?? 'own');
  }

  async install(plan: InstallPlan, signal: AbortSignal): Promise<void> {
    const lines = new LineLog((line) => this.log.info(`${this.name}: ${line}`));
    this.report = await this.run(
      `installing ${plan.packages.join(', ')}`,
      (connection, stop) =>
        installMissing(connection, this.context, plan, { onOutput: (text) => lines.add(text), signal: stop }),
      signal,
    );
    lines.end();
    this.changed();
  }

  dispose(): void {
    this.machine.dispose();
  }

  async #check(): Promise<PreflightReport> {
    try {
      this.report = await this.run(CHECKING, (connection, signal) =>
        runPreflight(connection, this.context, signal),
      );
      this.checkFailure = undefined;
      return this.report;
    } catch (error) {
      this.checkFailure = messageOf(error);
      if (isFailure(error) && UNREACHABLE.includes(error.code)) {
        this.report = unreachableReport(this.name, this.context, error);
        this.checkFailure = undefined;
      }
      throw error;
    }
  }
}

const UNREACHABLE: readonly string[] = ['connection-failed', 'host-key-refused', 'authentication-failed'];
const MAX_LINE_LENGTH = 1000;

/** Makes lines of output that comes in pieces. */
class LineLog {
  #begun = '';

  constructor(private readonly write: (line: string) => void) {}

  add(text: string): void {
    const lines = (this.#begun + text).split('\n');
    this.#begun = lines.pop()!.slice(-MAX_LINE_LENGTH);
    for (const line of lines) this.write(printableText(line, MAX_LINE_LENGTH));
  }

  end(): void {
    if (this.#begun !== '') this.write(printableText(this.#begun, MAX_LINE_LENGTH));
    this.#begun = '';
  }
}
