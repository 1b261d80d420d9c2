/**
 * Writes CTF 1.8 traces as LTTng and perf's converter lay them out, from a list of events. Sources: Common Trace Format
 * specification 1.8.3; metadata and headers of lttng-modules (src/lttng-events.c) and perf (data-convert-bt.c).
 */

import {
  alignOf,
  DEFAULT_UUID,
  metadataText,
  sizeOf,
  type CtfEvent,
  type CtfEventKind,
  type CtfFieldKind,
  type CtfFields,
  type CtfOptions,
} from './ctfText.js';

/** The files of a trace, by name. */
export function writeCtf(events: readonly CtfEvent[], options: CtfOptions): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const text = metadataText(options);
  const encoded = Uint8Array.from(Buffer.from(text));
  files.set('metadata', options.isMetadataPacketised === true ? packetised(encoded, options) : encoded);
  const cpus = [...new Set(events.map(({ cpu }) => cpu))].sort((one, other) => one - other);
  for (const cpu of cpus) {
    const own = events.filter((event) => event.cpu === cpu);
    files.set(
      options.header === 'perf' ? `perf_stream_${cpu}` : `channel0_${cpu}`,
      new StreamWriter(cpu, options).write(own),
    );
  }
  return files;
}

function packetised(text: Uint8Array, options: CtfOptions): Uint8Array {
  const parts: Uint8Array[] = [];
  const little = options.order !== 'be';
  const PACKET = 4096;
  for (let at = 0; at < text.length; at += PACKET - 37) {
    const content = text.subarray(at, at + PACKET - 37);
    const packet = new Uint8Array(PACKET);
    const view = new DataView(packet.buffer);
    view.setUint32(0, 0x75d11d57, little);
    packet.set(uuidBytes(options.uuid), 4);
    view.setUint32(24, (content.length + 37) * 8, little);
    view.setUint32(28, PACKET * 8, little);
    packet.set([0, 0, 0, 1, 8], 32);
    packet.set(content, 37);
    parts.push(packet);
  }
  return Uint8Array.from(Buffer.concat(parts));
}

function uuidBytes(uuid = DEFAULT_UUID): Uint8Array {
  return Uint8Array.from(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
}

class BitWriter {
  bit = 0;
  #bytes = new Uint8Array(1024);

  constructor(readonly isLittle: boolean) {}

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, Math.ceil(this.bit / 8));
  }

  align(bits: number): void {
    this.bit = Math.ceil(this.bit / bits) * bits;
    this.#reserve();
  }

  integer(value: number | bigint, size: number): void {
    this.#reserve(this.bit + size);
    if (size % 8 === 0 && this.bit % 8 === 0) {
      this.#wholeBytes(BigInt.asUintN(size, BigInt(value)), size / 8);
      return;
    }
    const whole = BigInt.asUintN(size, BigInt(value));
    for (let i = 0; i < size; i += 1) {
      const isSet = (whole >> BigInt(this.isLittle ? i : size - 1 - i)) & 1n;
      const at = this.bit + i;
      if (isSet === 1n) this.#bytes[at >>> 3]! |= 1 << (this.isLittle ? at & 7 : 7 - (at & 7));
    }
    this.bit += size;
  }

  #wholeBytes(value: bigint, length: number): void {
    const at = this.bit / 8;
    for (let i = 0; i < length; i += 1) {
      this.#bytes[at + (this.isLittle ? i : length - 1 - i)] = Number((value >> BigInt(8 * i)) & 0xffn);
    }
    this.bit += 8 * length;
  }

  put(at: number, value: number | bigint, size: number): void {
    const { bit } = this;
    this.bit = at;
    this.integer(value, size);
    this.bit = bit;
  }

  text(text: string, room?: number): void {
    const bytes = Buffer.from(text);
    const length = room ?? bytes.length + 1;
    this.#reserve(this.bit + length * 8);
    // Texts are aligned to bytes; the last is always NUL.
    this.#bytes.set(bytes.subarray(0, length - 1), this.bit / 8);
    this.bit += length * 8;
  }

  #reserve(at = this.bit): void {
    if (at < this.#bytes.length * 8) return;
    const larger = new Uint8Array(2 * ((at >>> 3) + 1));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

class StreamWriter {
  readonly #packets: Uint8Array[] = [];
  readonly #kinds: ReadonlyMap<string, CtfEventKind>;
  #lost = 0;
  #last = 0n;
  #packetNumber: number;

  constructor(
    readonly cpu: number,
    readonly options: CtfOptions,
  ) {
    this.#kinds = new Map(options.kinds.map((kind) => [kind.name, kind]));
    this.#packetNumber = options.firstPacket ?? 0;
  }

  write(events: readonly CtfEvent[]): Uint8Array {
    const { eventsPerPacket = 100 } = this.options;
    for (let at = 0; at < events.length;) {
      const loss = events.findIndex(({ lostBefore }, i) => i > at && lostBefore !== undefined);
      const end = Math.min(events.length, at + eventsPerPacket, loss < 0 ? events.length : loss);
      this.#packet(events.slice(at, end), events[end]?.lostBefore ?? 0);
      at = end;
    }
    return Uint8Array.from(Buffer.concat(this.#packets));
  }

  #packet(events: readonly CtfEvent[], lost: number): void {
    const { options } = this;
    const writer = new BitWriter(options.order !== 'be');
    const put = (value: number | bigint, bits: number) => {
      writer.align(alignOf(bits, options));
      writer.integer(value, bits);
      return writer.bit - bits;
    };
    put(0xc1fc1fc1, 32);
    for (const byte of uuidBytes(options.uuid)) put(byte, 8);
    put(0, 32);
    if (options.header !== 'perf') put(this.cpu, 64);
    const first = events[0]!.cycles;
    // LTTng's packets begin some time before their first event.
    const begin = options.header === 'perf' || first - this.#last < 5n ? first : first - 5n;
    this.#last = begin;
    put(begin, 64);
    put(events.at(-1)!.cycles, 64);
    const contentAt = put(0, 64);
    const packetAt = put(0, 64);
    if (options.header !== 'perf') put(this.#packetNumber, 64);
    this.#packetNumber += 1;
    this.#lost += lost;
    put(this.#lost, 64);
    put(this.cpu, 32);
    for (const event of events) this.#event(writer, event);
    writer.put(contentAt, writer.bit, 64);
    const room = options.packetBytes ?? 4096;
    const size = Math.ceil(writer.bit / 8 / room) * room;
    writer.put(packetAt, size * 8, 64);
    const packet = new Uint8Array(size);
    packet.set(writer.bytes);
    this.#packets.push(packet);
  }

  #event(writer: BitWriter, event: CtfEvent): void {
    const kind = this.#kinds.get(event.name)!;
    this.#header(writer, kind.id, event.cycles);
    if (this.options.context !== undefined) this.#fields(writer, this.options.context, event.context ?? {});
    this.#fields(writer, kind.fields, event.values);
  }

  #header(writer: BitWriter, id: number, cycles: bigint): void {
    const { options } = this;
    const delta = cycles - this.#last;
    this.#last = cycles;
    const put = (value: number | bigint, bits: number) => {
      writer.align(alignOf(bits, options));
      writer.integer(value, bits);
    };
    if (options.header === 'perf') {
      writer.align(8);
      put(id, 32);
      put(cycles, 64);
      return;
    }
    // The variant's structures are aligned to their largest member, here the time.
    const [idBits, timeBits, limit] = options.header === 'compact' ? [5, 27, 31] : [16, 32, 65535];
    writer.align(Math.max(alignOf(idBits === 5 ? 32 : 16, options)));
    if (id < limit && delta < 1n << BigInt(timeBits)) {
      put(id, idBits);
      put(cycles, timeBits);
    } else {
      put(limit, idBits);
      writer.align(alignOf(64, options));
      put(id, 32);
      put(cycles, 64);
    }
  }

  #fields(writer: BitWriter, fields: CtfFields, values: CtfEvent['values']): void {
    const { options } = this;
    // A structure is aligned to its largest member.
    writer.align(Math.max(1, ...Object.values(fields).map((kind) => kindAlign(kind, options))));
    for (const [name, kind] of Object.entries(fields)) {
      const value = values[name] ?? 0;
      if (kind === 'string') {
        writer.align(8);
        writer.text(String(value));
      } else if (kind === 'pids') {
        const pids = value as readonly number[];
        writer.align(8);
        writer.integer(pids.length, 8);
        writer.align(alignOf(32, options));
        for (const pid of pids) writer.integer(pid, 32);
      } else if (kind === 'odd') this.#odd(writer, Number(value));
      else if (kind.startsWith('text')) {
        writer.align(8);
        writer.text(String(value), Number(kind.slice(4)));
      } else {
        writer.align(alignOf(sizeOf(kind), options));
        writer.integer(value as number | bigint, sizeOf(kind));
      }
    }
  }

  #odd(writer: BitWriter, seed: number): void {
    const { options } = this;
    const kind = seed % 4;
    writer.integer(kind, 3);
    writer.integer(-seed, 13);
    if (kind === 3) {
      writer.align(alignOf(16, options));
      writer.integer(seed % 3, 16);
      writer.align(8);
      for (let i = 0; i < seed % 3; i += 1) writer.text(`word ${i}`);
    } else if (kind > 0) {
      writer.align(alignOf(64, options));
      writer.integer(0x3f800000, 32);
      writer.align(alignOf(64, options));
      for (let i = 0; i < 6; i += 1) writer.integer(BigInt(seed) << BigInt(i), 64);
    }
  }
}

function kindAlign(kind: CtfFieldKind, options: CtfOptions): number {
  if (kind === 'string' || kind.startsWith('text')) return 8;
  if (kind === 'pids') return alignOf(32, options);
  // Options of a variant do not align the structure that the variant is in.
  if (kind === 'odd') return 1;
  return alignOf(sizeOf(kind), options);
}
