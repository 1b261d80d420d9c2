import type { Check } from './check.js';
import { mostlyIdle, oneClassDominates, tooFewPositives } from './checks/classes.js';
import { batchAsLatency, meanOfRatios, measuredOnce, unlikeCompared } from './checks/cost.js';
import { outdatedEvaluation } from './checks/figures.js';
import { labelFromInputs, rowIdentifiers } from './checks/inputs.js';
import { axesMixed } from './checks/layout.js';
import { balancedRareEvent } from './checks/rare.js';
import { scaledByTest } from './checks/scaling.js';
import { acrossGaps, lostEvents } from './checks/sequences.js';
import { chosenOnTest, trainInTest } from './checks/splits.js';
import { collapsedForecast, constantBeatsModel, simpleRuleBeatsModel } from './checks/trivial.js';
import { unknownAsClass } from './checks/unknowns.js';

/** All checks, in the order in which they are shown. A new one is a row here. */
export const CHECKS: readonly Check[] = [
  unknownAsClass,
  mostlyIdle,
  oneClassDominates,
  constantBeatsModel,
  simpleRuleBeatsModel,
  trainInTest,
  acrossGaps,
  scaledByTest,
  labelFromInputs,
  rowIdentifiers,
  chosenOnTest,
  balancedRareEvent,
  axesMixed,
  batchAsLatency,
  tooFewPositives,
  lostEvents,
  meanOfRatios,
  unlikeCompared,
  collapsedForecast,
  measuredOnce,
  outdatedEvaluation,
];
