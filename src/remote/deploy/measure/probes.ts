/** What times can_migrate_task(), and how much of a model's time lies between the moments that it takes. */
import type { DeployedMode, DeployedWay } from '../../../protocol/deployment.js';

export const LATENCY_PROBES = ['function_graph', 'fentry'] as const;
export type LatencyProbe = (typeof LATENCY_PROBES)[number];

/** How a module hangs on the function, as its parameter `attach` tells; null: not told, or another way. */
export type ModuleAttachment = 'ftrace' | 'kretprobe' | null;

/** `whole`: all of what a model adds lies inside. `part`, `nothing`: the kernel's own count must be read beside it. */
export const SEEN = ['whole', 'part', 'nothing', 'unknown'] as const;
export type Seen = (typeof SEEN)[number];

export interface ProbeSight {
  readonly seen: Seen;
  /** A sentence. */
  readonly words: string;
}

/** As files of latencies name them: the words before the comma are what the panel of latencies tells probes by. */
export const PROBE_TEXTS: Readonly<Record<LatencyProbe, string>> = {
  function_graph: 'function_graph, set_ftrace_filter = can_migrate_task',
  fentry: 'bpftrace fentry',
};

/**
 * Follows from where each hook sits, with the probe set after the model (README.md of this folder tells why): of ftrace's
 * handlers the newest runs first, and of two that change the return address the first is the outer one; in a trampoline of eBPF
 * the newest program runs first on entry and on exit.
 */
export function sightOf(
  probe: LatencyProbe,
  mode: DeployedMode,
  way: DeployedWay,
  attachment: ModuleAttachment,
): ProbeSight {
  if (mode === 'off') return { seen: 'whole', words: 'No model is asked.' };
  if (probe === 'function_graph') return graphSight(way, attachment);
  switch (way) {
    case 'patched':
      return { seen: 'whole', words: 'The model is asked by the function itself, between entry and exit.' };
    case 'ebpf':
      return {
        seen: 'part',
        words:
          'The programs of the model and of the probe share a trampoline: what the model does on entry is inside, what it does on exit comes after the time was taken.',
      };
    case 'module':
      return moduleSight(attachment);
  }
}

function graphSight(way: DeployedWay, attachment: ModuleAttachment): ProbeSight {
  switch (way) {
    case 'patched':
      return { seen: 'whole', words: 'The model is asked by the function itself, between entry and return.' };
    case 'ebpf':
      return {
        seen: 'whole',
        words: 'The time begins before the trampoline of eBPF and ends when that has returned.',
      };
    case 'module':
      return {
        seen: 'whole',
        words:
          attachment === 'kretprobe'
            ? 'The tracer was set last, so that its return handler runs after that of the kretprobe, in which the model is asked.'
            : 'The function of the module that stands in for it is inside, with the model and the original.',
      };
  }
}

function moduleSight(attachment: ModuleAttachment): ProbeSight {
  switch (attachment) {
    case 'ftrace':
      return {
        seen: 'whole',
        words:
          'The trampoline of eBPF calls the function of the module that stands in for it, with the model and the original.',
      };
    case 'kretprobe':
      return {
        seen: 'nothing',
        words:
          'The model is asked by the handler of the kretprobe, which runs after the exit that is timed: this probe cannot see it.',
      };
    case null:
      return {
        seen: 'unknown',
        words: 'The module does not tell how it hangs on the function: the model may be outside.',
      };
  }
}
