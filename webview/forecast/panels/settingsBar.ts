import {
  OBSERVED_CHOICES,
  type ForecastChoices,
  type ForecastPart,
  type ForecastSettings,
} from '../../../src/protocol/forecastMessages.js';
import { ChoiceBar } from '../../common/choiceBar.js';
import { button, dropdown, textField, type TextField } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { partWords } from '../../model/model/measures.js';
import type { ForecastModel } from '../model/forecastModel.js';
import { formOf, randomPlace, readForm, type SettingsForm } from '../model/settingsForm.js';

/** Fields that are text of the user's. */
const TEXT_FIELDS = ['row', 'cpu', 'time', 'steps', 'samples', 'seed'] as const;
type TextName = (typeof TEXT_FIELDS)[number];

const FIELD_WORDS: Readonly<Record<TextName, { readonly label: string; readonly placeholder: string }>> = {
  row: { label: 'Row', placeholder: 'as suits' },
  cpu: { label: 'CPU', placeholder: 'busiest' },
  time: { label: 'Time', placeholder: 'as suits; 12.5 or +0.5s' },
  steps: { label: 'Steps', placeholder: '1 to 1,000' },
  samples: { label: 'Samples', placeholder: '1 to 200' },
  seed: { label: 'Seed', placeholder: '0' },
};

/** No evaluation has it, and here it is of use: a model that cannot go on with what it learned has learned nothing. */
const TRAIN_WORDS = {
  label: 'Training',
  title: 'What the model learned from: a forecast of it proves little',
};

/** Where the forecast begins, and how it is made. */
export class SettingsBar {
  readonly element: HTMLElement;
  readonly #fields: Readonly<Record<TextName, TextField>>;
  readonly #labels: Record<TextName | 'part' | 'recording', HTMLElement>;
  readonly #kind: ChoiceBar<SettingsForm['kind']>;
  readonly #part: ChoiceBar<ForecastPart>;
  readonly #recording = element('span', { className: 'control-place' });
  readonly #observed = element('span', { className: 'control-place' });
  readonly #faults = element('p', { className: 'form-faults', attributes: { role: 'alert' } });
  #form: SettingsForm | null = null;

  constructor(
    private readonly model: ForecastModel,
    private readonly make: (settings: ForecastSettings) => void,
    cancel: () => void,
  ) {
    this.#kind = new ChoiceBar<SettingsForm['kind']>('Begins in', 'part', (kind) => this.#change({ kind }));
    this.#kind.show([
      { id: 'part', label: 'part', title: 'A part of the data set' },
      { id: 'recording', label: 'recording', title: 'A recording, at a moment of it' },
    ]);
    this.#part = new ChoiceBar<ForecastPart>('Part', 'seen', (part) => this.#change({ part }));
    const fields = TEXT_FIELDS.map((name) => {
      const { label, placeholder } = FIELD_WORDS[name];
      return [name, textField(label, placeholder, (text) => this.#type(name, text))] as const;
    });
    this.#fields = Object.fromEntries(fields) as Record<TextName, TextField>;
    const labels = fields.map(
      ([name, field]) => [name, labelled(FIELD_WORDS[name].label, field.element)] as const,
    );
    this.#labels = {
      ...(Object.fromEntries(labels) as Record<TextName, HTMLElement>),
      part: labelled('Part', this.#part.element),
      recording: labelled('Recording', this.#recording),
    };
    this.element = this.#layout(cancel);
    this.#faults.hidden = true;
    model.state.subscribe(() => this.#fill());
    model.settings.subscribe(() => this.#fill());
  }

  #layout(cancel: () => void): HTMLElement {
    const { row, cpu, time, steps, samples, seed, part, recording } = this.#labels;
    const start = button('Forecast', 'Makes the forecast (Enter)', () => this.#submit(), false);
    const stop = button('Cancel', 'Ends the forecast that is being made', cancel);
    const random = button('Random', 'Begins anywhere in the part or the recording', () => this.#random());
    this.model.progress.observe((share) => {
      stop.hidden = share === null;
      start.hidden = share !== null;
    });
    const bar = element(
      'div',
      {
        className: 'forecast-settings',
        attributes: { role: 'group', 'aria-label': 'Settings of the forecast' },
      },
      ...[labelled('Begins in', this.#kind.element), part, row, recording, cpu, time, random],
      ...[steps, samples, seed, labelled('Observed', this.#observed), start, stop],
    );
    bar.addEventListener('keydown', (event) => {
      const isField = event.target instanceof HTMLElement && event.target.localName === 'vscode-text-field';
      if (event.key === 'Enter' && isField) this.#submit();
    });
    return element('div', {}, bar, this.#faults);
  }

  get #choices(): ForecastChoices | null {
    const { value } = this.model.state;
    return value?.kind === 'ready' ? value : null;
  }

  #fill(): void {
    const choices = this.#choices;
    this.element.hidden = choices === null;
    if (choices === null) return;
    this.#form = formOf(this.model.settings.value, choices, this.#form);
    this.#part.show(
      choices.parts.map(({ part, rows }) => {
        const { label, title } = part === 'train' ? TRAIN_WORDS : partWords(part);
        return { id: part, label, title: `${title}${title === '' ? '' : ': '}${formatCount(rows)} rows` };
      }),
    );
    this.#show();
  }

  #show(): void {
    const [form, choices] = [this.#form, this.#choices];
    if (form === null || choices === null) return;
    const isPart = form.kind === 'part';
    this.#kind.set(form.kind);
    this.#part.set(form.part);
    for (const name of TEXT_FIELDS)
      if (this.#fields[name].value !== form[name]) this.#fields[name].value = form[name];
    this.#labels.part.hidden = !isPart;
    this.#labels.row.hidden = !isPart;
    this.#labels.recording.hidden = isPart;
    this.#labels.cpu.hidden = isPart || !choices.perCpu;
    this.#labels.time.hidden = isPart;
    replaceContent(
      this.#recording,
      recordings(form, choices, (recording) => this.#change({ recording })),
    );
    replaceContent(
      this.#observed,
      observed(form, (count) => this.#change({ observed: count })),
    );
  }

  #type(name: TextName, text: string): void {
    if (this.#form !== null) this.#form = { ...this.#form, [name]: text };
  }

  #change(changes: Partial<SettingsForm>): void {
    if (this.#form === null) return;
    this.#form = { ...this.#form, ...changes };
    this.#show();
  }

  #random(): void {
    const [form, choices] = [this.#form, this.#choices];
    if (form === null || choices === null) return;
    this.#form = randomPlace(form, choices, Math.random());
    this.#show();
    this.#submit();
  }

  #submit(): void {
    const [form, choices] = [this.#form, this.#choices];
    if (form === null || choices === null) return;
    const { faults, ...answer } = readForm(form, choices);
    this.#faults.hidden = faults === null;
    this.#faults.textContent = Object.values(faults ?? {}).join(' ');
    if ('settings' in answer) this.make(answer.settings);
  }
}

/** One that is not of the data set can be chosen, too: the trace editor names it. */
function recordings(
  form: SettingsForm,
  choices: ForecastChoices,
  choose: (path: string) => void,
): HTMLElement {
  const known = choices.recordings.map(({ path, workload }) => ({
    path,
    label: `${nameOf(path)} (${workload})`,
  }));
  const all =
    form.recording === '' || known.some(({ path }) => path === form.recording)
      ? known
      : [{ path: form.recording, label: `${nameOf(form.recording)} (not of the data set)` }, ...known];
  const options = Object.fromEntries(all.map(({ label }, at) => [`recording ${at}`, label]));
  const at = all.findIndex(({ path }) => path === form.recording);
  return dropdown('Recording', options, `recording ${Math.max(0, at)}`, (value) =>
    choose(all[Number(value.slice('recording '.length))]?.path ?? ''),
  );
}

function observed(form: SettingsForm, choose: (count: string) => void): HTMLElement {
  const options = Object.fromEntries(
    OBSERVED_CHOICES.map((count) => [`last ${count}`, `last ${formatCount(count)}`]),
  );
  return dropdown('Observed events to show', options, `last ${form.observed}`, (value) =>
    choose(value.slice('last '.length)),
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function labelled(label: string, control: HTMLElement): HTMLElement {
  return element(
    'div',
    { className: 'labelled' },
    element('span', { attributes: { 'aria-hidden': 'true' } }, label),
    control,
  );
}
