/** What a trained model takes in each form in which it can be carried, and how it decides there; nothing is written. */
import { isFailure } from '../../base/errors.js';
import type { TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import { carriedAgreement, type DecisionCounts } from './agreement.js';
import { carriedModel, type CarriedModel, type CarryOptions } from './carriedModel.js';
import { wordsDigest } from './emitRun.js';

export interface CarriedFormFigures extends Pick<CarriedModel, 'form' | 'bits' | 'stateBytes'> {
  readonly modelBytes: number;
  /** Of fixed point with float32. */
  readonly withFloat: DecisionCounts | null;
  readonly asTrained: DecisionCounts;
  readonly wordsSha256: string;
}

export interface CarriedForms {
  readonly forms: readonly CarriedFormFigures[];
  /** Why it cannot be carried in the other ones. */
  readonly failures: readonly string[];
}

/** Those of a tree are all the same. */
const FORMS: readonly CarryOptions[] = [
  { target: 'c-fixed', bits: 16 },
  { target: 'c-fixed', bits: 8 },
  { target: 'c' },
];

/** Takes seconds: scales in fixed point are searched for. @param onForm called before each form, with what it is */
export function carriedForms(
  run: TrainedRun,
  onForm: (text: string) => void = () => undefined,
): CarriedForms {
  const wanted: readonly CarryOptions[] = run.model.body.kind === 'tree' ? [{ target: 'c-fixed' }] : FORMS;
  const forms: CarriedFormFigures[] = [];
  const failures = new Set<string>();
  for (const options of wanted) {
    onForm(options.bits === undefined ? options.target : `${options.bits} bits`);
    try {
      forms.push(formOf(run, carriedModel(run.model, run.calibration, options)));
    } catch (error) {
      if (!isFailure(error)) throw error;
      failures.add(error.message);
    }
  }
  return { forms, failures: [...failures] };
}

function formOf(run: TrainedRun, carried: CarriedModel): CarriedFormFigures {
  const { form, bits, bytes, stateBytes } = carried;
  const { withFloat, asTrained } = carriedAgreement(run, carried);
  return {
    form,
    bits,
    modelBytes: bytes,
    stateBytes,
    withFloat,
    asTrained,
    wordsSha256: wordsDigest(carried),
  };
}
