import type { LatencyCaution, LatencyFacet, LatencySetView } from '../../protocol/latencyMessages.js';
import { usualStep } from '../density/bandwidth.js';
import type { MeasuredSet } from './measuredSet.js';

/** Fewer values than this say little about a 99th percentile: one value of a hundred lies beyond it. */
const FEW_VALUES = 500;
/** Of all values so many stand more than once: they come from a coarse clock. */
const TIED_SHARE = 0.5;
/** Remarks of one file that are told. */
const TOLD_REMARKS = 3;

/** What to know before the figures are used, from what the files tell and what the values show. */
export function cautionsOf(
  sets: readonly MeasuredSet[],
  facets: readonly LatencyFacet[],
  views: readonly LatencySetView[],
): LatencyCaution[] {
  return [
    ...views.flatMap(({ failure }) => (failure === null ? [] : [warning(failure)])),
    ...emulated(views),
    ...probes(sets, facets),
    ...units(sets),
    ...badLines(sets),
    ...values(sets),
    ...beyond(views),
  ];
}

function emulated(views: readonly LatencySetView[]): LatencyCaution[] {
  const of = views.filter(({ machine }) => machine !== null && /\b(qemu|kvm|tcg|emulat\w*)\b/i.test(machine));
  if (of.length === 0) return [];
  return [
    warning(
      `${listed(of.map(({ set }) => set.label))}: measured on an emulated machine (${listed(of.map(({ machine }) => machine ?? ''))}). Ratios under emulation are no claim about hardware.`,
    ),
  ];
}

/** A probe takes time of its own: what two different ones measured cannot be compared. */
function probes(sets: readonly MeasuredSet[], facets: readonly LatencyFacet[]): LatencyCaution[] {
  const mixed = facets.flatMap((facet) => {
    const own = sets.filter(({ at }) => facet.sets.includes(at));
    const known = new Set(own.map(({ set }) => set.probe).filter((probe) => probe !== ''));
    return known.size < 2 ? [] : [{ facet, known: [...known] }];
  });
  const unknown = sets.filter(({ set }) => set.probe === '');
  return [
    ...mixed.map(({ facet, known }) =>
      warning(
        `${facet.benchmark === '' ? 'These sets' : `The sets of ${facet.benchmark}`} were measured by different probes: ${listed(known)}. Each adds time of its own to every call, so that their ratios are not those of kernels.`,
      ),
    ),
    ...(unknown.length === 0
      ? []
      : [
          info(
            `What measured ${listed(unknown.map(({ label }) => label))} is not told by ${unknown.length === 1 ? 'the file' : 'the files'}. Write it into the table: every probe adds time of its own.`,
          ),
        ]),
  ];
}

function units(sets: readonly MeasuredSet[]): LatencyCaution[] {
  const assumed = sets.filter(({ file, set }) => !file.tellsUnit && set.unit === 'ns');
  if (assumed.length === 0) return [];
  return [
    info(
      `${listed(assumed.map(({ label }) => label))}: the file does not tell its unit; nanoseconds are assumed.`,
    ),
  ];
}

function badLines(sets: readonly MeasuredSet[]): LatencyCaution[] {
  const seen = new Set<string>();
  return sets.flatMap(({ file, label, part }) => {
    const cautions: LatencyCaution[] = part.remark === undefined ? [] : [info(`${label}: ${part.remark}`)];
    if (seen.has(file.path)) return cautions;
    seen.add(file.path);
    const told = file.remarks.slice(0, TOLD_REMARKS).join('; ');
    if (file.badLines > 0) {
      const lines = file.badLines === 1 ? '1 line was' : `${file.badLines} lines were`;
      cautions.push(warning(`${label}: ${lines} left out${told === '' ? '' : `. ${told}`}`));
    } else if (told !== '') cautions.push(info(`${label}: ${told}`));
    return cautions;
  });
}

function values(sets: readonly MeasuredSet[]): LatencyCaution[] {
  const few = sets.filter(({ sorted }) => sorted.length < FEW_VALUES);
  const tied = sets.flatMap(({ label, sorted }) => {
    const different = differentValues(sorted);
    if (sorted.length <= 20 || different >= TIED_SHARE * sorted.length) return [];
    const step = usualStep(sorted);
    const grid = step === 0 ? 'half of them alike' : `about ${digits(step)} ns apart`;
    return [`${label} has ${different} different values in ${sorted.length}, ${grid}`];
  });
  return [
    ...few.map(({ label, sorted }) =>
      info(`${label}: ${sorted.length} values are few; the 99th percentile rests on a handful of them.`),
    ),
    ...(tied.length === 0
      ? []
      : [
          info(
            `Values lie on the grid of a clock: ${tied.join('; ')}. No bandwidth of a rule is narrower than that.`,
          ),
        ]),
  ];
}

function beyond(views: readonly LatencySetView[]): LatencyCaution[] {
  const cut = views.filter(({ curve }) => (curve?.beyond ?? 0) > 0);
  if (cut.length === 0) return [];
  const shares = cut.map(({ set, curve }) => `${percent(curve!.beyond)} of ${set.label}`);
  return [
    info(
      `Right of the axis lie ${listed(shares)}: they count in every figure and curve, and are not in sight.`,
    ),
  ];
}

function differentValues(sorted: Float64Array): number {
  let different = 0;
  for (let at = 0; at < sorted.length; at += 1) {
    if (at === 0 || sorted[at] !== sorted[at - 1]) different += 1;
  }
  return different;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function listed(parts: readonly string[]): string {
  return [...new Set(parts)].join(', ');
}

function warning(text: string): LatencyCaution {
  return { severity: 'warning', text };
}

function info(text: string): LatencyCaution {
  return { severity: 'info', text };
}
