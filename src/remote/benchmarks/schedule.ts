import { SeededRandom } from '../../base/seededRandom.js';

export type Phase = 'warm-up' | 'measured';

/** One run. */
export interface Step {
  readonly subject: string;
  readonly benchmark: string;
  readonly phase: Phase;
  /** Counts the repeats of all benchmarks and subjects together, from 0. */
  readonly block: number;
  /** What must have been booted for it; null where that is left alone. */
  readonly kernel: string | null;
}

export interface ScheduleRequest {
  readonly subjects: readonly { readonly id: string; readonly kernel: string | null }[];
  readonly benchmarks: readonly string[];
  readonly repeats: number;
  readonly warmUps: number;
  readonly seed: number;
  /** How often every kernel is booted; its repeats are dealt evenly to the boots. */
  readonly rounds: number;
}

/**
 * The order of all runs on one machine: complete blocks in random order. A block has one repeat of each benchmark for each
 * subject; the subjects of a benchmark follow each other directly, in random order, so that what changes slowly on the
 * machine meets all alike. Kernels cannot be changed that often: within a round each is booted once, in random order.
 *
 * Warm-up runs come first after each boot. The same seed gives the same order.
 */
export function schedule(request: ScheduleRequest): Step[] {
  const random = new SeededRandom(request.seed);
  const kernels = [...new Set(request.subjects.map(({ kernel }) => kernel))];
  const rounds = kernels.length === 1 ? 1 : Math.max(1, Math.min(request.rounds, request.repeats));
  const steps: Step[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const from = Math.floor((round * request.repeats) / rounds);
    const until = Math.floor(((round + 1) * request.repeats) / rounds);
    for (const kernel of random.shuffled(kernels)) {
      const subjects = request.subjects.filter((each) => each.kernel === kernel).map(({ id }) => id);
      const add = (phase: Phase, block: number) => {
        for (const benchmark of random.shuffled(request.benchmarks)) {
          for (const subject of random.shuffled(subjects)) {
            steps.push({ subject, benchmark, phase, block, kernel });
          }
        }
      };
      for (let warmUp = 0; warmUp < request.warmUps; warmUp += 1) add('warm-up', from);
      for (let block = from; block < until; block += 1) add('measured', block);
    }
  }
  return steps;
}

/** What is the same for a step and for the record of its repeat. */
type StepKey = Pick<Step, 'subject' | 'benchmark' | 'phase' | 'block'>;

/**
 * What is left after an interruption: measured runs that have a record, failed ones too, are not repeated; warm-ups are,
 * for what will be measured after them in the same stretch.
 */
export function remaining(steps: readonly Step[], done: readonly StepKey[]): Step[] {
  const key = ({ subject, benchmark, block }: StepKey) => JSON.stringify([subject, benchmark, block]);
  const measured = new Set(done.filter(({ phase }) => phase === 'measured').map(key));
  const left = steps.map((step) => step.phase === 'measured' && !measured.has(key(step)));
  return steps.filter((step, at) => {
    if (step.phase === 'measured') return left[at];
    const next = steps.findIndex((other, later) => later > at && other.kernel !== step.kernel);
    return steps.some(
      (other, later) =>
        left[later] === true &&
        later > at &&
        (next < 0 || later < next) &&
        other.subject === step.subject &&
        other.benchmark === step.benchmark,
    );
  });
}
