/** What guesses the next task from those before it, and learns from each in turn. */
export interface TaskBaseline {
  readonly name: string;
  /** A sequence begins: nothing before it counts as its past. */
  begin(): void;
  /** The task that came. UNK teaches nothing but that the past is unknown. */
  observe(task: number): void;
  /** The likeliest next tasks, the likeliest first; UNK is never among them. */
  guesses(most: number): readonly number[];
  /** Probability that this task is next; those of all known tasks sum up to 1. `null`: it has no probabilities. */
  probability(task: number): number | null;
  /** The same as training left it: what it learns from here on is its own. */
  fork(): TaskBaseline;
}
