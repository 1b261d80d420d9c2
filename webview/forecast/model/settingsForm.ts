import {
  MOST_PANEL_SAMPLES,
  MOST_PANEL_STEPS,
  MOST_SEED,
  OBSERVED_CHOICES,
  type ForecastChoices,
  type ForecastPart,
  type ForecastSettings,
  type ForecastStart,
} from '../../../src/protocol/forecastMessages.js';
import { formatCount } from '../../common/format.js';
import { momentText, parseMoment } from './timeText.js';

/** What stands in the fields, as text. An empty one of the place is left to the host. */
export interface SettingsForm {
  readonly kind: ForecastStart['kind'];
  readonly part: ForecastPart;
  readonly row: string;
  /** Path of the recording. */
  readonly recording: string;
  readonly cpu: string;
  readonly time: string;
  readonly steps: string;
  readonly samples: string;
  readonly seed: string;
  readonly observed: string;
}

/** What a field lacks, a sentence each. */
export type FormFaults = Partial<Record<keyof SettingsForm, string>>;

export type FormAnswer =
  { readonly settings: ForecastSettings; readonly faults: null } | { readonly faults: FormFaults };

/**
 * The fields as text. What a start says nothing about stays as it was typed.
 * @param before what stood in the fields; `null`: nothing yet
 */
export function formOf(
  { start, ...rest }: ForecastSettings,
  choices: ForecastChoices,
  before: SettingsForm | null = null,
): SettingsForm {
  const untold = {
    part: before?.part ?? choices.parts[0]?.part ?? 'seen',
    row: before?.row ?? '',
    recording: before?.recording ?? choices.recordings[0]?.path ?? '',
    cpu: before?.cpu ?? '',
    time: before?.time ?? '',
  };
  return {
    kind: start.kind,
    ...untold,
    ...(start.kind === 'part' ? partForm(start) : recordingForm(start)),
    steps: String(rest.steps),
    samples: String(rest.samples),
    seed: String(rest.seed),
    observed: String(rest.observed),
  };
}

function partForm({ part, row }: Extract<ForecastStart, { kind: 'part' }>) {
  return { part, row: row === null ? '' : String(row) };
}

function recordingForm({ path, cpu, timeNs, isRelative }: Extract<ForecastStart, { kind: 'recording' }>) {
  return {
    recording: path,
    cpu: cpu === null ? '' : String(cpu),
    time: timeNs === null ? '' : momentText({ timeNs, isRelative }),
  };
}

/** The settings that the fields say, or what is wrong with them. */
export function readForm(form: SettingsForm, choices: ForecastChoices): FormAnswer {
  const faults: FormFaults = {};
  const number = (field: keyof SettingsForm, name: string, least: number, most: number): number => {
    const value = wholeOf(form[field], least, most);
    if (value === null) {
      faults[field] = `${name} has to be a whole number from ${formatCount(least)} to ${formatCount(most)}.`;
    }
    return value ?? least;
  };
  const start =
    form.kind === 'part' ? partStart(form, choices, number) : recordingStart(form, choices, number, faults);
  const settings: ForecastSettings = {
    start,
    steps: number('steps', 'Steps', 1, MOST_PANEL_STEPS),
    samples: number('samples', 'Samples', 1, MOST_PANEL_SAMPLES),
    seed: number('seed', 'The seed', 0, MOST_SEED),
    observed: OBSERVED_CHOICES.find((each) => String(each) === form.observed) ?? OBSERVED_CHOICES[0],
  };
  return Object.keys(faults).length === 0 ? { settings, faults: null } : { faults };
}

/** Another place of the same kind. @param chance uniform on [0, 1) */
export function randomPlace(form: SettingsForm, choices: ForecastChoices, chance: number): SettingsForm {
  if (form.kind === 'part') {
    return { ...form, row: String(Math.floor(chance * Math.max(1, rowsOf(form.part, choices)))) };
  }
  const recording = choices.recordings.find(({ path }) => path === form.recording);
  if (recording === undefined) return { ...form, time: '' };
  const [start, end] = [BigInt(recording.startNs), BigInt(recording.endNs)];
  const timeNs = start + BigInt(Math.floor(chance * Number(end - start)));
  return { ...form, time: momentText({ timeNs: String(timeNs), isRelative: false }) };
}

type ReadNumber = (field: keyof SettingsForm, name: string, least: number, most: number) => number;

function partStart({ part, row }: SettingsForm, choices: ForecastChoices, number: ReadNumber): ForecastStart {
  const rows = rowsOf(part, choices);
  return {
    kind: 'part',
    part,
    row: row.trim() === '' ? null : number('row', 'The row', 0, Math.max(0, rows - 1)),
  };
}

function recordingStart(
  { recording, cpu, time }: SettingsForm,
  { perCpu }: ForecastChoices,
  number: ReadNumber,
  faults: FormFaults,
): ForecastStart {
  if (recording === '') faults.recording = 'Choose a recording.';
  const moment = time.trim() === '' ? null : parseMoment(time.trim());
  if (moment === null && time.trim() !== '') {
    faults.time =
      'The time has to be seconds as the recording has them (1234.567890123), or since its first switch (+0.5s, +500ms).';
  }
  return {
    kind: 'recording',
    path: recording,
    cpu: !perCpu || cpu.trim() === '' ? null : number('cpu', 'The CPU', 0, 65_535),
    timeNs: moment?.timeNs ?? null,
    isRelative: moment?.isRelative ?? false,
  };
}

function rowsOf(part: ForecastPart, { parts }: ForecastChoices): number {
  return parts.find((each) => each.part === part)?.rows ?? 0;
}

function wholeOf(text: string, least: number, most: number): number | null {
  const plain = text.trim().replaceAll(',', '');
  if (!/^\d{1,15}$/.test(plain)) return null;
  const value = Number(plain);
  return value >= least && value <= most ? value : null;
}
