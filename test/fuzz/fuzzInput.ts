/** Makes the input of a run from nothing but the seed and the number of the run. */
import { gzipSync } from 'node:zlib';
import { DEFAULT_CHUNK_BYTES } from '../../src/base/byteSource.js';
import { oneOf, randomNumbers, seedOf, type RandomNumbers } from '../support/randomNumbers.js';
import { tarOf, type ArchiveMember } from '../support/tarArchive.js';
import { BLOCK_MUTATIONS, MOVING_MUTATIONS } from './blockMutations.js';
import type { FuzzCorpus, FuzzSeed } from './fuzzSeeds.js';
import { LINE_MUTATIONS } from './lineMutations.js';
import type { Material, Mutation } from './mutation.js';

/** What is done with an input beside reading it in its format. */
export interface FuzzInput {
  readonly bytes: Uint8Array;
  readonly chunkBytes: number;
  /** Read it by detection instead of as its format. */
  readonly byDetection: boolean;
  /** Also analyse what was read, as a view does. */
  readonly isLookedAt: boolean;
  /** Also export what was read. */
  readonly isExported: boolean;
}

/** What an input is made from: a fixture's piece, or an earlier input that reached code nothing had reached before. */
export type FuzzBase = Pick<FuzzSeed, 'bytes' | 'isText' | 'members'>;

/** An earlier input worth going on from, with the runs that led to it, newest first. */
export interface KeptInput {
  readonly lineage: readonly number[];
  readonly base: FuzzBase;
}

/** One in so many runs. */
const DETECTION_RUNS = 8;
const ANALYSIS_RUNS = 16;
const EXPORT_RUNS = 64;
const COMPRESSED_RUNS = 256;
const FIXTURE_RUNS = 3;

export class FuzzInputs {
  readonly #seeds: readonly FuzzSeed[];
  readonly #others: readonly FuzzSeed[];

  constructor(
    readonly corpus: FuzzCorpus,
    readonly format: string,
    readonly seed: number,
  ) {
    this.#seeds = corpus.seeds.get(format) ?? [];
    this.#others = [...corpus.seeds.values()].flat();
  }

  /** Decides from which earlier input a run goes on; undefined: from a fixture. */
  parentOf(run: number, kept: readonly KeptInput[]): KeptInput | undefined {
    const random = randomNumbers(seedOf('parent', this.format, this.seed, run));
    return kept.length === 0 || random(FIXTURE_RUNS) === 0 ? undefined : oneOf(random, kept);
  }

  /** The bytes of a run, before they are packed. `lineage`: the runs it goes on from, newest first. */
  base(run: number, lineage: readonly number[]): FuzzBase {
    const [parent, ...rest] = lineage;
    return this.changed(run, parent === undefined ? undefined : this.base(parent, rest));
  }

  /** A changed copy of the parent, or of a fixture. */
  changed(run: number, parent: FuzzBase | undefined): FuzzBase {
    const random = randomNumbers(seedOf('bytes', this.format, this.seed, run));
    const fixture = oneOf(random, this.#seeds);
    const from = parent ?? fixture;
    const donor = oneOf(random, random(4) === 0 ? this.#others : this.#seeds).bytes;
    const material: Material = { random, donor, words: this.corpus.words };
    if (from.members === undefined || random(8) === 0) {
      return { bytes: mutated(from.bytes.slice(), from.isText, material), isText: from.isText };
    }
    const members = changedMembers(from.members, material);
    return { bytes: tarOf(members), isText: false, members };
  }

  /** The base as it is given to the importer, and what else is done in this run. */
  input(run: number, { bytes }: FuzzBase): FuzzInput {
    const random = randomNumbers(seedOf('reading', this.format, this.seed, run));
    return {
      chunkBytes: random(2) === 0 ? DEFAULT_CHUNK_BYTES : 1 + random(8192),
      byDetection: random(DETECTION_RUNS) === 0,
      isLookedAt: random(ANALYSIS_RUNS) === 0,
      isExported: random(EXPORT_RUNS) === 0,
      bytes: random(COMPRESSED_RUNS) === 0 ? compressed(bytes, random) : bytes,
    };
  }
}

function mutated(bytes: Uint8Array, isText: boolean, material: Material): Uint8Array {
  const { random } = material;
  let result = bytes;
  // Few changes, mostly; sometimes so many that little is left.
  for (let count = 2 ** Math.min(random(6), random(6)); count > 0 && result.length > 0; count -= 1) {
    result = oneOf(random, mutationsFor(random, isText))(result, material);
  }
  return result;
}

function mutationsFor(random: RandomNumbers, isText: boolean): readonly Mutation[] {
  const dice = random(10);
  if (isText) return dice < 8 ? LINE_MUTATIONS : dice === 8 ? BLOCK_MUTATIONS : MOVING_MUTATIONS;
  return dice < 8 ? BLOCK_MUTATIONS : dice === 8 ? MOVING_MUTATIONS : LINE_MUTATIONS;
}

/** One file changed; sometimes also missing, twice there, or with the name of another. */
function changedMembers(members: readonly ArchiveMember[], material: Material): ArchiveMember[] {
  const { random } = material;
  const result = [...members];
  const pick = () => random(result.length);
  for (let count = 1 + random(2); count > 0 && result.length > 0; count -= 1) {
    const index = pick();
    const { path, bytes } = result[index]!;
    const isText = !bytes.subarray(0, 4096).includes(0);
    switch (random(12)) {
      case 0:
        result.splice(index, 1);
        break;
      case 1:
        result[index] = { path: result[pick()]!.path, bytes };
        break;
      case 2:
        result.push({ path: `${path}${random(100)}`, bytes });
        break;
      case 3:
        result[index] = { path, bytes: result[pick()]!.bytes };
        break;
      default:
        result[index] = { path, bytes: mutated(bytes.slice(), isText, material) };
    }
  }
  return result;
}

function compressed(bytes: Uint8Array, random: RandomNumbers): Uint8Array {
  const packed = Uint8Array.from(gzipSync(bytes, { level: 1 }));
  for (let i = random(3); i > 0; i -= 1) packed[random(packed.length)]! ^= 1 << random(8);
  return random(4) === 0 ? packed.slice(0, random(packed.length)) : packed;
}
