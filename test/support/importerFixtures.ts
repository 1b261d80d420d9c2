/** The recordings under `test/fixtures` that an importer reads, found by their place. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export interface ImporterFixture {
  /** Path below `test/fixtures`, e.g. `tracefs/6.18/nop.txt`. */
  readonly name: string;
  /** Of the importer that reads it. */
  readonly format: string;
  /** Its content, decompressed. */
  readonly bytes: Uint8Array;
}

const FOLDER = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** Which files of a tool's folder are recordings (the others are oracles and scripts), and who reads them. */
const KINDS: readonly { readonly tool: string; readonly format: string; readonly files: RegExp }[] = [
  { tool: 'tracefs', format: 'tracefs-text', files: /\.txt(?:\.gz)?$/ },
  { tool: 'perf-sched-map', format: 'perf-sched-map', files: /^(?!.*\.switches\.).*\.txt$/ },
  { tool: 'kernel-oracle-csv', format: 'kernel-oracle-csv', files: /\.csv$/ },
  { tool: 'perf', format: 'perf-timehist', files: /\.timehist(?:_\w+)?\.txt(?:\.gz)?$/ },
  { tool: 'systrace', format: 'systrace-html', files: /\.html(?:\.gz)?$/ },
  { tool: 'trace-cmd-report', format: 'trace-cmd-report', files: /\.report\.txt(?:\.gz)?$/ },
  { tool: 'trace-cmd', format: 'trace-dat', files: /\.dat$/ },
  { tool: 'schedviz', format: 'schedviz', files: /\.tar\.gz$/ },
  { tool: 'perfetto', format: 'perfetto', files: /\.pftrace(?:\.gz)?$/ },
  { tool: 'perf-data', format: 'perf-data', files: /\.data(?:\.gz)?$/ },
  { tool: 'lttng', format: 'ctf', files: /\.tar\.gz$/ },
  { tool: 'perf', format: 'perf-script', files: /\.script\.txt(?:\.gz)?$/ },
];

export function fixtureBytes(name: string): Uint8Array {
  const content = readFileSync(FOLDER + name);
  return Uint8Array.from(name.endsWith('.gz') ? gunzipSync(content) : content);
}

export function importerFixtures(): ImporterFixture[] {
  return KINDS.flatMap(({ tool, format, files }) =>
    filesBelow(FOLDER + tool)
      .filter((file) => files.test(file))
      .sort()
      .map((file) => ({ name: `${tool}/${file}`, format, bytes: fixtureBytes(`${tool}/${file}`) })),
  );
}

function filesBelow(folder: string): string[] {
  // A format without fixtures fails the harness by name, not everybody who wants others.
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
}
