import { Failure } from '../../base/errors.js';

/** SAMPLE_TIME tells the first and last time of the samples; at the begin of a pipe perf knows neither. */
const SAMPLE_TIME = 21;
const FEATURE_BITS = 256;
/** All attributes and features together; those of machines with hundreds of CPUs are some hundred KB. */
const MAX_PARTS_BYTES = 96 * 1024 * 1024;

/** PERF_SAMPLE_CPU and PERF_SAMPLE_IDENTIFIER of include/uapi/linux/perf_event.h. */
const SAMPLE_CPU = 0x80;
const SAMPLE_IDENTIFIER = 0x10000;
/** Bit `sample_id_all` among the flags of an attribute. */
const SAMPLE_ID_ALL = 1 << 18;

interface Attr {
  readonly bytes: Buffer;
  readonly ids: Buffer;
}

/** What stands in the header of a perf.data file and behind its data. */
export class PerfParts {
  readonly attrs: Attr[] = [];
  /** How far before the end of a record that is no sample its CPU stands; undefined: it has none. */
  cpuFromEnd: number | undefined;
  readonly #features = new Map<number, Buffer>();
  #bytes = 0;

  /** @param body an attribute, then ids up to the end */
  addAttr(body: Buffer, isLittle: boolean): void {
    const size = body.length < 64 ? 0 : isLittle ? body.readUInt32LE(4) : body.readUInt32BE(4);
    if (size < 64 || size > body.length || (body.length - size) % 8 !== 0) {
      throw new Failure('bad-input', 'perf described an event in a way that cannot be read.');
    }
    if (this.attrs.length > 0 && this.attrs[0]!.bytes.length !== size) {
      throw new Failure('bad-input', 'perf described its events in different ways.');
    }
    this.#count(body.length);
    const bytes = Buffer.from(body.subarray(0, size));
    this.attrs.push({ bytes, ids: Buffer.from(body.subarray(size)) });
    const read = (at: number) => (isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
    const sampleType = read(24);
    const hasTrailer = isLittle && (Number(read(40) & 0xffff_ffffn) & SAMPLE_ID_ALL) !== 0;
    if (hasTrailer && (sampleType & BigInt(SAMPLE_CPU)) !== 0n) {
      this.cpuFromEnd = (sampleType & BigInt(SAMPLE_IDENTIFIER)) === 0n ? 8 : 16;
    }
  }

  /** Of features that come twice the last counts. */
  addFeature(feature: number, content: Buffer): void {
    if (feature < 1 || feature >= FEATURE_BITS || feature === SAMPLE_TIME) return;
    this.#count(content.length);
    this.#features.set(feature, Buffer.from(content));
  }

  /** The header of the file and what comes behind the data, which end at `dataEnd`. */
  layOut(isLittle: boolean, headerBytes: number, dataEnd: number): { header: Buffer; tail: Buffer } {
    const number = (value: number) => {
      const bytes = Buffer.alloc(8);
      if (isLittle) bytes.writeBigUInt64LE(BigInt(value));
      else bytes.writeBigUInt64BE(BigInt(value));
      return bytes;
    };
    const features = [...this.#features].sort(([a], [b]) => a - b);
    const tail: Buffer[] = [];
    let at = dataEnd + 16 * features.length;
    for (const [, content] of features) {
      tail.push(number(at), number(content.length));
      at += content.length;
    }
    for (const [, content] of features) tail.push(content);
    const attrs: Buffer[] = [];
    for (const { bytes, ids } of this.attrs) {
      attrs.push(bytes, number(at), number(ids.length));
      tail.push(ids);
      at += ids.length;
    }
    const attrBytes = this.attrs[0]!.bytes.length + 16;
    const header = Buffer.concat([
      Buffer.from(isLittle ? 'PERFILE2' : '2ELIFREP', 'latin1'),
      number(headerBytes),
      number(attrBytes),
      ...[number(at), number(attrBytes * this.attrs.length)],
      ...[number(headerBytes), number(dataEnd - headerBytes)],
      ...[number(0), number(0)],
      this.#bits(isLittle),
    ]);
    return { header, tail: Buffer.concat([...tail, ...attrs]) };
  }

  /** Four words of 64 bits, the lowest first; perf tells words of 32 bits apart by itself. */
  #bits(isLittle: boolean): Buffer {
    const bits = Buffer.alloc(FEATURE_BITS / 8);
    for (const feature of this.#features.keys()) {
      const byte = feature >> 3;
      const place = isLittle ? byte : (byte & ~7) + 7 - (byte & 7);
      bits[place] = bits[place]! | (1 << (feature & 7));
    }
    return bits;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_PARTS_BYTES) {
      throw new Failure('bad-input', 'perf sent more descriptions than any machine has: it is damaged.');
    }
  }
}
