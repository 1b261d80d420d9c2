import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { perfetto } from '../../../../src/trace/importers/perfetto/perfetto.js';
import {
  arrays,
  event,
  failure,
  messages,
  readPerfetto,
  rows,
  toTask,
  trace,
  utsname,
  wakes,
} from '../../../support/perfettoSamples.js';
import { ProtoWriter, ftracePacket } from '../../../support/perfettoWriter.js';

const MARKER = Buffer.from('82477a76b28d42ba81dc33326d57a079', 'hex');

describe('packets', () => {
  const packet = ftracePacket(0, [toTask(100, 5)]);

  it('of other machines are left out', () => {
    const store = readPerfetto(trace(packet, ftracePacket(0, [toTask(200, 5)]).varint(98, 4711)));
    expect(store.length).toBe(1);
    expect(messages(store)).toEqual([expect.stringMatching(/^Packets of other machines .*: 1\./)]);
  });

  it('that are compressed are expanded', () => {
    const zlib = new ProtoWriter().bytes(50, deflateSync(trace(packet)));
    expect(rows(readPerfetto(trace(zlib)))).toEqual(['100 sched_switch x:7 task5:5']);
  });

  it.each([
    ['damaged', Uint8Array.of(1, 2, 3), 50],
    ['damaged zstd', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 133],
    ['cut off', deflateSync(trace(packet)).subarray(0, 20), 50],
    ['a bomb', deflateSync(new Uint8Array(64 * 1024 * 1024)), 50],
  ])('that are compressed and %s are reported', (_what, content, field) => {
    const store = readPerfetto(trace(packet, new ProtoWriter().bytes(field, content)));
    expect(store.length).toBe(1);
    expect(messages(store)).toEqual([
      expect.stringMatching(/^Compressed packets .* expanded: 1, the first at byte \d+: /),
    ]);
  });

  it('go on behind damage at the next synchronization marker', () => {
    const marker = new ProtoWriter().varint(3, 1).varint(10, 1).bytes(36, MARKER);
    const start = trace(packet);
    const rest = trace(marker, ftracePacket(0, [toTask(200, 6)]));
    const store = readPerfetto(Uint8Array.from([...start, ...new Uint8Array(5000).fill(0xee), ...rest]));
    expect(store.length).toBe(2);
    expect(messages(store)).toEqual([
      expect.stringMatching(
        new RegExp(`^The file is damaged: there is no packet at byte ${start.length}\\. Bytes `),
      ),
    ]);
  });

  it('end where the file is damaged for good, or cut off', () => {
    const start = trace(packet);
    const damaged = readPerfetto(Uint8Array.from([...start, 0xee, 0xee]));
    expect(messages(damaged)).toEqual([
      expect.stringContaining('nothing behind it tells where packets go on'),
    ]);
    const cut = readPerfetto(trace(packet, packet).subarray(0, start.length + 9));
    expect(messages(cut)).toEqual([
      expect.stringContaining(`ends in the middle of the packet at byte ${start.length}`),
    ]);
    expect([damaged.length, cut.length]).toEqual([1, 1]);
  });

  it('without scheduler events fail with what is missing', () => {
    expect(failure(trace(new ProtoWriter().varint(8, 5)))).toMatch(
      /no ftrace events in its 1 packets\. Record with/,
    );
    expect(failure(trace(ftracePacket(0, [event(1, 0, 'irq', {})])))).toMatch(
      /1 batches .* at byte 0, but no scheduler event/,
    );
    const states = new ProtoWriter().message(117, new ProtoWriter());
    expect(failure(trace(states))).toContain('generic_kernel_task_state_event');
  });

  it('are harmless wherever the file ends', () => {
    const whole = trace(
      utsname('6.1.0'),
      arrays(0, [toTask(100, 5), wakes(150, 6, 5)]),
      arrays(1, [toTask(90, 8)]),
    );
    for (let length = 0; length < whole.length; length += 1) failure(whole.subarray(0, length));
  });

  it.each([
    ['no CPU', new ProtoWriter().packed(2, [1])],
    ['a CPU that cannot be', new ProtoWriter().varint(1, 2 ** 31)],
    [
      'an event without a time',
      new ProtoWriter().varint(1, 0).message(2, new ProtoWriter().message(4, new ProtoWriter())),
    ],
    [
      'a switch without pids',
      new ProtoWriter().varint(1, 0).message(2, new ProtoWriter().varint(1, 9).message(4, new ProtoWriter())),
    ],
    ['a number that never ends', new ProtoWriter().varint(1, 0).bytes(4, new Uint8Array(40).fill(0xff))],
  ])('with %s are reported', (_what, bundle) => {
    const store = readPerfetto(trace(packet, new ProtoWriter().message(1, bundle)));
    expect(store.length).toBe(1);
    expect(messages(store)).toHaveLength(1);
  });
});

describe('detection', () => {
  const packet = ftracePacket(0, [toTask(100, 5)]);

  it.each([
    ['a trace', trace(packet, packet, packet)],
    ['one packet', trace(packet)],
    [
      'a trace that begins with a large packet',
      trace(new ProtoWriter().bytes(50, new Uint8Array(100_000))).subarray(0, 65_536),
    ],
    ['a cut trace', trace(packet, packet).subarray(0, packet.finish().length + 6)],
  ])('finds %s', (_what, bytes) => {
    expect(perfetto.detect(bytes)).toMatchObject({ matches: true });
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['an empty line and text', Buffer.from('\n some text\n\nmore text\n')],
    ['line ends', Buffer.from('\n'.repeat(100))],
    ['a pprof profile', Uint8Array.of(0x0a, 4, 0x08, 1, 0x10, 2, 0x0a, 4, 0x08, 3, 0x10, 4)],
    ['zeros behind the tag', Uint8Array.from([0x0a, ...new Uint8Array(50)])],
    ['a packet and then something else', Uint8Array.from([...trace(packet), ...new Uint8Array(50).fill(7)])],
  ])('does not find %s', (_what, bytes) => {
    const detection = perfetto.detect(bytes);
    expect(detection.matches).toBe(false);
    expect(detection).toHaveProperty('reason');
  });
});
