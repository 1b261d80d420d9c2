/** The kernel's own count of the calls of can_migrate_task: by a probe of ours that only counts. */
import type { Connection } from '../../../src/remote/connection.js';
import { shell } from './kernelMachine.js';

/**
 * Behind the five bytes that fentry patches, with or without an instruction for IBT in front of them: two kinds of probes at
 * one place, set and removed under load, have brought down a kernel 6.1 here.
 */
const PROBES = [5, 9].map((offset) => `p:kernel_oracle_test/calls can_migrate_task+${offset}`);
const SET = PROBES.map((probe) => `echo '${probe}' >>kprobe_events`).join(' || ');
const COUNT = `awk '$1 == "calls" { print $2 }' /sys/kernel/tracing/kprobe_profile`;
const MONOTONIC_NS = `awk '{ printf "%d\\n", $1 * 1000 }' /proc/uptime`;

export class CallCount {
  private constructor(private readonly watcher: Connection) {}

  /** @param watcher as root */
  static async start(watcher: Connection): Promise<CallCount> {
    await shell(
      watcher,
      `cd /sys/kernel/tracing; { ${SET}; } 2>/dev/null; mkdir -p instances/count; echo 1 >instances/count/events/kernel_oracle_test/calls/enable`,
    );
    return new CallCount(watcher);
  }

  async read(): Promise<number> {
    return Number(await shell(this.watcher, COUNT));
  }

  async stop(): Promise<void> {
    await shell(
      this.watcher,
      `cd /sys/kernel/tracing; echo 0 >instances/count/events/kernel_oracle_test/calls/enable; rmdir instances/count; echo '-:kernel_oracle_test/calls' >>kprobe_events`,
    );
  }
}

/** Nanoseconds of the machine's monotonic clock, to 10 ms. */
export async function monotonicNs(watcher: Connection): Promise<number> {
  return 1e6 * Number(await shell(watcher, MONOTONIC_NS));
}
