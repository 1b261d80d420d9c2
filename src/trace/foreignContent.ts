/** Content that people open by mistake, or that is a trace in a form not read here: what it is and what helps. */

import { looksLikeMigrationRecords } from './migrations/recordHeader.js';

export interface ForeignContent {
  /** As part of a sentence: "it is …". */
  readonly what: string;
  /** A sentence on what to do instead; only conversions whose results the importers read. */
  readonly advice?: string;
  readonly matches: (head: Uint8Array, text: string) => boolean;
}

const PERF_SCRIPT = '"perf script --ns -F comm,pid,tid,cpu,time,event,trace"';
/** Text is looked for marks in this much of the beginning. */
const TEXT_BYTES = 64 * 1024;

const FOREIGN: readonly ForeignContent[] = [
  {
    what: 'a perf.data file of perf before 2.6.36',
    advice:
      'No perf of today reads it: print it with the perf that wrote it ("perf script"), and open that text.',
    matches: startsWithText('PERFFILE'),
  },
  {
    what: 'a data stream of a CTF trace (LTTng), which only its "metadata" file describes',
    advice: 'Open the file "metadata" that lies beside it.',
    matches: (head) =>
      startsWithBytes(0xc1, 0x1f, 0xfc, 0xc1)(head) || startsWithBytes(0xc1, 0xfc, 0x1f, 0xc1)(head),
  },
  {
    what: 'the metadata of a trace in CTF 2',
    advice:
      'CTF 1.8 is read: record with LTTng\'s "--trace-format=ctf-1.8", or convert with "babeltrace2 convert".',
    matches: startsWithText(
      '\x1e{"type":"preamble"',
      '\x1e{ "type": "preamble"',
      '\x1e{\n  "type": "preamble"',
    ),
  },
  { what: 'an Apache Parquet file', matches: startsWithText('PAR1') },
  {
    what: 'a ZIP archive',
    advice: 'Unpack it and open the trace in it.',
    matches: startsWithBytes(0x50, 0x4b, 0x03, 0x04),
  },
  {
    what: 'compressed with bzip2',
    advice: 'Decompress it first: "bunzip2". gzip, zstd and xz are read as they are.',
    matches: (head) => hasText(head, 0, 'BZh') && hasText(head, 4, '1AY&SY'),
  },
  {
    what: 'compressed with lz4',
    advice: 'Decompress it first: "unlz4". gzip, zstd and xz are read as they are.',
    matches: startsWithBytes(0x04, 0x22, 0x4d, 0x18),
  },
  {
    what: 'a 7-Zip archive',
    advice: 'Unpack it and open the trace in it.',
    matches: startsWithBytes(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c),
  },
  {
    what: 'a PNG picture',
    matches: startsWithBytes(0x89, ...codes('PNG')),
  },
  { what: 'a JPEG picture', matches: startsWithBytes(0xff, 0xd8, 0xff) },
  { what: 'a PDF document', matches: startsWithText('%PDF-') },
  { what: 'a program or library (ELF)', matches: startsWithBytes(0x7f, ...codes('ELF')) },
  { what: 'an SQLite database', matches: startsWithText('SQLite format 3\0') },
  {
    what: 'text in UTF-16',
    advice:
      'Trace tools write UTF-8: convert it, for example with "iconv -f UTF-16 -t UTF-8". PowerShell\'s ">" writes UTF-16.',
    matches: isUtf16,
  },
  { what: 'an HTML page', matches: (_head, text) => /^\s*<(?:!doctype html|html)\b/i.test(text) },
  {
    what: 'a trace in JSON (Chrome, Perfetto, speedscope …), which holds no scheduler events of the kernel in a form read here',
    matches: (_head, text) =>
      /^\s*(?:\{[^{}]{0,200}"traceEvents"\s*:|\[\s*\{[^{}]*"ph"\s*:\s*")/.test(text.slice(0, 4096)),
  },
  {
    what: 'the table that "perf sched latency" prints, which is a result and no longer holds the events',
    advice: `Print the recording itself with ${PERF_SCRIPT}.`,
    matches: (_head, text) => /^ *Task +\| +Runtime ms +\| +Switches \|/m.test(text),
  },
  {
    what: 'a table of migration records (calls of can_migrate_task), which is no trace: it holds decisions of the load balancer and no scheduler events',
    advice:
      'Print its summary with "kernel-oracle info", or open it in the editor, where it has a view of its own.',
    matches: looksLikeMigrationRecords,
  },
  { what: 'binary data of an unknown kind', matches: (head) => head.includes(0) },
];

/** What the beginning of a file is, when it is known not to be readable; undefined for anything else. */
export function recogniseForeign(head: Uint8Array): ForeignContent | undefined {
  const text = new TextDecoder('latin1').decode(head.subarray(0, TEXT_BYTES));
  return FOREIGN.find(({ matches }) => matches(head, text));
}

function codes(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

function hasText(head: Uint8Array, at: number, text: string): boolean {
  return codes(text).every((code, i) => head[at + i] === code);
}

function startsWithText(...texts: readonly string[]): (head: Uint8Array) => boolean {
  return (head) => texts.some((text) => hasText(head, 0, text));
}

function startsWithBytes(...bytes: readonly number[]): (head: Uint8Array) => boolean {
  return (head) => bytes.every((byte, at) => head[at] === byte);
}

/** By its mark, or because every second byte of the beginning is 0. */
function isUtf16(head: Uint8Array): boolean {
  if (startsWithBytes(0xff, 0xfe)(head) || startsWithBytes(0xfe, 0xff)(head)) return true;
  const looked = Math.min(head.length, 256) & ~1;
  if (looked < 8) return false;
  const zeros = [0, 0];
  for (let i = 0; i < looked; i += 1) if (head[i] === 0) zeros[i % 2]! += 1;
  const [even, odd] = zeros as [number, number];
  const half = looked / 2;
  return (even >= half * 0.9 && odd === 0) || (odd >= half * 0.9 && even === 0);
}
