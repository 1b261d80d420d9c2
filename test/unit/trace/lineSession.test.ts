import { describe, expect, it } from 'vitest';
import {
  LineSession,
  MAX_LINE_BYTES,
  type LineReader,
} from '../../../src/trace/importers/text/lineSession.js';
import { EventStore } from '../../../src/trace/model/eventStore.js';

const encoder = new TextEncoder();

/** Gathers lines; those that start with `?` count as unreadable, those that start with `!` take the shortcut. */
class Gathering implements LineReader {
  readonly lines: [number, string][] = [];
  fastLines = 0;

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    this.lines.push([lineNumber, new TextDecoder().decode(bytes.subarray(start, end))]);
    return bytes[start] !== 0x3f;
  }

  fast(bytes: Uint8Array, start: number, lineNumber: number): number {
    if (bytes[start] !== 0x21) return -1;
    const newline = bytes.indexOf(0x0a, start);
    if (newline < 0) return -1;
    this.fastLines += 1;
    this.line(bytes, start, newline, lineNumber);
    return newline + 1;
  }
}

function begin() {
  const store = new EventStore();
  const reader = new Gathering();
  return { store, reader, session: new LineSession(store, reader) };
}

describe('LineSession', () => {
  const text = '\ufefffirst\r\n!fast one\n\n  third \n?bad\n!fast two\nü—ß\r\n\r\nlast\n';
  const wanted = ['first', '!fast one', '', '  third ', '?bad', '!fast two', 'ü—ß', '', 'last'];

  it.each([1, 2, 3, 5, 7, 97, 1000])('cuts the same lines in chunks of %i bytes', (size) => {
    const { store, reader, session } = begin();
    const bytes = encoder.encode(text);
    // A mark that is cut in two is seen only in a whole first chunk, as readers of files give it.
    const first = Math.max(size, 3);
    session.push(bytes.subarray(0, first));
    for (let at = first; at < bytes.length; at += size) session.push(bytes.slice(at, at + size));
    session.end();
    expect(reader.lines).toEqual(wanted.map((line, at) => [at + 1, line]));
    expect(store.diagnostics).toEqual([
      { severity: 'warning', message: 'This line cannot be read and was skipped: ?bad', line: 5 },
    ]);
    if (size === 1000) expect(reader.fastLines).toBe(2);
  });

  it('leaves out a last line without an end, and says so', () => {
    const { store, reader, session } = begin();
    session.push(encoder.encode('whole\nhal'));
    session.push(encoder.encode('f'));
    session.end();
    expect(reader.lines).toEqual([[1, 'whole']]);
    expect(store.diagnostics).toMatchObject([{ severity: 'warning', line: 2 }]);
  });

  it('names the first five unreadable lines and counts all', () => {
    const { store, session } = begin();
    session.push(encoder.encode('?x\u001b[2J\n'.repeat(1000)));
    session.end();
    expect(store.diagnostics.length).toBe(6);
    expect(store.diagnostics[0]!.message).toBe('This line cannot be read and was skipped: ?x·[2J');
    expect(store.diagnostics[5]!.message).toMatch(/^1000 lines in all/);
  });

  it.each([
    ['little', [0xff, 0xfe, 0x23, 0x00]],
    ['big', [0xfe, 0xff, 0x00, 0x23]],
  ])('refuses UTF-16 (%s endian) with what to do about it', (_, bytes) => {
    const { session } = begin();
    expect(() => session.push(Uint8Array.from(bytes))).toThrow(/UTF-16.*iconv/);
  });

  it('skips one line of 500 MB in bounded memory and reads on behind it', () => {
    const { store, reader, session } = begin();
    const chunk = new Uint8Array(4 * 1024 * 1024).fill(0x61);
    session.push(encoder.encode('before\n'));
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    for (let pushed = 0; pushed < 500e6; pushed += chunk.length) {
      session.push(chunk);
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    }
    session.push(encoder.encode('aaa\nafter\n'));
    session.end();
    expect(peak).toBeLessThan(8 * MAX_LINE_BYTES);
    expect(reader.lines).toEqual([
      [1, 'before'],
      [3, 'after'],
    ]);
    expect(store.diagnostics).toMatchObject([
      { line: 2, message: expect.stringMatching(/1 MiB/) as unknown },
    ]);
  });

  it.each([MAX_LINE_BYTES, MAX_LINE_BYTES + 1])('knows the limit exactly (%i bytes)', (length) => {
    for (const size of [64 * 1024, length + 1]) {
      const { reader, session } = begin();
      const bytes = new Uint8Array(length + 1).fill(0x61);
      bytes[length] = 0x0a;
      for (let at = 0; at < bytes.length; at += size) session.push(bytes.slice(at, at + size));
      session.end();
      expect(reader.lines.length).toBe(length > MAX_LINE_BYTES ? 0 : 1);
    }
  });
});
