/**
 * What the view of a test machine asks of the extension, and what it is told. Texts of a machine are made printable before
 * they are sent; what is not known is `null`.
 */

export type MachineStateKind = 'disconnected' | 'connecting' | 'ready' | 'busy' | 'lost';

export interface MachineStateView {
  readonly kind: MachineStateKind;
  /** In words: `busy: collecting by tracefs`, `lost: … Next try in 4 s`. */
  readonly text: string;
}

export type CheckStatus = 'passed' | 'warning' | 'failed' | 'unknown';

export interface CheckView {
  readonly id: string;
  readonly title: string;
  readonly status: CheckStatus;
  readonly detail: string;
  readonly remedy: {
    readonly text: string;
    /** A command line to run on the machine; null where there is no such thing. */
    readonly command: string | null;
  } | null;
}

export interface FactView {
  readonly label: string;
  readonly value: string;
}

/** What would be installed, and the exact command. */
export interface InstallView {
  readonly packages: readonly string[];
  readonly command: string;
}

export interface MachineView {
  /** As the user named it: a host of ssh_config, or `user@host:port`. */
  readonly name: string;
  readonly state: MachineStateView;
  readonly facts: readonly FactView[];
  /** Null: not checked yet. */
  readonly checks: readonly CheckView[] | null;
  /** Milliseconds since the epoch. */
  readonly checkedAtMs: number | null;
  readonly isChecking: boolean;
  /** Why the last check did not come about. */
  readonly failure: string | null;
  /** Null: nothing is missing that a package brings, or nobody knows how. */
  readonly install: InstallView | null;
}

/** What the view may ask. All that takes long is told by `machineUpdated`. */
export interface MachineRequests {
  machineState: { params: Record<string, never>; result: MachineView };
  checkMachine: { params: Record<string, never>; result: null };
  /** Shows the command and asks for consent before anything is run. */
  installMissing: { params: Record<string, never>; result: null };
  collect: { params: Record<string, never>; result: null };
  showLog: { params: Record<string, never>; result: null };
  copyCommand: { params: { readonly command: string }; result: null };
}

export interface MachineEvents {
  machineUpdated: MachineView;
}
