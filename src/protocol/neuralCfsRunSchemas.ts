import * as v from 'valibot';
import { DEPLOYED_MODES } from './deployment.js';
import { deployedStatusSchema } from './deploymentSchemas.js';
import type { ParamsOf } from './inspectionSchemas.js';
import type {
  CarriedModelView,
  DeployedMachineView,
  ModelRunRequests,
  ModelRunState,
} from './neuralCfsRunMessages.js';
import {
  experimentSchema,
  judgedRecordingsSchema,
  modelJudgementSchema,
  rowCountsSchema,
} from './neuralCfsSchemas.js';

// What the panel of a trained model is told and may ask: checked where it arrives.

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());
const text = v.string();
const texts = v.array(text);
const bits = v.nullable(v.picklist([8, 16, 32]));

const runState: v.GenericSchema<unknown, ModelRunState> = v.object({
  name: text,
  folder: text,
  isTrusted: v.boolean(),
  run: v.object({
    kernelOracleVersion: text,
    made: text,
    experiment: experimentSchema,
    seed: count,
    recordings: judgedRecordingsSchema,
    rows: count,
    split: text,
    inputs: v.array(
      v.object({
        name: text,
        unit: text,
        text,
        mean: finite,
        deviation: finite,
        least: v.number(),
        most: v.number(),
      }),
    ),
    leftOut: texts,
    training: rowCountsSchema,
    test: rowCountsSchema,
    model: modelJudgementSchema,
    refusal: v.nullable(text),
    threshold: v.object({ choice: v.picklist(['half', 'trained']), score: finite, logit: finite }),
    warnings: texts,
  }),
});

const decisions = v.object({ rows: count, agreeing: count });

export const carriedModelSchema: v.GenericSchema<unknown, CarriedModelView> = v.object({
  forms: v.array(
    v.object({
      form: v.picklist(['float', 'fixed', 'tree']),
      bits,
      modelBytes: count,
      stateBytes: count,
      withFloat: v.nullable(decisions),
      asTrained: decisions,
      wordsSha256: text,
    }),
  ),
  failures: texts,
});

const machines: v.GenericSchema<unknown, readonly DeployedMachineView[]> = v.array(
  v.object({
    machine: text,
    state: v.object({
      kind: v.picklist(['disconnected', 'connecting', 'ready', 'busy', 'lost']),
      text,
    }),
    status: v.nullable(deployedStatusSchema),
    askedAtMs: v.nullable(count),
    failure: v.nullable(text),
    doing: v.nullable(text),
  }),
);

/** The state as the host sent it; `null` for what is none. */
export function readModelRunState(value: unknown): ModelRunState | null {
  return readAs(runState, value);
}

export function readCarriedModel(value: unknown): CarriedModelView | null {
  return readAs(carriedModelSchema, value);
}

export function readDeployedMachines(value: unknown): readonly DeployedMachineView[] | null {
  return readAs(machines, value);
}

function readAs<T>(schema: v.GenericSchema<unknown, T>, value: unknown): T | null {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : null;
}

const nothing = v.strictObject({});
const name = v.pipe(text, v.minLength(1), v.maxLength(1000));
const onMachine = v.strictObject({ machine: name });
const maybeMachine = v.strictObject({ machine: v.nullable(name) });

/** Parameters of requests, checked when they arrive. */
export const MODEL_RUN_PARAMS: ParamsOf<ModelRunRequests> = {
  modelRunState: nothing,
  carriedModel: nothing,
  deployedMachines: nothing,
  openRecording: v.strictObject({ recording: count }),
  emitSources: nothing,
  deployModel: maybeMachine,
  askMachine: maybeMachine,
  setDeployedMode: v.strictObject({ machine: name, mode: v.picklist(DEPLOYED_MODES) }),
  removeDeployed: onMachine,
  retrainAndSwap: onMachine,
  measureDeployed: onMachine,
};
