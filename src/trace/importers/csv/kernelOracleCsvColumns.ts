/** The header row of KernelOracle's CSV files: which of the two forms it is, and where its columns stand. */
import { CsvFields } from './csvFields.js';

/** Numbers of the columns; -1 where the file has no such column. */
export interface CsvColumns {
  /** `task-codes`: made from `perf sched map`, one CPU. `switches`: one row a sched_switch, all CPUs. */
  readonly form: 'task-codes' | 'switches';
  readonly time: number;
  readonly comm: number;
  readonly pid: number;
  readonly cpu: number;
  readonly state: number;
  readonly previousComm: number;
  readonly workload: number;
  readonly trace: number;
  /** Fields of the header row; each row has as many. */
  readonly count: number;
}

const TASK_CODES = ['task_code', 'time', 'name', 'pid'];
const SWITCHES = ['timestamp', 'task_name', 'pid', 'cpu', 'prev_state', 'prev_comm'];
const NO_HEADER = `no header row with the columns ${TASK_CODES.join(',')} or ${SWITCHES.join(',')}`;

/** Columns of a header row, in whatever order and with whatever further ones; else, as text, why it is none. */
export function readCsvColumns(line: Uint8Array, start: number, end: number): CsvColumns | string {
  const fields = new CsvFields();
  if (!fields.read(line, start, end)) return NO_HEADER;
  const names = Array.from({ length: fields.count }, (_, field) => fields.text(field).trim());
  const noTaskCodes = TASK_CODES.filter((name) => !names.includes(name));
  const noSwitches = SWITCHES.filter((name) => !names.includes(name));
  if (noTaskCodes.length > 0 && noSwitches.length > 0) return whyNot(names, noTaskCodes, noSwitches);

  const isSwitches = noSwitches.length === 0;
  const twice = (isSwitches ? SWITCHES : TASK_CODES).find(
    (name) => names.indexOf(name) !== names.lastIndexOf(name),
  );
  if (twice !== undefined) return `its header names the column ${twice} twice`;
  const ofSwitches = (name: string) => (isSwitches ? names.indexOf(name) : -1);
  return {
    form: isSwitches ? 'switches' : 'task-codes',
    time: names.indexOf(isSwitches ? 'timestamp' : 'time'),
    comm: names.indexOf(isSwitches ? 'task_name' : 'name'),
    pid: names.indexOf('pid'),
    cpu: ofSwitches('cpu'),
    state: ofSwitches('prev_state'),
    previousComm: ofSwitches('prev_comm'),
    workload: names.indexOf('workload_type'),
    trace: names.indexOf('trace_id'),
    count: names.length,
  };
}

/** Names the missing columns when enough is there to believe that one of the forms was meant. */
function whyNot(
  names: readonly string[],
  noTaskCodes: readonly string[],
  noSwitches: readonly string[],
): string {
  if (names.includes('task_code')) return `its header has task_code, but not ${noTaskCodes.join(', ')}`;
  if (noSwitches.length <= 3) return `its header has some of the columns, but not ${noSwitches.join(', ')}`;
  return NO_HEADER;
}
