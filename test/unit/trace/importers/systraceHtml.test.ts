import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { isFailure, messageOf } from '../../../../src/base/errors.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import type { EventStore } from '../../../../src/trace/model/eventStore.js';
import { fixtureBytes } from '../../../support/importerFixtures.js';
import { rowTexts } from '../../../support/storeRows.js';

const HEAD = '<!DOCTYPE html>\n<html>\n<title>Android System Trace</title>\n';
const TAG = '<script class="trace-data" type="application/text">';
const event = (microsecond: number, comm = 'a') =>
  `${comm.padStart(16)}-7     [000] d..2.     1.00000${microsecond}: sched_switch: prev_comm=${comm} prev_pid=7 prev_prio=120 prev_state=S ==> next_comm=b next_pid=8 next_prio=120`;

async function read(html: string, chunkBytes?: number): Promise<EventStore> {
  const store = await importTrace(bytesSource('x', new TextEncoder().encode(html), chunkBytes));
  expect(store.metadata.format).toBe('systrace-html');
  return store;
}

async function failureOf(html: string): Promise<string> {
  try {
    await read(html);
  } catch (error) {
    if (isFailure(error)) return `${error.code}: ${messageOf(error)}`;
    throw error;
  }
  return 'read';
}

function withoutLine(store: EventStore): string[] {
  return rowTexts(store).map((row) => row.slice(0, row.lastIndexOf(' | ')));
}

describe('systrace HTML', () => {
  it.each([
    ['trace-data.html.gz', 140],
    ['legacy.html', 48],
  ])('%s holds the same as the text in it', async (name, atLeast) => {
    const text = await importTrace(bytesSource('tgid', fixtureBytes('tracefs/6.18/tgid.txt')));
    const store = await importTrace(bytesSource(name, fixtureBytes(`systrace/${name}`)));
    expect(store.length).toBeGreaterThanOrEqual(atLeast);
    expect(withoutLine(store)).toEqual(withoutLine(text).slice(0, store.length));
    expect(store.diagnostics).toEqual([]);
    const html = new TextDecoder().decode(fixtureBytes(`systrace/${name}`)).split('\n');
    for (const line of store.line.subarray(0, store.length)) expect(html[line - 1]).toMatch(/sched_/);
  });

  it.each([3, 64, 100_000])('reads several scripts, in chunks of %i bytes', async (chunkBytes) => {
    const store = await read(
      [
        `${HEAD}<SCRIPT TYPE="application/text" CLASS='trace-data'>{"traceEvents": []}</SCRIPT>`,
        `<script>var a = "linuxPerfData", b = '<script class="viewer">';</script>`,
        `${TAG}# tracer: nop`,
        `${event(1)}</script>${TAG}`,
        event(2, '</script>'),
        '  </script>',
        `<script class="x trace-data">H4sIAAAAAAAA</script>`,
        event(3),
        '</html>',
      ].join('\n'),
      chunkBytes,
    );
    expect(Array.from(store.line.subarray(0, store.length))).toEqual([7, 8]);
    expect(store.tasks.comms[store.actor[1]!]).toBe('</script>');
    expect(store.diagnostics).toEqual([]);
  });

  it('reads the old string with and without its escapes', async () => {
    const start = `${HEAD}<script>\n  var linuxPerfData = "`;
    const escaped = await read(
      `${start}\\\n# tracer: nop\\n\\\n${event(1, 'q\\"\\\\')}\\n\\\r\n${event(2)}\\n\\\n";\n${event(3)}\n</script>`,
    );
    expect(Array.from(escaped.line.subarray(0, escaped.length))).toEqual([7, 8]);
    expect(escaped.tasks.comms[escaped.actor[0]!]).toBe('q"\\');
    const plain = await read(`${start}\\\n# tracer: nop\n${event(1)}\n${event(2)}\n  </script>\n</html>\n`);
    expect(Array.from(plain.line.subarray(0, plain.length))).toEqual([7, 8]);
    expect([...escaped.diagnostics, ...plain.diagnostics]).toEqual([]);
  });

  it('skips viewer code in lines of any length', async () => {
    const code = `<script>${'x < y;'.repeat(400_000)}</script>`;
    expect((await read(`${HEAD}${code}${TAG}\n${event(1)}\n</script>`, 50_000)).length).toBe(1);
  });

  it('says when there is no trace, or none that can be read', async () => {
    expect(await failureOf(`${HEAD}</html>`)).toMatch(/^bad-input: .*holds no trace data at all.*atrace/);
    expect(await failureOf(`${HEAD}${TAG}\n{"traceEvents":[]}\n</script>`)).toMatch(
      /^bad-input: .*no text of ftrace/,
    );
    expect(
      await failureOf(`${HEAD}${TAG}\n# tracer: nop\n${event(1).replace('sched_', 'x_')}\n</script>`),
    ).toMatch(/^bad-input: .*no scheduler events/);
  });

  it('keeps what there is of a page that is cut off', async () => {
    const store = await read(`${HEAD}${TAG}\n${event(1)}\n${event(2)}`);
    expect(store.length).toBe(1);
    expect(store.diagnostics.map(({ line }) => line)).toEqual([6]);
  });
});
