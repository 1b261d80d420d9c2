import { element } from '../../common/dom.js';
import { formatShare } from '../../common/format.js';
import { classesOf, LEAST_CLASSES, MOST_CLASSES, sliderOf, sliderSteps } from '../model/classSlider.js';
import type { ConfusionModel } from '../model/confusionModel.js';

/** How many classes have a row of their own; the rare ones are one together. */
export function createClassSlider(model: ConfusionModel, choose: (classes: number) => void): HTMLElement {
  const slider = element('input', {
    className: 'class-slider',
    title: 'The rarest tasks are put together as "other"',
    attributes: { type: 'range', min: '0', step: '1', 'aria-label': 'Tasks with a row of their own' },
  });
  const text = element('span', { className: 'class-text' });
  const whole = element(
    'label',
    { className: 'labelled' },
    element('span', { attributes: { 'aria-hidden': 'true' } }, 'Tasks'),
    slider,
    text,
  );
  const all = () => (model.state.value?.kind === 'ready' ? model.state.value.matrix.allClasses : 0);
  const tell = (words: string) => {
    text.textContent = words;
    slider.setAttribute('aria-valuetext', words);
  };
  slider.addEventListener('input', () => {
    const classes = classesOf(Number(slider.value), all());
    tell(`${classes} of ${all()}`);
    choose(classes);
  });
  model.state.subscribe((state) => {
    if (state?.kind !== 'ready') return;
    const { matrix } = state;
    whole.hidden = matrix.allClasses <= LEAST_CLASSES;
    slider.max = String(sliderSteps(matrix.allClasses));
    // What is being dragged is where the hand is.
    if (classesOf(Number(slider.value), matrix.allClasses) !== matrix.query.classes) {
      slider.value = String(sliderOf(matrix.query.classes, matrix.allClasses));
    }
    const shown = Math.min(matrix.query.classes, matrix.allClasses, MOST_CLASSES);
    const covered = formatShare(matrix.covered);
    tell(
      shown < matrix.allClasses
        ? `${shown} of ${matrix.allClasses}, ${covered} of the events`
        : `all ${matrix.allClasses}`,
    );
  });
  return whole;
}
