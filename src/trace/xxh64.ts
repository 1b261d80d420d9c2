/**
 * XXH64 with seed 0, the checksum of zstd frames; https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
 *
 * 64-bit numbers are pairs of 32-bit halves: BigInt would be thirty times slower. The hash of frame contents decides
 * only whether a file is damaged, so the low 32 bits, all that zstd stores, are what is handed out.
 */
const STRIPE_BYTES = 32;
/** Low and high halves of the five primes. */
const P1_LO = 0x85ebca87;
const P1_HI = 0x9e3779b1;
const P2_LO = 0x27d4eb4f;
const P2_HI = 0xc2b2ae3d;
const P3_LO = 0x9e3779f9;
const P3_HI = 0x165667b1;
const P4_LO = 0xc2b2ae63;
const P4_HI = 0x85ebca77;
const P5_LO = 0x165667c5;
const P5_HI = 0x27d4eb2f;

export class Xxh64 {
  /** Low and high halves of the four accumulators. */
  readonly #lanes = new Int32Array(8);
  readonly #stripe = new Uint8Array(STRIPE_BYTES);
  #stripeBytes = 0;
  #totalBytes = 0;
  /** The number being computed. */
  #lo = 0;
  #hi = 0;

  constructor() {
    this.#set(P1_LO, P1_HI);
    this.#add(P2_LO, P2_HI);
    this.#store(0);
    this.#set(P2_LO, P2_HI);
    this.#store(1);
    this.#set(0, 0);
    this.#store(2);
    // 0 − P1
    this.#set(-P1_LO | 0, ~P1_HI);
    this.#store(3);
  }

  update(bytes: Uint8Array): void {
    this.#totalBytes += bytes.length;
    let at = 0;
    if (this.#stripeBytes > 0) {
      at = Math.min(STRIPE_BYTES - this.#stripeBytes, bytes.length);
      this.#stripe.set(bytes.subarray(0, at), this.#stripeBytes);
      this.#stripeBytes += at;
      if (this.#stripeBytes < STRIPE_BYTES) return;
      this.#consume(this.#stripe, 0);
      this.#stripeBytes = 0;
    }
    for (; at + STRIPE_BYTES <= bytes.length; at += STRIPE_BYTES) this.#consume(bytes, at);
    this.#stripe.set(bytes.subarray(at));
    this.#stripeBytes = bytes.length - at;
  }

  /** The low 32 bits of the hash of all bytes so far, as an unsigned number. */
  low32(): number {
    this.#converge();
    this.#add(this.#totalBytes | 0, Math.floor(this.#totalBytes / 2 ** 32));
    this.#tail();
    this.#xorShift(33);
    this.#multiply(P2_LO, P2_HI);
    this.#xorShift(29);
    this.#multiply(P3_LO, P3_HI);
    this.#xorShift(32);
    return this.#lo >>> 0;
  }

  #consume(bytes: Uint8Array, at: number): void {
    const lanes = this.#lanes;
    for (let lane = 0; lane < 4; lane += 1) {
      this.#set(word(bytes, at + lane * 8), word(bytes, at + lane * 8 + 4));
      this.#multiply(P2_LO, P2_HI);
      this.#add(lanes[lane * 2]!, lanes[lane * 2 + 1]!);
      this.#rotate(31);
      this.#multiply(P1_LO, P1_HI);
      this.#store(lane);
    }
  }

  /** Makes one number of the four accumulators, or the start value when there was no whole stripe. */
  #converge(): void {
    if (this.#totalBytes < STRIPE_BYTES) {
      this.#set(P5_LO, P5_HI);
      return;
    }
    const lanes = this.#lanes;
    const sum = new Xxh64();
    sum.#set(0, 0);
    [1, 7, 12, 18].forEach((rotation, lane) => {
      this.#set(lanes[lane * 2]!, lanes[lane * 2 + 1]!);
      this.#rotate(rotation);
      sum.#add(this.#lo, this.#hi);
    });
    for (let lane = 0; lane < 4; lane += 1) {
      this.#set(lanes[lane * 2]!, lanes[lane * 2 + 1]!);
      this.#round();
      sum.#xor(this.#lo, this.#hi);
      sum.#multiply(P1_LO, P1_HI);
      sum.#add(P4_LO, P4_HI);
    }
    this.#set(sum.#lo, sum.#hi);
  }

  /** Mixes in the bytes after the last whole stripe. */
  #tail(): void {
    const bytes = this.#stripe;
    let at = 0;
    for (; at + 8 <= this.#stripeBytes; at += 8) {
      const lo = this.#lo;
      const hi = this.#hi;
      this.#set(word(bytes, at), word(bytes, at + 4));
      this.#round();
      this.#xor(lo, hi);
      this.#rotate(27);
      this.#multiply(P1_LO, P1_HI);
      this.#add(P4_LO, P4_HI);
    }
    if (at + 4 <= this.#stripeBytes) {
      this.#mix(word(bytes, at), 23, P1_LO, P1_HI, P2_LO, P2_HI);
      this.#add(P3_LO, P3_HI);
      at += 4;
    }
    for (; at < this.#stripeBytes; at += 1) this.#mix(bytes[at]!, 11, P5_LO, P5_HI, P1_LO, P1_HI);
  }

  /** this = rotate(this xor value × prime, rotation) × factor; the value is unsigned and has 32 bits. */
  #mix(value: number, rotation: number, primeLo: number, primeHi: number, lo: number, hi: number): void {
    const beforeLo = this.#lo;
    const beforeHi = this.#hi;
    this.#set(value, 0);
    this.#multiply(primeLo, primeHi);
    this.#xor(beforeLo, beforeHi);
    this.#rotate(rotation);
    this.#multiply(lo, hi);
  }

  #round(): void {
    this.#multiply(P2_LO, P2_HI);
    this.#rotate(31);
    this.#multiply(P1_LO, P1_HI);
  }

  #set(lo: number, hi: number): void {
    this.#lo = lo | 0;
    this.#hi = hi | 0;
  }

  #store(lane: number): void {
    this.#lanes[lane * 2] = this.#lo;
    this.#lanes[lane * 2 + 1] = this.#hi;
  }

  #xor(lo: number, hi: number): void {
    this.#lo ^= lo;
    this.#hi ^= hi;
  }

  #add(lo: number, hi: number): void {
    const sum = (this.#lo >>> 0) + (lo >>> 0);
    this.#lo = sum | 0;
    this.#hi = (this.#hi + hi + (sum > 0xffffffff ? 1 : 0)) | 0;
  }

  /** Rotation to the left by 1 to 31 bits. */
  #rotate(bits: number): void {
    const lo = this.#lo;
    const hi = this.#hi;
    this.#lo = (lo << bits) | (hi >>> (32 - bits));
    this.#hi = (hi << bits) | (lo >>> (32 - bits));
  }

  /** this ^= this >> bits, for 29 to 33 bits. */
  #xorShift(bits: number): void {
    const hi = this.#hi;
    if (bits >= 32) this.#lo ^= hi >>> (bits - 32);
    else {
      this.#lo ^= (this.#lo >>> bits) | (hi << (32 - bits));
      this.#hi ^= hi >>> bits;
    }
  }

  /** The low 64 bits of the product. Products of 16-bit halves and their sums are exact in float64. */
  #multiply(lo: number, hi: number): void {
    const aLo = this.#lo;
    const a0 = aLo & 0xffff;
    const a1 = aLo >>> 16;
    const b0 = lo & 0xffff;
    const b1 = lo >>> 16;
    const low = a0 * b0;
    const middle = a0 * b1 + a1 * b0 + (low >>> 16);
    this.#hi = (a1 * b1 + Math.floor(middle / 65536) + Math.imul(aLo, hi) + Math.imul(this.#hi, lo)) | 0;
    this.#lo = (middle << 16) | (low & 0xffff);
  }
}

/** Four bytes, little endian. */
function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
