/** Shown for what a trace does not tell; never 0. */
export const unknownText = '—';
export const unknownTitle = 'unknown: this trace does not record it';

const units = [
  { name: 's', ns: 1e9 },
  { name: 'ms', ns: 1e6 },
  { name: 'µs', ns: 1e3 },
  { name: 'ns', ns: 1 },
] as const;

function unitOf(ns: number): (typeof units)[number] {
  const size = Math.abs(ns);
  return units.find((unit) => size >= unit.ns) ?? units[3];
}

/** A duration in the unit that suits it, with four significant digits: `832 ns`, `1.235 µs`, `12.35 ms`, `2 min 3.5 s`. */
export function formatDuration(ns: number): string {
  if (!Number.isFinite(ns)) return unknownText;
  if (Math.abs(ns) >= 60e9) {
    const minutes = Math.trunc(ns / 60e9);
    return `${minutes} min ${(Math.abs(ns - minutes * 60e9) / 1e9).toFixed(1)} s`;
  }
  // 999,950 ns is 1 ms in four digits: round first, then choose the unit. Less than a nanosecond is no measurement.
  const rounded = Number(Math.round(ns).toPrecision(4));
  const unit = unitOf(rounded);
  const value = rounded / unit.ns;
  if (unit.ns === 1) return `${Math.round(value)} ns`;
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))));
  return `${trimZeros(value.toFixed(digits))} ${unit.name}`;
}

/** A duration to the last nanosecond: `1.234567 ms`. */
export function formatDurationExact(ns: number): string {
  const whole = Math.round(ns);
  const unit = unitOf(whole);
  if (unit.ns === 1) return `${whole} ns`;
  const digits = Math.round(Math.log10(unit.ns));
  const text = Math.abs(whole)
    .toString()
    .padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  const sign = whole < 0 ? '-' : '';
  return `${sign}${groupThousands(text.slice(0, -digits))}${fraction === '' ? '' : `.${fraction}`} ${unit.name}`;
}

/** The absolute time of an offset, in seconds to the last nanosecond: `7123.000012345`. */
export function formatTimestamp(baseNs: bigint, offsetNs: number): string {
  return formatSeconds(baseNs + BigInt(Math.round(offsetNs)), 9);
}

/** The time since the start of the trace, in seconds to the last nanosecond: `+0.000012345 s`. */
export function formatOffset(offsetNs: number): string {
  const text = formatSeconds(BigInt(Math.round(offsetNs)), 9);
  return `${text.startsWith('-') ? '' : '+'}${text} s`;
}

/** Seconds with `decimals` (0…9) digits, cut and not rounded: neighbouring ticks must not share a label. */
export function formatSeconds(ns: bigint, decimals: number): string {
  const negative = ns < 0n;
  const size = negative ? -ns : ns;
  const whole = size / 1_000_000_000n;
  const fraction = (size % 1_000_000_000n).toString().padStart(9, '0').slice(0, decimals);
  return `${negative ? '-' : ''}${whole}${decimals === 0 ? '' : `.${fraction}`}`;
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return groupThousands(Math.round(count).toString());
}

/** A count that need not be exact: `950`, `12.3 k`, `1.25 M`. */
export function formatCountShort(count: number): string {
  if (count < 1000) return Math.round(count).toString();
  const [value, unit] =
    count < 1e6 ? [count / 1e3, 'k'] : count < 1e9 ? [count / 1e6, 'M'] : [count / 1e9, 'G'];
  return `${trimZeros(value.toPrecision(3))} ${unit}`;
}

/** A share 0…1 as per cent: `0 %`, `0.4 %`, `12.3 %`, `100 %`. What is not quite all never reads 100 %. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return unknownText;
  const percent = share * 100;
  if (percent > 99.9 && percent < 100) return '> 99.9 %';
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  return `${trimZeros(percent.toFixed(1))} %`;
}

export function formatBytes(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < names.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${names[unit]!}`;
}

function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1.500` → `1.5`, `2.000` → `2`; `100` stays. */
function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
