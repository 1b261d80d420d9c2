/**
 * The packets of a trace file, one after the other. Source: protos/perfetto/trace/trace.proto: a Trace is nothing but
 * `packet = 1`, repeated.
 *
 *     0a 9c 04 …    tag, length 540, TracePacket
 */
import type { RandomAccess } from '../../../base/randomAccess.js';
import { VARINT_BYTES, WireReader } from './wire.js';

const PACKET_TAG = 0x0a;
const HEADER_BYTES = 1 + VARINT_BYTES;
const PIECE_BYTES = 1024 * 1024;
/** Where a file is damaged again and again, little is read each time. */
const FIRST_LOOK_BYTES = 4096;
/** No recorder writes larger ones; protobuf itself ends at 2 GiB. */
const MAX_PACKET_BYTES = 512 * 1024 * 1024;

/**
 * In packets of its own, every 10 seconds, the service writes this as the last field, so that long files can be entered
 * in their middle (trace_packet.proto, synchronization_marker).
 */
const SYNC_MARKER = Uint8Array.of(
  0x82,
  0x47,
  0x7a,
  0x76,
  0xb2,
  0x8d,
  0x42,
  0xba,
  0x81,
  0xdc,
  0x33,
  0x32,
  0x6d,
  0x57,
  0xa0,
  0x79,
);

export class PacketFile {
  /** The packet read last: `[start, stop)` of the bytes. */
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  stop = 0;
  /** Offset in the file of what comes next. */
  offset = 0;
  /** Offset of the packet read last. */
  packetOffset = 0;
  /** What was wrong, as sentences. */
  readonly faults: string[] = [];
  readonly #file: RandomAccess;
  readonly #reader = new WireReader();
  #pieceOffset = 0;

  constructor(file: RandomAccess) {
    this.#file = file;
  }

  /** Reads the next packet; false at the end of the file, and where it cannot be read on. */
  next(): boolean {
    for (;;) {
      const { offset } = this;
      const left = this.#file.sizeBytes - offset;
      if (left <= 0) return false;
      this.#load(Math.min(left, HEADER_BYTES), PIECE_BYTES);
      const at = offset - this.#pieceOffset;
      const header = this.#reader.open(this.bytes, at + 1, Math.min(this.bytes.length, at + HEADER_BYTES));
      if (this.bytes[at] !== PACKET_TAG) {
        if (!this.#goOnBehindDamage(`there is no packet at byte ${offset}`)) return false;
        continue;
      }
      if (!header.varint()) {
        if (left <= HEADER_BYTES) return this.#isCut(offset);
        if (!this.#goOnBehindDamage(`the packet at byte ${offset} has no length`)) return false;
        continue;
      }
      const headerBytes = header.at - at;
      const length = header.unsigned();
      if (length > left - headerBytes) {
        if (this.#goOnBehindDamage(undefined)) continue;
        return this.#isCut(offset);
      }
      this.packetOffset = offset;
      this.offset = offset + headerBytes + length;
      if (length > MAX_PACKET_BYTES) {
        this.faults.push(
          `The packet at byte ${offset} has ${length} bytes, more than any recorder writes: it was left out.`,
        );
        continue;
      }
      if (!this.#loadPacket(offset, headerBytes, length)) return this.#isCut(offset);
      return true;
    }
  }

  /** Makes at least `wanted` bytes from `offset` on available, if the file has them. */
  #load(wanted: number, pieceBytes: number): void {
    const at = this.offset - this.#pieceOffset;
    if (at >= 0 && at + wanted <= this.bytes.length) return;
    this.bytes = this.#file.read(this.offset, pieceBytes);
    this.#pieceOffset = this.offset;
  }

  #loadPacket(offset: number, headerBytes: number, length: number): boolean {
    const end = this.offset;
    this.offset = offset;
    this.#load(headerBytes + length, Math.max(PIECE_BYTES, headerBytes + length));
    this.offset = end;
    this.start = offset - this.#pieceOffset + headerBytes;
    this.stop = this.start + length;
    return this.stop <= this.bytes.length;
  }

  #isCut(offset: number): false {
    this.faults.push(
      `The file ends in the middle of the packet at byte ${offset}: it was cut off, or recording goes on. What comes before is shown.`,
    );
    this.offset = this.#file.sizeBytes;
    return false;
  }

  /** Looks for the next synchronization marker, behind which packets begin anew. */
  #goOnBehindDamage(what: string | undefined): boolean {
    const from = this.offset;
    const found = this.#findMarker(from);
    if (found !== undefined) {
      this.faults.push(
        `The file is damaged: ${what ?? `the packet at byte ${from} does not fit into it`}. Bytes ${from} to ${found - 1} were left out.`,
      );
      this.offset = found;
      return true;
    }
    if (what === undefined) return false;
    this.faults.push(
      `The file is damaged: ${what}, and nothing behind it tells where packets go on. What comes before is shown.`,
    );
    this.offset = this.#file.sizeBytes;
    return false;
  }

  /** Offset behind the first marker from `from` on that a packet, or the end, follows. */
  #findMarker(from: number): number | undefined {
    const { sizeBytes } = this.#file;
    let pieceBytes = FIRST_LOOK_BYTES;
    for (let offset = from; offset < sizeBytes; offset += pieceBytes, pieceBytes = PIECE_BYTES) {
      const piece = this.#file.read(offset, pieceBytes + SYNC_MARKER.length);
      for (let at = piece.indexOf(SYNC_MARKER[0]!); at >= 0; at = piece.indexOf(SYNC_MARKER[0]!, at + 1)) {
        if (!SYNC_MARKER.every((byte, i) => piece[at + i] === byte)) continue;
        const behind = at + SYNC_MARKER.length;
        if (behind >= piece.length ? offset + behind === sizeBytes : piece[behind] === PACKET_TAG) {
          return offset + behind;
        }
      }
    }
    return undefined;
  }
}
