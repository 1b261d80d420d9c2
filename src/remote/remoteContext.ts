import type { RemotePrograms } from './remotePrograms.js';

/** What all work on machines needs besides the connection. */
export interface RemoteContext {
  readonly programs: RemotePrograms;
  /** Of KernelOracle; written into what is collected. */
  readonly version: string;
  readonly now: () => Date;
}
