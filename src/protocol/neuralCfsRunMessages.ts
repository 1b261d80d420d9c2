/**
 * A trained model of calls of `can_migrate_task()` as its panel shows it: what it is, what it takes in a kernel, and where it, or
 * another, is in the kernel of a test machine. `null` is "cannot be told".
 */
import type { DeployedMode, DeployedStatus } from './deployment.js';
import type { MachineStateView } from './machineMessages.js';
import type { ExperimentNumber, JudgedRecording, ModelJudgement, RowCounts } from './neuralCfs.js';

/** An input of the model. */
export interface ModelInput {
  readonly name: string;
  readonly unit: string;
  /** What it is in the kernel. */
  readonly text: string;
  /** Of the training rows; a tree takes values as they are. */
  readonly mean: number;
  readonly deviation: number;
  /** Of the calibration rows. */
  readonly least: number;
  readonly most: number;
}

/** What its info file and its model file tell. */
export interface ModelRun {
  readonly kernelOracleVersion: string;
  /** ISO 8601, UTC. */
  readonly made: string;
  readonly experiment: ExperimentNumber;
  readonly seed: number;
  readonly recordings: readonly JudgedRecording[];
  readonly rows: number;
  readonly split: string;
  readonly inputs: readonly ModelInput[];
  /** Columns that were asked for and did not vary. */
  readonly leftOut: readonly string[];
  readonly training: RowCounts;
  readonly test: RowCounts;
  readonly model: ModelJudgement;
  readonly refusal: string | null;
  readonly threshold: { readonly choice: 'half' | 'trained'; readonly score: number; readonly logit: number };
  readonly warnings: readonly string[];
}

export interface ModelRunState {
  /** Of the run: the name of its folder. */
  readonly name: string;
  readonly folder: string;
  readonly run: ModelRun;
  /** Nothing is deployed from a workspace that is not trusted. */
  readonly isTrusted: boolean;
}

export interface AgreeingDecisions {
  readonly rows: number;
  readonly agreeing: number;
}

/** A form in which the model is carried. */
export interface CarriedForm {
  readonly form: 'float' | 'fixed' | 'tree';
  /** Of a weight: in fixed point, or 32, a float; a tree has none. */
  readonly bits: 8 | 16 | 32 | null;
  readonly modelBytes: number;
  readonly stateBytes: number;
  /** Of fixed point with float32. */
  readonly withFloat: AgreeingDecisions | null;
  readonly asTrained: AgreeingDecisions;
  /** By which a machine tells which model it has. */
  readonly wordsSha256: string;
}

/** What it takes in each form; `failure` says why it cannot be carried in one. */
export interface CarriedModelView {
  readonly forms: readonly CarriedForm[];
  readonly failures: readonly string[];
}

/** A test machine that has a model in its kernel, or was asked for one. */
export interface DeployedMachineView {
  readonly machine: string;
  readonly state: MachineStateView;
  /** `null`: it was not asked since the window opened. */
  readonly status: DeployedStatus | null;
  /** Milliseconds since the epoch. */
  readonly askedAtMs: number | null;
  /** Why it could not be asked, or what was tried went wrong. */
  readonly failure: string | null;
  /** What is being done there with the model. */
  readonly doing: string | null;
}

/** What the view may ask. What asks the user ends when that is done or was given up. */
export interface ModelRunRequests {
  /** Fails with what is wrong with the run's files. */
  modelRunState: { params: Record<string, never>; result: ModelRunState };
  /** Takes seconds the first time. */
  carriedModel: { params: Record<string, never>; result: CarriedModelView };
  deployedMachines: { params: Record<string, never>; result: readonly DeployedMachineView[] };
  openRecording: { params: { readonly recording: number }; result: null };
  emitSources: { params: Record<string, never>; result: null };
  /** `null`: the user chooses the machine. */
  deployModel: { params: { readonly machine: string | null }; result: null };
  /** Asks a machine what it has in its kernel, connecting to it; `null`: the user chooses. */
  askMachine: { params: { readonly machine: string | null }; result: null };
  setDeployedMode: {
    params: { readonly machine: string; readonly mode: DeployedMode };
    result: null;
  };
  removeDeployed: { params: { readonly machine: string }; result: null };
  retrainAndSwap: { params: { readonly machine: string }; result: null };
  measureDeployed: { params: { readonly machine: string }; result: null };
}

/** What the view is told without asking. */
export interface ModelRunEvents {
  modelRunUpdated: ModelRunState;
  deployedUpdated: readonly DeployedMachineView[];
  failed: { readonly message: string };
}
