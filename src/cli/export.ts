import { isFailure } from '../base/errors.js';
import { EXPORT_FORMATS, writeExport } from '../trace/exporters/exportTrace.js';
import { readStore, type InputOptions } from './openTrace.js';

export interface ExportOptions extends InputOptions {
  readonly to: string;
  readonly output: string;
}

export const EXPORT_FORMAT_NAMES = EXPORT_FORMATS.map(({ name }) => name);

/** `export FILE --to FORMAT -o OUT`: converts; the output appears whole or not at all. */
export async function exportFile(path: string, options: ExportOptions): Promise<void> {
  const store = await readStore(path, options);
  const cancel = new AbortController();
  const onInterrupt = () => cancel.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const bytes = await writeExport(store, options.to, options.output, cancel.signal);
    process.stderr.write(`${options.output}: ${store.length} events, ${bytes} bytes\n`);
  } catch (error) {
    if (isFailure(error, 'cancelled')) process.exitCode = 130;
    throw error;
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}
