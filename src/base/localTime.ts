/** `2026-11-21 18:04`, in the time zone of whoever reads it; a text that is no time stays as it is. @param iso ISO 8601 */
export function localTime(iso: string): string {
  return textOf(iso, (time) => [time.getHours(), time.getMinutes()]);
}

/** The same with seconds: `2026-11-21 18:04:09`. */
export function localTimeToSecond(iso: string): string {
  return textOf(iso, (time) => [time.getHours(), time.getMinutes(), time.getSeconds()]);
}

function textOf(iso: string, clockOf: (time: Date) => readonly number[]): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${clockOf(time).map(two).join(':')}`;
}
