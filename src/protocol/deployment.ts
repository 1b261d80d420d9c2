/** A model in a kernel, as a machine tells of it: plain data for the command line, the panels and what reaches machines. */

/** How a model is in the kernel. `ebpf` can only watch; a patched kernel has its model built in. */
export const DEPLOYED_WAYS = ['ebpf', 'module', 'patched'] as const;
export type DeployedWay = (typeof DEPLOYED_WAYS)[number];

/** `off`: nothing hangs on can_migrate_task(). `shadow`: asked and counted. `active`: it decides, within the safety rule. */
export const DEPLOYED_MODES = ['off', 'shadow', 'active'] as const;
export type DeployedMode = (typeof DEPLOYED_MODES)[number];

/** [the model said 0, the model said 1] */
export type SaidCounts = readonly [number, number];

/** What `control stats` prints, as one line of JSON. Counts are of the model that decides now: a swap begins them anew. */
export interface DeployedStats {
  readonly way: DeployedWay;
  readonly mode: DeployedMode;
  /** Of the two places for a model, the one that decides. */
  readonly slot: 0 | 1;
  /** How often a model was swapped in since it was loaded. */
  readonly swaps: number;
  /** By what the kernel decided of its own: refused; allowed, the task being cold or preferred; allowed although hot. */
  readonly refused: SaidCounts;
  readonly allowed: SaidCounts;
  readonly forced: SaidCounts;
  /** Active: the model's will was done against the kernel's: allowed to refused, refused to allowed. */
  readonly overruled: { readonly toRefused: number; readonly toAllowed: number };
  /** Active: the model would have allowed, and the safety rule forbade it. */
  readonly vetoed: number;
  /** Calls of which the model could not be asked: no FPU there, or it was just being swapped. */
  readonly notAsked: number;
  /** Summed over the calls that it was asked of, with reading its inputs; and of can_migrate_task() itself with what the hook adds. */
  readonly modelNs: number;
  readonly callNs: number;
  /** How this kernel tells a forced migration; `nothing`: it does not, or there was no call. */
  readonly forcedBy: 'task' | 'counter' | 'nothing';
  readonly modelBytes: number;
  readonly stateBytes: number;
  /** `failed`: it was switched off because of it. */
  readonly selfTest: 'passed' | 'failed';
}

/** What was carried there: from the emitted folder's `emitted.json`; a swap writes it anew. */
export interface DeployedModel {
  /** Name of the run. */
  readonly run: string;
  readonly experiment: 1 | 2 | 3;
  readonly features: readonly string[];
  readonly wordsSha256: string;
  /** 8 or 16 bits in fixed point, 32: floats; null: a tree. */
  readonly bits: 8 | 16 | 32 | null;
  /** ISO 8601, by our clock. */
  readonly at: string;
}

/** A deployment, asked just now. */
export interface DeployedStatus {
  readonly machine: string;
  /** `uname -r`, and the id of this boot. */
  readonly kernel: string;
  readonly bootId: string;
  /**
   * `running`; `none`: nothing is there; `rebooted`: the machine was started anew since it was deployed and no model is in its
   * kernel any more (it may have crashed, see `trouble`); `missing`: same boot, but it is gone.
   */
  readonly state: 'running' | 'none' | 'rebooted' | 'missing';
  readonly way: DeployedWay | null;
  readonly model: DeployedModel | null;
  readonly stats: DeployedStats | null;
  /** What the kernel's log says of oopses, warnings and panics since it was deployed (also of the boot before, where that is kept). */
  readonly trouble: readonly string[];
}
