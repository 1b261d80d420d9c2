import { constants, setPriority } from 'node:os';

/** On a busy machine the editor stays quick. Threads that the process starts later are as nice as it is. */
export function becomeNice(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It is gone already, which its end tells; or the system does not let us: it works all the same.
  }
}
