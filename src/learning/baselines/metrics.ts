import { UNKNOWN } from '../../dataset/sequences.js';
import { IDLE } from '../../dataset/vocabulary.js';

/** How good guesses of the next task are, shares of 0 … 1; `null` where nothing was asked. */
export interface TaskMetrics {
  /** Targets, UNK among them: these are never right. */
  readonly targets: number;
  readonly unknownTargets: number;
  readonly accuracy: number | null;
  readonly top5: number | null;
  /** Of the targets that are not idle. */
  readonly accuracyWithoutIdle: number | null;
}

/** How far guesses of the time to the next event are off. */
export interface TimeMetrics {
  readonly targets: number;
  /** Mean of |error| of ln(1 + ns). */
  readonly maeLog: number | null;
  /** Mean of |error| in ns. */
  readonly maeNs: number | null;
  /** Mean pinball loss of ln(1 + ns) over the levels that are told; a point is taken for each of them. */
  readonly pinballLog: number | null;
}

/** Counts what was right; the same for models and baselines. */
export class TaskTally {
  #targets = 0;
  #unknown = 0;
  #right = 0;
  #rightOfFive = 0;
  #busy = 0;
  #busyRight = 0;

  /** @param guesses the likeliest first, UNK not among them */
  add(target: number, guesses: readonly number[]): void {
    const isRight = target !== UNKNOWN && guesses[0] === target;
    this.#targets += 1;
    if (target === UNKNOWN) this.#unknown += 1;
    if (isRight) this.#right += 1;
    if (target !== UNKNOWN && guesses.slice(0, 5).includes(target)) this.#rightOfFive += 1;
    if (target === IDLE) return;
    this.#busy += 1;
    if (isRight) this.#busyRight += 1;
  }

  metrics(): TaskMetrics {
    return {
      targets: this.#targets,
      unknownTargets: this.#unknown,
      accuracy: share(this.#right, this.#targets),
      top5: share(this.#rightOfFive, this.#targets),
      accuracyWithoutIdle: share(this.#busyRight, this.#busy),
    };
  }
}

export class TimeTally {
  #targets = 0;
  #errorLog = 0;
  #errorNs = 0;
  #pinball = 0;

  constructor(private readonly quantiles: readonly number[]) {}

  /** Both as ln(1 + ns). */
  addPoint(target: number, guess: number): void {
    this.add(
      target,
      guess,
      this.quantiles.map(() => guess),
    );
  }

  /** @param levels one guess a quantile */
  add(target: number, guess: number, levels: readonly number[]): void {
    this.#targets += 1;
    this.#errorLog += Math.abs(target - guess);
    this.#errorNs += Math.abs(Math.expm1(target) - Math.expm1(guess));
    const losses = this.quantiles.map((level, at) => {
      const error = target - levels[at]!;
      return error >= 0 ? level * error : (level - 1) * error;
    });
    this.#pinball += losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  }

  metrics(): TimeMetrics {
    return {
      targets: this.#targets,
      maeLog: share(this.#errorLog, this.#targets),
      maeNs: share(this.#errorNs, this.#targets),
      pinballLog: share(this.#pinball, this.#targets),
    };
  }
}

function share(part: number, all: number): number | null {
  return all === 0 ? null : part / all;
}
