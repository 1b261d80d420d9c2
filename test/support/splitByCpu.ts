/** Texts of tracefs as `per_cpu/cpuN/trace` would have them, made of the text of the whole buffer. */

const EVENT_CPU = /^.{16,}? \[(\d{3})\] /;
const LOSS_CPU = /^CPU:(\d+) \[LOST /;

/** By CPU, ascending: the header's lines and those of the CPU. */
export function splitByCpu(text: string): Map<number, string> {
  const lines = text.split('\n').slice(0, -1);
  const header = lines.filter((line) => line.startsWith('#') && !line.startsWith('##'));
  const byCpu = new Map<number, string[]>();
  for (const line of lines) {
    const cpu = (LOSS_CPU.exec(line) ?? EVENT_CPU.exec(line))?.[1];
    if (line.startsWith('#')) continue;
    if (cpu === undefined) throw new Error(`No CPU in: ${line}`);
    const own = byCpu.get(Number(cpu)) ?? [];
    byCpu.set(Number(cpu), own);
    own.push(line);
  }
  return new Map(
    [...byCpu]
      .sort(([a], [b]) => a - b)
      .map(([cpu, own]) => [cpu, [...header, ...own, ''].join('\n')] as const),
  );
}
