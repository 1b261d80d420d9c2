import { isFailure } from '../base/errors.js';
import { EXPORT_FORMATS, exportFormat, writeExport } from '../trace/exporters/exportTrace.js';
import { readStore, type InputOptions } from './openTrace.js';
import { timeRange } from './timeRange.js';

export interface ExportOptions extends InputOptions {
  readonly to: string;
  readonly output: string;
  readonly from?: string;
  readonly until?: string;
  readonly cpu?: number;
}

export const EXPORT_FORMAT_NAMES = EXPORT_FORMATS.map(({ name }) => name);

/** `export FILE… --to FORMAT -o OUT`: converts all or a part; the output appears whole or not at all. */
export async function exportFile(paths: readonly string[], options: ExportOptions): Promise<void> {
  const { leavesOut } = exportFormat(options.to);
  const store = await readStore(paths, options);
  const cancel = new AbortController();
  const onInterrupt = () => cancel.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const { bytes, events } = await writeExport(store, {
      format: options.to,
      path: options.output,
      range: timeRange(store, options.from, options.until),
      cpu: options.cpu,
      signal: cancel.signal,
    });
    const part = events === store.length ? '' : ` of ${store.length}`;
    process.stderr.write(`${options.output}: ${events}${part} events, ${bytes} bytes\n`);
    if (leavesOut !== undefined && options.quiet !== true) {
      process.stderr.write(`note: ${options.to} does not hold ${leavesOut}.\n`);
    }
  } catch (error) {
    if (isFailure(error, 'cancelled')) process.exitCode = 130;
    throw error;
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}
