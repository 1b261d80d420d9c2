import { once } from 'node:events';

/** Writes lines to stdout in large pieces, waiting when the reader of a pipe is slower than we are. */
export class LineWriter {
  #pending: string[] = [];
  #pendingLength = 0;

  async line(text: string): Promise<void> {
    this.#pending.push(text, '\n');
    this.#pendingLength += text.length + 1;
    if (this.#pendingLength > 64 * 1024) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#pendingLength === 0) return;
    const text = this.#pending.join('');
    this.#pending = [];
    this.#pendingLength = 0;
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  }
}

export async function printLines(lines: Iterable<string>): Promise<void> {
  const writer = new LineWriter();
  for (const line of lines) await writer.line(line);
  await writer.flush();
}

/** One JSON document; big integers become decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, each: unknown) => (typeof each === 'bigint' ? each.toString() : each),
    2,
  );
}

export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

/** A plain text table with a header line; columns as wide as their widest cell. */
export function* table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Generator<string> {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const widths = columns.map((column, at) =>
    cells.reduce((widest, row) => Math.max(widest, row[at]!.length), column.title.length),
  );
  const format = (texts: readonly string[]) =>
    texts
      .map((text, at) =>
        columns[at]!.align === 'left' ? text.padEnd(widths[at]!) : text.padStart(widths[at]!),
      )
      .join('  ')
      .trimEnd();
  yield format(columns.map((column) => column.title));
  yield widths.map((width) => '-'.repeat(width)).join('  ');
  for (const row of cells) yield format(row);
}

/** A task may name itself with escape sequences: a terminal must not obey them. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
}

/** Milliseconds with microseconds, as perf prints them; `-` when unknown. */
export function ms(valueNs: number | null): string {
  return valueNs === null ? '-' : (valueNs / 1e6).toFixed(3);
}

export function integer(value: number | null): string {
  return value === null ? '-' : String(value);
}

/** Absolute time as `seconds.nanoseconds`. Exact. */
export function stamp(absoluteNs: bigint): string {
  const sign = absoluteNs < 0n ? '-' : '';
  const digits = (absoluteNs < 0n ? -absoluteNs : absoluteNs).toString().padStart(10, '0');
  return `${sign}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
