/** A trained model in the form in which a target runs it: its words, and the reference of what it says. */
import { Failure } from '../../base/errors.js';
import type { DeployableModel, RawRows } from '../../learning/migrations/deployableModel.js';
import { fixedAnswers } from '../fixedInterpreter.js';
import type { WeightBits } from '../fixedModel.js';
import { floatAnswers, packFloat } from '../floatReference.js';
import { quantise } from '../quantise.js';
import { packTree, treeAnswers, TREE_LOGIT_SCALE } from '../treeModel.js';
import type { Answers, WholeRows } from '../wholeRows.js';

export const EMIT_TARGETS = ['c', 'c-fixed', 'ebpf', 'module'] as const;
export type EmitTarget = (typeof EMIT_TARGETS)[number];

/** Of a weight: fixed point, or 32, a float. */
export type CarriedBits = WeightBits | 32;

export interface WordArray {
  /** Of the array in C. */
  readonly name: 'scaling' | 'network' | 'model';
  readonly words: Uint32Array;
}

export interface CarriedModel {
  /** What of LibML runs it. */
  readonly form: 'float' | 'fixed' | 'tree';
  /** Of a weight; a tree has none. */
  readonly bits: CarriedBits | null;
  readonly arrays: readonly WordArray[];
  readonly bytes: number;
  /** Memory that a decision takes besides. */
  readonly stateBytes: number;
  /** Log-odds of 1 of the logit. */
  readonly logitScale: number;
  /** To the bit what the library says. */
  readonly answers: (rows: WholeRows) => Answers;
}

export interface CarryOptions {
  readonly target: EmitTarget;
  /** Of weights, for all targets but `c`, which has floats; 16 unless given. 32 for `module` alone. */
  readonly bits?: CarriedBits | undefined;
}

const FIXED_STATE_BYTES = 256;

/**
 * @param calibration rows that scales in fixed point are chosen by
 * Failures: `wrong-usage` (bits where there are none to choose), `too-large` (LibML has no room for it), `bad-input` (it is no sound model).
 */
export function carriedModel(
  model: DeployableModel,
  calibration: RawRows,
  { target, bits }: CarryOptions,
): CarriedModel {
  const isTree = model.body.kind === 'tree';
  if (bits !== undefined && (isTree || target === 'c')) {
    throw new Failure(
      'wrong-usage',
      isTree
        ? 'A tree has no weights: its questions are about whole numbers and exact for every target. Leave --bits out.'
        : 'The target c has weights of float32. Leave --bits out, or take c-fixed.',
    );
  }
  if (isTree) return carriedTree(model);
  if (target === 'c' || (target === 'module' && bits === 32)) return carriedFloat(model);
  if (bits === 32) {
    throw new Failure(
      'wrong-usage',
      `The target ${target} has weights in fixed point, of 8 or 16 bits. For floats take the target c, or module.`,
    );
  }
  return carriedFixed(model, calibration, bits ?? 16);
}

function carriedTree(model: DeployableModel): CarriedModel {
  const words = packTree(model);
  return {
    ...{ form: 'tree', bits: null, stateBytes: 0, logitScale: TREE_LOGIT_SCALE },
    arrays: [{ name: 'model', words }],
    bytes: 4 * words.length,
    answers: (rows) => treeAnswers(words, rows),
  };
}

function carriedFloat(model: DeployableModel): CarriedModel {
  const packed = packFloat(model);
  const { scaling, network } = packed;
  return {
    ...{ form: 'float', bits: 32, logitScale: 1 },
    arrays: [
      { name: 'scaling', words: scaling },
      { name: 'network', words: network },
    ],
    bytes: 4 * (scaling.length + network.length),
    stateBytes: 4 * scratchFloats(model),
    answers: (rows) => floatAnswers(packed, rows),
  };
}

function carriedFixed(model: DeployableModel, calibration: RawRows, bits: WeightBits): CarriedModel {
  const { model: fixed, words } = quantise(model, calibration, { bits });
  return {
    ...{ form: 'fixed', bits, stateBytes: FIXED_STATE_BYTES, logitScale: fixed.logitScale },
    arrays: [{ name: 'model', words }],
    bytes: 4 * words.length,
    answers: (rows) => fixedAnswers(fixed, rows),
  };
}

/** What libml_scaled_score() needs: a float for each unit and each input. */
export function scratchFloats({ features, body }: DeployableModel): number {
  const units = body.kind === 'mlp' ? body.layers.reduce((sum, layer) => sum + layer.units, 0) : 1;
  return units + features.length;
}
