/** The language of CTF metadata, beyond what the recordings in use have of it. */
import { describe, expect, it } from 'vitest';
import { isFailure } from '../../../../src/base/errors.js';
import { ctf } from '../../../../src/trace/importers/ctf/ctf.js';
import { parseCtfMetadata } from '../../../../src/trace/importers/ctf/ctfMetadata.js';
import { staticBitsOf, type FieldType } from '../../../../src/trace/importers/ctf/fieldTypes.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';
import { memoryFolder } from '../../../support/memoryFolder.js';
import { rowTexts } from '../../../support/storeRows.js';

const INTEGERS = `/* CTF 1.8 */
typealias integer { size = 8; } := u8;
typealias integer { size = 32; align = 32; signed = true; } := const int;
typealias integer { size = 64; } := unsigned long long;
`;

function fieldsOf(text: string): FieldType {
  const metadata = parseCtfMetadata(`${INTEGERS}event { name = x; fields := ${text}; };`);
  expect(metadata.fault).toBeUndefined();
  return metadata.streams.get(0)!.events.get(0)!.fields!;
}

function faultOf(text: string): string {
  return parseCtfMetadata(`/* CTF 1.8 */\n${text}`).fault ?? 'none';
}

function encoded(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

describe('types', () => {
  it.each([
    ['struct { u8 a; unsigned long long b; }', 72],
    ['struct { u8 a; integer { size = 32; align = 32; } b; } align(64)', 64],
    ['struct { u8 a[3][2], b; }', 56],
    ['struct { typedef u8 pair[2]; pair a; typealias u8 := byte; byte b; }', 24],
    ['struct { struct tag { u8 a; }; struct tag b; struct tag c[2]; }', 24],
    ['struct { enum colour : u8 { RED, "GREEN" = 5, BLUE = 7 ... 9, }; enum colour a; }', 8],
    ['struct { floating_point { exp_dig = 11; mant_dig = 53; align = 8; } a; }', 64],
    ['struct { integer { size = 0x10; align = 010; map = clock.c.value; byte_order = network; } a; }', 16],
    ['struct { } align(8)', 0],
    ['struct { string { encoding = ASCII; } a; }', undefined],
    ['struct { u8 n; u8 a[n]; }', undefined],
    ['struct { // a comment\n u8 /* another */ a; }', 8],
  ])('%s', (text, bits) => {
    expect(staticBitsOf(fieldsOf(text))).toBe(bits);
  });

  it('takes the tag of a variant from where it is used', () => {
    const text =
      'struct { variant v { u8 one; string two; }; enum : u8 { one, two } which; variant v <which> value; }';
    expect(fieldsOf(text)).toMatchObject({
      fields: [{ name: 'which' }, { name: 'value', type: { tag: 'which' } }],
    });
  });
});

describe('mistakes', () => {
  it.each([
    ['event { name = "x; };', /^line 2 \(character \d+\): .*missing/],
    ['typealias integer { size = 65; } := x;', /size of 65 bits/],
    ['typealias integer { size = 8; align = 3; } := x;', /alignment of 3 bits/],
    ['typealias integer { size = 8; align = 1152921504606846976; } := x;', /alignment of 115/],
    ['typealias missing := x;', /no type "missing"/],
    ['event { fields := struct { u9 a; }; };', /no type "u9"/],
    ['event { fields := struct { integer { size = 8; } a[99999999999]; }; };', /length of 99999999999/],
    ['event { fields := struct { integer { size = 8; } a[123456789012345678901234567890]; }; };', /64 bits/],
    ['nonsense { };', /"nonsense" begins nothing/],
    ['/* without end', /a block is missing/],
    [`event { fields := ${'struct { '.repeat(5000)}`, /nested too deeply/],
    [
      Array.from({ length: 100 }, (_, i) => `struct s${i + 1} { struct s${i} a; };\n`)
        .join('')
        .replace(/^/, 'struct s0 { string a; };'),
      /nested too deeply/,
    ],
  ])('%.60s', (text, fault) => {
    expect(faultOf(text)).toMatch(fault);
  });

  it('keeps what stands before', () => {
    const { streams, fault } = parseCtfMetadata(`${INTEGERS}event { name = "a"; };\nevent { name = `);
    expect(fault).toMatch(/^line 6 /);
    expect(streams.get(0)!.events.get(0)!.name).toBe('a');
  });
});

/** A stream of one kind of event, without headers of any sort. */
function readBare(fields: string, stream: Uint8Array, before = ''): EventStore {
  const metadata = `${INTEGERS}${before}
    stream { packet.context := struct { u8 cpu_id; }; };
    event { name = sched_process_exit; fields := ${fields}; };`;
  const store = new EventStore();
  const files = new Map([
    ['metadata', encoded(metadata)],
    ['stream', stream],
  ]);
  try {
    [...ctf.read(memoryFolder(files), store)].length = 0;
  } catch (error) {
    if (!isFailure(error)) throw error;
    store.diagnostics.push({ severity: 'error', message: error.message });
  }
  return store;
}

describe('layouts', () => {
  it('reads streams without headers', () => {
    const store = readBare(
      'struct { u8 comm[2]; integer { size = 16; } tid; }',
      Uint8Array.of(3, 97, 0, 7, 0, 98, 99, 1, 1),
    );
    expect(rowTexts(store)).toEqual([
      '0 | cpu3 | sched_process_exit | ? | a:7 | prio -/- | state  | flags  | arg 0 | line 1',
      '0 | cpu3 | sched_process_exit | ? | bc:257 | prio -/- | state  | flags  | arg 0 | line 2',
    ]);
  });

  it('reads lengths from other parts and nested places', () => {
    const fields =
      'struct { struct { u8 n; } _a; u8 text[stream.packet.context.cpu_id]; u8 list[_a.n]; integer { size = 16; } tid; }';
    // One of the lengths is the CPU's number, 2.
    const store = readBare(fields, Uint8Array.of(2, 1, 120, 120, 9, 7, 0));
    expect(rowTexts(store)[0]).toContain('| <...>:7 |');
    expect(store.diagnostics).toEqual([]);
  });

  it('reads bit fields across bytes', () => {
    const bits =
      'struct { integer { size = 3; } a; integer { size = 17; signed = true; } tid; integer { size = 12; } b; }';
    const little = readBare(bits, Uint8Array.of(0, 0b1111_1011, 0xff, 0b1110, 0));
    expect(rowTexts(little)[0]).toContain(':-8193 |');
    const big = readBare(
      bits,
      Uint8Array.of(0, 0b000_00000, 0b0000_0001, 0b0110_0000, 0),
      'trace { byte_order = be; };',
    );
    expect(rowTexts(big)[0]).toContain(`:22 |`);
  });

  it.each([
    [
      'a loop over nothing',
      'struct { integer { size = 32; } n; struct { u8 a[0]; u8 b[m]; } list[n]; integer { size = 16; } tid; }',
    ],
    [
      'many empty elements',
      'struct { integer { size = 16; } tid; integer { size = 32; } n; u8 z; struct { struct { } a; u8 none[z]; } list[n]; }',
    ],
    ['a huge array', 'struct { integer { size = 16; } tid; u8 a[2147483648][2147483648][2147483648][2]; }'],
    ['a huge array of texts', 'struct { integer { size = 16; } tid; string a[2147483648]; }'],
    ['a huge array of nothing', 'struct { integer { size = 16; } tid; struct { } a[2147483648]; }'],
    ['a sequence as long as can be', 'struct { integer { size = 16; } tid; unsigned long long n; u8 a[n]; }'],
    ['an event of no size', 'struct { struct { } tid; }'],
    ['a variant without a tag', 'struct { integer { size = 16; } tid; variant { u8 a; } v; }'],
    ['a tag that is no enumeration', 'struct { integer { size = 16; } tid; variant <tid> { u8 a; } v; }'],
    ['a tag that is not there', 'struct { integer { size = 16; } tid; variant <nothing> { u8 a; } v; }'],
    ['a pid of one bit', 'struct { integer { size = 1; } tid; }'],
  ])('survives %s', (_what, fields) => {
    const begun = performance.now();
    const store = readBare(fields, new Uint8Array(200_000).fill(0xff));
    expect(store.diagnostics.length + store.length).toBeGreaterThan(0);
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  it('survives types that double with each level', () => {
    const levels = Array.from(
      { length: 38 },
      (_, i) => `struct s${i + 1} { struct s${i} a; struct s${i} b; };`,
    );
    const before = `struct s0 { string a; };\n${levels.join('\n')}`;
    const store = readBare(
      'struct { integer { size = 16; } tid; struct s38 a; }',
      new Uint8Array(1000),
      before,
    );
    expect(store.diagnostics[0]!.message).toMatch(/too many fields/);
  });
});
