import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileSource } from '../../base/byteSource.js';
import { Failure } from '../../base/errors.js';
import { importMigrationRecords } from '../../trace/migrations/importMigrationRecords.js';
import { recogniseDocument } from '../../trace/documentKind.js';
import { namedLatencies, type NamedLatencies } from '../../trace/latency/latencyFileName.js';
import type { LatencyText } from '../../trace/latency/latencyText.js';
import { readLatencyText, type LatencyTextFile } from '../../trace/latency/readLatencyText.js';
import type { LatencyFile, LatencyPart, ToldOfLatencies } from './latencyFile.js';
import { latencyParts } from './latencyOfRecords.js';

/** What is asked of other parts of the project about files that are not only of latencies. */
export interface LatencySources {
  /** Latencies in benchmark results. Failures: those of reading them. */
  readResults(path: string): Promise<readonly LatencyPart[]>;
  /** What stands in a description beside the file, `NAME.meta.json`. */
  describe(path: string): Promise<ToldOfLatencies>;
}

/** The function whose latency is asked for mostly: it stands for a file that holds several. */
const USUAL_FUNCTION = 'can_migrate_task';
/** Remarks of a file that are told. */
const TOLD_REMARKS = 8;

/**
 * Reads a file of latencies, whatever kind it is of: benchmark results by their name, else by its content. Failures: those of
 * the byte source, `bad-input`, `empty-input`, `too-large`, `cancelled`.
 */
export async function readLatencyFile(
  path: string,
  sources: LatencySources,
  signal?: AbortSignal,
): Promise<LatencyFile> {
  if (/\.json$/i.test(path)) return ofResults(path, await sources.readResults(path));
  const facts = await stat(path).catch(() => undefined);
  // Opening a pipe waits for its other end: what is wrong with other paths, opening them says.
  if (facts !== undefined && !facts.isDirectory() && !(facts.isFile() && facts.size > 0)) {
    throw notRegular(path);
  }
  const source = await fileSource(path);
  const document = await recogniseDocument(source, signal);
  const described = await sources.describe(path);
  const name = namedLatencies(basename(path));
  if (document.kind === 'migrationRecords') {
    const store = await importMigrationRecords(document.source, signal === undefined ? {} : { signal });
    return {
      path,
      parts: latencyParts(store, path),
      addsAllParts: false,
      told: merged(described, toldByName(name), { unit: 'ns' }),
      tellsUnit: true,
      badLines: store.malformedCount,
      remarks: store.malformedLines
        .slice(0, TOLD_REMARKS)
        .map(({ line, reason }) => `line ${line}: ${reason}`),
    };
  }
  const read = await readLatencyText(document.source, signal);
  const unit = read.text.unit ?? name.unit;
  return {
    path,
    parts: partsOf(read.text),
    addsAllParts: false,
    told: merged(toldBy(read.text), described, toldByName(name), { unit: unit ?? 'ns' }),
    tellsUnit: unit !== undefined,
    badLines: read.badLines,
    remarks: remarksOf(read),
  };
}

/** A study may name any path: what never ends must not be read. */
function notRegular(path: string): Failure {
  return new Failure(
    'empty-input',
    `${path} is empty or no regular file. Files of the kernel are copied first: cat ${basename(path)} > latencies.txt`,
  );
}

function ofResults(path: string, parts: readonly LatencyPart[]): LatencyFile {
  return { path, parts, addsAllParts: true, told: {}, tellsUnit: true, badLines: 0, remarks: [] };
}

function partsOf(text: LatencyText): LatencyPart[] {
  const parts = [...text.values].map(([key, values]): LatencyPart => {
    let sorted: Float64Array | undefined;
    return {
      key,
      name: key === '' ? 'all numbers' : key,
      count: values.length,
      values: () => (sorted ??= values.sorted()),
    };
  });
  const rank = ({ key, count }: LatencyPart) => (key === USUAL_FUNCTION ? Infinity : count);
  return parts.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)));
}

function toldByName({ label, benchmark, probe }: NamedLatencies): ToldOfLatencies {
  return {
    label,
    benchmark: benchmark === '' ? undefined : benchmark,
    probe: probe === '' ? undefined : probe,
  };
}

function toldBy({ told, kind }: LatencyText): ToldOfLatencies {
  return {
    label: told.get('label') ?? told.get('mode') ?? told.get('kernel'),
    benchmark: told.get('benchmark'),
    probe: told.get('probe') ?? (kind === 'function_graph' ? 'function_graph' : undefined),
    machine: told.get('machine'),
  };
}

function remarksOf({ text }: LatencyTextFile): string[] {
  const remarks = text.diagnostics.map(({ line, message }) =>
    line === undefined ? message : `line ${line}: ${message}`,
  );
  if (text.lost > 0) remarks.unshift(`the tracer lost ${text.lost} events`);
  return remarks.slice(0, TOLD_REMARKS);
}

/** Field by field, the first one that knows it. */
function merged(...told: readonly ToldOfLatencies[]): ToldOfLatencies {
  const first = <K extends keyof ToldOfLatencies>(key: K) =>
    told.find((each) => each[key] !== undefined)?.[key];
  return {
    label: first('label'),
    benchmark: first('benchmark'),
    probe: first('probe'),
    machine: first('machine'),
    unit: first('unit'),
  };
}
