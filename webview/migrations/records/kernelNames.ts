import { unknownText } from '../../common/format.js';

/** `enum migration_type` of kernel/sched/fair.c, Linux 5.5 and later. */
const typeNames = ['load', 'util', 'task', 'misfit'];

/** `LBF_*` of kernel/sched/fair.c, Linux 6.1, by bit. */
const lbFlagNames = ['ALL_PINNED', 'NEED_BREAK', 'DST_PINNED', 'SOME_PINNED', 'ACTIVE_LB'];

export function typeName(type: number | null): string {
  return type === null ? unknownText : (typeNames[type] ?? String(type));
}

/** The flags in words, as Linux 6.1 numbers them. */
export function flagNames(flags: number): string {
  const names: string[] = [];
  for (let bit = 0; bit < 31; bit++) {
    if (((flags >>> bit) & 1) === 1) names.push(lbFlagNames[bit] ?? `bit ${bit}`);
  }
  return names.length === 0 ? 'no flags' : `${names.join(', ')} (names of Linux 6.1)`;
}
