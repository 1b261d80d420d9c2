import type { ModelJudgement } from '../../../src/protocol/neuralCfs.js';
import { button, setEnabled } from '../../common/controls.js';
import { element } from '../../common/dom.js';
import { inOrder, isJudged, type JudgedModel } from '../model/judgedModels.js';
import type { StudyModel } from '../model/studyModel.js';
import { figuresAt, type ThresholdPoint } from '../model/thresholdFigures.js';
import { percent, shortTitle } from '../model/words.js';
import { createDropdown } from './choices.js';

/** Whose threshold, and where it is: a slider over the scores that are known, and buttons for those that have a name. */
export class ThresholdSlider {
  readonly element: HTMLElement;
  readonly #slider = element('input', {
    className: 'threshold-slider',
    attributes: { type: 'range', min: '0', step: '1', 'aria-label': 'Threshold' },
  });
  readonly #text = element('output', { className: 'threshold-text' });
  readonly #chooser: ReturnType<typeof createDropdown>;
  readonly #half: HTMLElement;
  readonly #trained: HTMLElement;
  #points: readonly ThresholdPoint[] = [];
  #trainedAt: number | null = null;

  constructor(model: StudyModel) {
    const models = element('span', { className: 'labelled' });
    this.#chooser = createDropdown(models, 'Model', (name) => model.modelName.set(name));
    this.#half = button('At 0.5', 'The threshold of the tables', () => model.threshold.set(0.5));
    this.#trained = button(
      'As found in training',
      'The threshold with the highest Matthews’ correlation on the training rows',
      () => model.threshold.set(this.#trainedAt),
    );
    this.#slider.addEventListener('input', () => {
      const point = this.#points[this.#points.length - 1 - Number(this.#slider.value)];
      if (point !== undefined) model.threshold.set(point.threshold);
    });
    const end = (text: string) =>
      element('span', { className: 'muted', attributes: { 'aria-hidden': 'true' } }, text);
    this.element = element(
      'div',
      { className: 'threshold-controls' },
      element('div', { className: 'card-controls' }, models, this.#half, this.#trained, this.#text),
      element('div', { className: 'threshold-row' }, end('more alarms'), this.#slider, end('fewer alarms')),
    );
  }

  /** Scores rise from left to right; points are descending. */
  show(
    models: readonly ModelJudgement[],
    { name, judgement }: JudgedModel,
    points: readonly ThresholdPoint[],
    chosen: ThresholdPoint,
  ): void {
    this.#points = points;
    this.#trainedAt = judgement.atTrained?.threshold ?? null;
    this.#chooser(
      Object.fromEntries(
        inOrder(models)
          .filter(isJudged)
          .map((each) => [each.name, shortTitle(each)]),
      ),
      name,
    );
    setEnabled(this.#trained, this.#trainedAt !== null);
    this.#trained.title =
      this.#trainedAt === null
        ? 'Not looked for where rows were made half and half'
        : 'The threshold with the highest Matthews’ correlation on the training rows';
    this.#slider.max = String(points.length - 1);
    this.#slider.disabled = points.length < 2;
    this.#slider.value = String(points.length - 1 - points.indexOf(chosen));
    const { precision, recall } = figuresAt(chosen, judgement);
    const words = `Threshold ${scoreText(chosen.threshold)}`;
    this.#text.textContent = points.length < 2 ? `${words}: the only score that occurs` : words;
    this.#slider.setAttribute(
      'aria-valuetext',
      `${scoreText(chosen.threshold)}: precision ${precision === null ? 'unknown' : percent(precision)}, recall ${percent(recall)}`,
    );
  }
}

/** Scores crowd at both ends: `0.4421`, `0.99998`. */
export function scoreText(score: number): string {
  if (score > 0.99 && score < 1) return String(Number(score.toFixed(7)));
  return String(Number(score.toPrecision(4)));
}
