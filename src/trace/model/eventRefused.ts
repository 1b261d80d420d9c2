import { Failure } from '../../base/errors.js';
import { EVENT_NAMES, EventType } from './eventType.js';

/** Highest CPU number of the model: 65535 means "not known". Kernels are built for 8192 CPUs at most. */
export const MAX_CPU = 65_534;

/** This one event cannot be stored; nothing was changed, and reading may go on with the next. */
export class EventRefused extends Failure {}

/** 2^53: the largest span of nanoseconds (104 days) that a float64 offset holds exactly. */
export const MAX_EXACT_OFFSET = Number.MAX_SAFE_INTEGER;

/** Failure `EventRefused` for an offset too far away, or an `arg` beyond -1…MAX_CPU that the type does not have. */
export function requireStorable(type: EventType, offset: number, arg: number, line: number): void {
  if (!(offset <= MAX_EXACT_OFFSET && offset >= -MAX_EXACT_OFFSET)) throw tooLongSpan(line);
  if ((arg > MAX_CPU || arg < -1) && !isArgOf(type, arg)) throw impossible(line, EVENT_NAMES[type], arg);
}

/** Whether an `arg` beyond -1…MAX_CPU is one that events of this type have. */
function isArgOf(type: EventType, arg: number): boolean {
  switch (type) {
    case EventType.StatRuntime:
      return Number.isSafeInteger(arg);
    case EventType.Migrate:
      return arg >= 0 && arg < 65536 * 65536;
    case EventType.Exec:
      return arg === (arg | 0);
    default:
      return false;
  }
}

export function impossible(line: number, what: string, value: number): EventRefused {
  return new EventRefused(
    'bad-input',
    `Line ${line}: ${what} ${value}, a number that no kernel gives. The event was left out.`,
  );
}

export function tooLongSpan(line: number): EventRefused {
  return new EventRefused(
    'bad-input',
    `Line ${line}: this event lies more than 104 days away from the first one, which no recording does. The time stamps are damaged.`,
  );
}
