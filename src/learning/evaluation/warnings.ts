import type {
  BaselineScores,
  Estimate,
  Evaluation,
  InterArrivalEvaluation,
  NextTaskEvaluation,
  PartEvaluation,
} from '../../protocol/evaluation.js';

/** Shares of the targets from which on something is worth a warning. */
const MUCH_IDLE = 0.4;
const MANY_UNKNOWN = 0.1;

const TITLES: ReadonlyMap<string, string> = new Map([
  ['validation', 'the validation part'],
  ['seen', 'the seen test'],
  ['unseen', 'the unseen test'],
  ['given', 'the recordings given'],
]);

/** What a reader should know before any figure of an evaluation. */
export function evaluationWarnings({ parts, model }: Pick<Evaluation, 'parts' | 'model'>): string[] {
  return parts.flatMap((part) => [...ofPart(part, model.name)]);
}

function* ofPart(part: PartEvaluation, model: string): Generator<string> {
  const where = TITLES.get(part.part) ?? part.part;
  if (part.task === 'next-task') yield* ofTasks(part, model, where);
  else yield* ofTimes(part, model, where);
}

function* ofTasks(part: NextTaskEvaluation, model: string, where: string): Generator<string> {
  const all = part.slices[0]!;
  if (all.model.top1.low === null) yield tooFew(part, where);
  const beaten = notBetter(all.baselines, ({ difference }) => difference.top1);
  if (beaten !== null) {
    const { name, scores, difference } = beaten;
    yield `On ${where} ${model} is not better than the baseline "${name}": top-1 ${percent(all.model.top1.value)} against ${percent(scores.top1.value)}, a difference of ${points(difference.top1)}.`;
  }
  const busy = part.slices.find(({ slice }) => slice === 'withoutIdle');
  const beatenBusy = busy && notBetter(busy.baselines, ({ difference }) => difference.top1);
  if (busy !== undefined && beaten === null && beatenBusy !== null && beatenBusy !== undefined) {
    const { name, scores } = beatenBusy;
    yield `On ${where}, where what comes is not idle, ${model} is not better than the baseline "${name}": top-1 ${percent(busy.model.top1.value)} against ${percent(scores.top1.value)}.`;
  }
  const idle = part.idleTargets / part.targets;
  if (idle > MUCH_IDLE) {
    yield `On ${where} ${percent(idle)} of the targets are idle: always answering idle is right as often. Read the figures without idle.`;
  }
  const unknown = part.unknownTargets / part.targets;
  if (unknown > MANY_UNKNOWN) {
    yield `On ${where} ${percent(unknown)} of the targets are not in the vocabulary, and no answer to them is right.`;
  }
}

function* ofTimes(part: InterArrivalEvaluation, model: string, where: string): Generator<string> {
  const { spreadRatio, freeRunRatio, isCollapsed } = part.collapse;
  if (isCollapsed) {
    const free = freeRunRatio === null ? '' : `, and in a free run ${percent(freeRunRatio)}`;
    yield `On ${where} the forecast of ${model} has collapsed to hardly more than one value: its spread is ${percent(spreadRatio)} of that of what came${free}. A small error then says little.`;
  }
  const [next] = part.horizons;
  if (next!.model.logMae.low === null) yield tooFew(part, where);
  const beaten = part.horizons.flatMap(({ steps, model: scores, baselines }) => {
    // Errors: less is better.
    const baseline = notBetter(baselines, ({ difference }) => negative(difference.logMae));
    if (baseline === null) return [];
    const ahead = steps === 1 ? 'for the next event' : `${steps} events ahead`;
    const [own, other] = [scores.logMae.value, baseline.scores.logMae.value];
    return [`${ahead} "${baseline.name}" (log-MAE ${own.toFixed(3)} against ${other.toFixed(3)})`];
  });
  if (beaten.length > 0) yield `On ${where} ${model} is not better than a baseline: ${beaten.join(', ')}.`;
}

/** The baseline that the model is farthest behind, or least ahead of, unless the model is better for sure than all of them. */
function notBetter<B extends { readonly name: string }>(
  baselines: readonly B[],
  differenceOf: (baseline: B) => Estimate,
): B | null {
  const behind = baselines
    .filter((baseline) => {
      const { value, low } = differenceOf(baseline);
      // Too few blocks for an interval: then the figure alone has to do.
      return (low ?? value) <= 0;
    })
    .sort((a, b) => differenceOf(a).value - differenceOf(b).value);
  return behind[0] ?? null;
}

function negative({ value, low, high }: Estimate): Estimate {
  return { value: -value, low: high === null ? null : -high, high: low === null ? null : -low };
}

function tooFew({ targets, blockEvents }: PartEvaluation, where: string): string {
  return `${capital(where)} has ${targets} targets, too few blocks of ${blockEvents} that depend little on each other: there are no intervals, and differences may be chance.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A difference of shares with its interval, in percentage points. */
function points({ value, low, high }: BaselineScores['difference']['top1']): string {
  const text = (share: number) => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(2)}`;
  return low === null || high === null
    ? `${text(value)} points`
    : `${text(value)} points (${text(low)} … ${text(high)})`;
}
