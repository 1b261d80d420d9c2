import type {
  CarriedModelView,
  DeployedMachineView,
  ModelRunRequests,
  ModelRunState,
} from '../../../src/protocol/neuralCfsRunMessages.js';
import type { Notice } from '../../common/notices.js';
import { Signal } from '../../common/signal.js';

/** What the parts of the view share. */
export class RunModel {
  readonly state = new Signal<ModelRunState | null>(null);
  /** Why nothing can be shown. */
  readonly failure = new Signal<string | null>(null);
  /** What it takes in each form; a text: why that cannot be told. Null: it is being found out. */
  readonly carried = new Signal<CarriedModelView | string | null>(null);
  readonly machines = new Signal<readonly DeployedMachineView[]>([]);
  readonly announcement = new Signal<string>('');
  readonly notice = new Signal<Notice | null>(null);
}

/** Has something done by the extension, which may ask the user; the user is told when it fails. */
export type Act = <K extends keyof ModelRunRequests>(
  method: K,
  params: ModelRunRequests[K]['params'],
) => Promise<void>;
