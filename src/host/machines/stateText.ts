import type { MachineState } from '../../remote/machine.js';

export interface StateText {
  /** For the row of a tree, where there is little room: `ready`, `checking`, `lost, next try 12:03:20`. */
  readonly short: string;
  /** A sentence or two, with why. */
  readonly long: string;
}

/** A machine's state in words. */
export function stateText(state: MachineState, nowMs: number): StateText {
  switch (state.kind) {
    case 'disconnected':
      return { short: '', long: 'not connected' };
    case 'connecting': {
      const text = state.attempt <= 1 ? 'connecting…' : `connecting, attempt ${state.attempt}…`;
      return { short: text, long: text };
    }
    case 'ready':
      return { short: 'ready', long: 'connected, nothing is running' };
    case 'busy': {
      const queued = state.queued.length === 0 ? '' : `, ${state.queued.length} waiting`;
      const behind = state.queued.length === 0 ? '' : `; waiting: ${state.queued.join(', ')}`;
      return { short: `${state.what}${queued}`, long: `${state.what}${behind}` };
    }
    case 'lost':
      return lost(state.why, state.nextAttemptAtMs, nowMs);
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  'host-key-refused': 'host key refused',
  'authentication-failed': 'login refused',
  'connection-lost': 'lost',
  'bad-input': 'configuration is wrong',
};

function lost(
  { code, message }: { readonly code: string; readonly message: string },
  nextAttemptAtMs: number | undefined,
  nowMs: number,
): StateText {
  const what = REFUSALS[code] ?? 'unreachable';
  if (nextAttemptAtMs === undefined) return { short: what, long: `${what}. ${message}` };
  const when =
    nextAttemptAtMs <= nowMs
      ? 'next try now'
      : `next try ${new Date(nextAttemptAtMs).toLocaleTimeString('en-GB')}`;
  return { short: `${what}, ${when}`, long: `${what}, ${when}. ${message}` };
}
