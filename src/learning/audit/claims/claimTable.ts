import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Failure, messageOf } from '../../../base/errors.js';

/** A table of inputs and labels. */
export interface ClaimTable {
  readonly file: string;
  readonly rows: number;
  /** Lines that are no rows: another number of fields, or an empty label. */
  readonly leftOut: number;
  readonly label: string;
  readonly columns: readonly TableColumn[];
  /** By row: index in `classes`. */
  readonly labels: Uint8Array;
  /** Values of the label as they stand in the file. */
  readonly classes: readonly string[];
}

export interface TableColumn {
  readonly name: string;
  /** Numbers as they are; texts numbered as they first occur; NaN where there is none. */
  readonly values: Float64Array;
}

const MAX_BYTES = 256 * 1024 * 1024;
const MAX_COLUMNS = 256;
/** A label with more values is a quantity and no class. */
const MAX_CLASSES = 20;

/**
 * Reads comma-separated values with a header line, compressed by gzip or not.
 * @param inputs the columns that are wanted; all but the label unless told
 * Failures: `file-not-found`, `read-failed`, `too-large`, `bad-input`.
 */
export async function readClaimTable(
  path: string,
  label: string,
  inputs: readonly string[] | undefined,
): Promise<ClaimTable> {
  const lines = (await contentOf(path)).split('\n');
  const names = fieldsOf(lines[0] ?? '');
  if (names.length > MAX_COLUMNS) {
    throw new Failure('bad-input', `${path} has ${names.length} columns; at most ${MAX_COLUMNS} are read.`);
  }
  const labelAt = placeOf(path, names, label);
  const places = (inputs ?? names.filter((name) => name !== label)).map((name) => placeOf(path, names, name));
  const rows = lines
    .slice(1)
    .filter((line) => line.trim() !== '')
    .map(fieldsOf);
  const sound = rows.filter((fields) => fields.length === names.length && fields[labelAt] !== '');
  if (sound.length === 0) throw new Failure('bad-input', `${path} has no row below its header.`);
  const classes = [...new Set(sound.map((fields) => fields[labelAt]!))].sort();
  if (classes.length > MAX_CLASSES) {
    throw new Failure(
      'bad-input',
      `${path}: ${label} has ${classes.length} values; a label has at most ${MAX_CLASSES}.`,
    );
  }
  return {
    file: path,
    rows: sound.length,
    leftOut: rows.length - sound.length,
    label,
    columns: places.map((at) => ({ name: names[at]!, values: valuesOf(sound, at) })),
    labels: Uint8Array.from(sound, (fields) => classes.indexOf(fields[labelAt]!)),
    classes,
  };
}

function placeOf(path: string, names: readonly string[], name: string): number {
  const at = names.indexOf(name);
  if (at >= 0) return at;
  throw new Failure('bad-input', `${path} has no column "${name}". It has: ${names.join(', ')}.`);
}

function valuesOf(rows: readonly (readonly string[])[], at: number): Float64Array {
  const numbers = new Map<string, number>();
  return Float64Array.from(rows, (fields) => {
    const text = fields[at]!;
    if (text === '') return NaN;
    const value = Number(text);
    if (!Number.isNaN(value)) return value;
    const known = numbers.get(text) ?? numbers.size;
    numbers.set(text, known);
    return known;
  });
}

/** Fields of a line (RFC 4180, without line feeds in them). */
function fieldsOf(line: string): string[] {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (!text.includes('"')) return text.split(',').map((field) => field.trim());
  const fields: string[] = [];
  for (const [, quoted, plain] of text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    fields.push(quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"'));
  }
  return fields;
}

async function contentOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) {
      throw new Failure('too-large', `${path} has ${size} bytes; at most ${MAX_BYTES} are read.`);
    }
    const bytes = await readFile(path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const plain = isGzip ? await promisify(gunzip)(bytes, { maxOutputLength: MAX_BYTES }) : bytes;
    return plain.toString('utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof Failure) throw error;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Failure(
      isMissing ? 'file-not-found' : 'read-failed',
      isMissing
        ? `${path}, the table of a claim, does not exist.`
        : `${path} cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
