import {
  type BandwidthRule,
  type Beneath,
  type DensityAxis,
  type DensityRange,
  type LatencySettings,
} from '../../../src/protocol/latencyMessages.js';
import { ChoiceBar } from '../../common/choiceBar.js';
import { element } from '../../common/dom.js';
import type { LatencyActions, LatencyModel } from '../model/latencyModel.js';
import { formatFactor } from '../model/words.js';

/** The slider's ends and step, as powers of two. */
const SLIDER = { min: -2, max: 2, step: 0.25 };

/** How the curves are drawn. */
export function createSettingsBar(model: LatencyModel, actions: LatencyActions): HTMLElement {
  const change = (part: Partial<LatencySettings>) => actions.changeSettings(part);
  const axis = new ChoiceBar<DensityAxis>('Axis', 'log', (chosen) => change({ axis: chosen }));
  axis.show([
    { id: 'log', label: 'Logarithmic', title: 'Logarithmic axis: a density of the logarithm of the time' },
    { id: 'linear', label: 'Linear', title: 'Linear axis: a density of the time, mirrored at 0' },
  ]);
  const rule = new ChoiceBar<BandwidthRule>('Rule for the bandwidth', 'silverman', (chosen) =>
    change({ rule: chosen }),
  );
  rule.show([
    {
      id: 'silverman',
      label: 'Silverman',
      title: '0.9 · min(σ, IQR / 1.34) · n^(−1/5); smooths over several peaks',
    },
    {
      id: 'sheather-jones',
      label: 'Sheather–Jones',
      title: 'Plug-in bandwidth of Sheather and Jones (1991); keeps several peaks apart',
    },
  ]);
  const range = new ChoiceBar<DensityRange>('Range of the axis', 'all', (chosen) =>
    change({ range: chosen }),
  );
  range.show([
    { id: 'all', label: 'All', title: 'The axis ends at the largest value' },
    { id: 'p99.9', label: 'to p99.9', title: 'The axis ends at the largest 99.9th percentile' },
    { id: 'p99', label: 'to p99', title: 'The axis ends at the largest 99th percentile' },
  ]);
  const beneath = new ChoiceBar<Beneath>('Below the curves', 'rug', (chosen) => change({ beneath: chosen }));
  beneath.show([
    { id: 'rug', label: 'Rug', title: 'Single values below the curves' },
    { id: 'histogram', label: 'Histogram', title: 'A histogram of each set below the curves' },
    { id: 'nothing', label: 'Nothing', title: 'Only the curves' },
  ]);
  const slider = createSlider((factor) => change({ factor }));
  model.state.observe((state) => {
    if (state === null) return;
    const { settings } = state.densities;
    axis.set(settings.axis);
    rule.set(settings.rule);
    range.set(settings.range);
    beneath.set(settings.beneath);
    slider.set(settings.factor);
  });
  return element(
    'div',
    { className: 'settings-bar' },
    labelled('Axis', axis.element),
    labelled('Range', range.element),
    labelled('Bandwidth', rule.element, slider.element),
    labelled('Below', beneath.element),
  );
}

function labelled(text: string, ...controls: HTMLElement[]): HTMLElement {
  return element(
    'div',
    { className: 'setting' },
    element('span', { className: 'setting-name', attributes: { 'aria-hidden': 'true' } }, text),
    ...controls,
  );
}

function createSlider(onChange: (factor: number) => void): {
  readonly element: HTMLElement;
  set(factor: number): void;
} {
  const input = element('input', {
    className: 'slider',
    title: 'By how much the bandwidth of the rule is multiplied',
    attributes: {
      type: 'range',
      min: String(SLIDER.min),
      max: String(SLIDER.max),
      step: String(SLIDER.step),
      'aria-label': 'Bandwidth, times that of the rule',
    },
  });
  const shown = element('output', { className: 'slider-value' });
  const show = (factor: number) => {
    shown.textContent = formatFactor(factor);
    input.setAttribute('aria-valuetext', formatFactor(factor));
  };
  input.addEventListener('input', () => {
    const factor = 2 ** Number(input.value);
    show(factor);
    onChange(factor);
  });
  return {
    element: element('span', { className: 'slider-box' }, input, shown),
    set(factor) {
      // A slider that is being moved is ahead of what comes back.
      if (document.activeElement !== input) input.value = String(Math.log2(factor));
      if (document.activeElement !== input || Math.abs(2 ** Number(input.value) - factor) < 0.01)
        show(factor);
    },
  };
}
