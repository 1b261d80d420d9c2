import { describe, expect, test } from 'vitest';
import { PageStreamReader, type PageReceiver } from '../../../../src/remote/collect/rawPages.js';

const PAGE = 256;
const FIRST = `kernel-oracle-pages 1 page=${PAGE} long=8 little=1 cpus=4\n`;

function marker(text: string, pageBytes = PAGE): Buffer {
  return Buffer.from(`KO-PAGES${'\xff'.repeat(8)}${text.padEnd(pageBytes - 16)}`, 'latin1');
}

function page(fill: number, commit = 100): Buffer {
  const bytes = Buffer.alloc(PAGE, fill);
  bytes.writeBigUInt64LE(BigInt(commit), 8);
  return bytes;
}

function text(name: string, content: string): Buffer {
  const bytes = Buffer.from(content, 'latin1');
  const filled = Buffer.alloc(Math.ceil(bytes.length / PAGE) * PAGE, ' ');
  bytes.copy(filled);
  return Buffer.concat([marker(`text ${name} ${bytes.length}`), filled]);
}

function told(stream: Buffer, chunkBytes = stream.length) {
  const events: unknown[] = [];
  const receiver: PageReceiver = {
    layout: ({ pageBytes, cpuCount }) => events.push(['layout', pageBytes, cpuCount]),
    pages: (cpu, pages) => {
      for (let at = 0; at < pages.length; at += PAGE) events.push(['page', cpu, pages[at]]);
      expect(pages.length % PAGE).toBe(0);
    },
    text: (name, bytes) => events.push(['text', name, Buffer.from(bytes).toString('latin1')]),
    counters: (counters) =>
      events.push(['counters', counters.events, counters.lostEvents, counters.waitingBytes]),
  };
  const reader = new PageStreamReader(receiver);
  for (let at = 0; at < stream.length; at += chunkBytes) reader.add(stream.subarray(at, at + chunkBytes));
  reader.end();
  return events;
}

const WHOLE = Buffer.concat([
  Buffer.from(FIRST),
  text('header_page', 'x'.repeat(300)),
  text('format:sched', 'KO-PAGES\xff is no mark in a text'),
  text('empty', ''),
  marker('cpu 0'),
  page(1),
  // Flags of lost events are no size.
  page(2, 2 ** 31 + 2 ** 30 + 100),
  marker('counters 12 0 4096'),
  marker('cpu 3'),
  page(3),
  marker('end'),
]);

test.each([1, 7, 255, 256, 257, 100_000])('a stream in chunks of %d bytes', (chunkBytes) => {
  expect(told(WHOLE, chunkBytes)).toEqual([
    ['layout', PAGE, 4],
    ['text', 'header_page', 'x'.repeat(300)],
    ['text', 'format:sched', 'KO-PAGES\xff is no mark in a text'],
    ['text', 'empty', ''],
    ['page', 0, 1],
    ['page', 0, 2],
    ['counters', 12, 0, 4096],
    ['page', 3, 3],
  ]);
});

describe('what a machine must not send', () => {
  const first = Buffer.from(FIRST);
  const cases: [string, Buffer, RegExp][] = [
    ['nothing', Buffer.alloc(0), /no stream of ring buffer pages/],
    ['something else', Buffer.from('bash: command not found\n'), /no stream of ring buffer pages/],
    ['a first line without end', Buffer.alloc(100_000, 'x'), /no stream of ring buffer pages/],
    ['pages of no power of two', Buffer.from(FIRST.replace('=256', '=4095')), /pages of 4095 bytes/],
    ['pages of 8 MiB', Buffer.from(FIRST.replace('=256', '=8388608')), /no stream|pages of 8388608/],
    ['no CPU', Buffer.from(FIRST.replace('cpus=4', 'cpus=0')), /0 CPUs/],
    ['99999 CPUs', Buffer.from(FIRST.replace('cpus=4', 'cpus=99999')), /99999 CPUs/],
    ['a page before any mark', Buffer.concat([first, page(1)]), /page that is of no CPU/],
    ['CPU 4 billion', Buffer.concat([first, marker('cpu 4294967296')]), /number that cannot be/],
    ['a CPU it did not tell of', Buffer.concat([first, marker('cpu 4')]), /number that cannot be/],
    ['a negative CPU', Buffer.concat([first, marker('cpu -1')]), /number that cannot be/],
    [
      'a page that holds more than it can',
      Buffer.concat([first, marker('cpu 0'), page(1, 241)]),
      /says it holds 241/,
    ],
    ['an unknown mark', Buffer.concat([first, marker('rm -rf')]), /unknown mark/],
    [
      'a text of 100 GB',
      Buffer.concat([first, marker('text header_page 100000000000')]),
      /number that cannot be/,
    ],
    [
      'texts of 64 MB again and again',
      Buffer.concat([first, text('a', 'x'.repeat(40e6)), marker(`text b 40000000`)]),
      /more than 67108864 bytes of text/,
    ],
    ['a text with a path for a name', Buffer.concat([first, marker('text ../x 1')]), /without a proper name/],
    [
      'counters without numbers',
      Buffer.concat([first, marker('counters many none all')]),
      /number that cannot be/,
    ],
    ['more behind its end', Buffer.concat([WHOLE, marker('cpu 0')]), /something behind its end/],
    ['a page behind its end', Buffer.concat([WHOLE, page(1)]), /no CPU/],
  ];
  test.each(cases)('%s', (_, stream, message) => {
    expect(() => told(stream)).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringMatching(message) as string }),
    );
  });

  test('a stream that was cut anywhere', () => {
    for (let length = 0; length < WHOLE.length; length += 13) {
      expect(() => told(WHOLE.subarray(0, length)), String(length)).toThrow(
        expect.objectContaining({ code: 'bad-input' }),
      );
    }
  });
});
