import { EventType } from '../../trace/model/eventType.js';

/** Values of the store's type column, as the plain numbers that a typed array holds. */
export const SWITCH: number = EventType.Switch;
export const WAKEUP: number = EventType.Wakeup;
export const WAKEUP_NEW: number = EventType.WakeupNew;
export const WAKING: number = EventType.Waking;
export const MIGRATE: number = EventType.Migrate;
export const STAT_RUNTIME: number = EventType.StatRuntime;
