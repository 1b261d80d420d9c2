import { Failure } from '../../base/errors.js';
import { EventType } from './eventType.js';

/** This one event cannot be stored; nothing was changed, and reading may go on with the next. */
export class EventRefused extends Failure {}

/** Whether an `arg` beyond -1…MAX_CPU is one that events of this type have. */
export function isArgOf(type: EventType, arg: number): boolean {
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
