import { interArrivalLstm, interArrivalTcn } from './interArrival.js';
import { kernelOracle2019 } from './kernelOracle2019.js';
import { lstm } from './lstm.js';
import { lstmNextTask } from './lstmNextTask.js';
import type { ModelKind } from './model.js';
import { tcn } from './tcn.js';

// `create` is given what the `settings` of the same row parsed, so that the type of settings may be left out here.
const ALL = [
  tcn,
  lstmNextTask,
  lstm,
  interArrivalTcn,
  interArrivalLstm,
  kernelOracle2019,
] as readonly ModelKind[];

/** The models that there are, by name. A new one is a file and a row here. */
export const MODELS: ReadonlyMap<string, ModelKind> = new Map(ALL.map((kind) => [kind.name, kind]));
