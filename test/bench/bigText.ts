import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { resolve } from 'node:path';

const SAMPLE = resolve('samples/messaging.ftrace.xz');
const TIME = /^(.{30,60}?)(\d+)(\.\d{6}: .*)$/;

/**
 * Writes a tracefs text of about `events` events: the sample recording over and over, each time later, so that the mix
 * of events, names and line lengths is a real one. Returns the number of events written.
 */
export async function writeBigText(path: string, events: number, sample = SAMPLE): Promise<number> {
  const lines = execFileSync('xz', ['-dc', sample], { encoding: 'latin1', maxBuffer: 1 << 30 }).split('\n');
  const header = lines.filter((line) => line.startsWith('#') && !line.includes('entries-in-buffer'));
  const parts = lines.flatMap((line) => {
    const match = line.startsWith('#') ? null : TIME.exec(line);
    return match === null ? [] : [{ before: match[1]!, seconds: Number(match[2]), after: `${match[3]!}\n` }];
  });
  const spanSeconds = parts.at(-1)!.seconds - parts[0]!.seconds + 1;
  const out = createWriteStream(path, { highWaterMark: 8 << 20 });
  out.write(header.join('\n') + '\n');
  let written = 0;
  for (let copy = 0; written < events; copy += 1) {
    let text: string[] = [];
    for (const { before, seconds, after } of parts) {
      text.push(before, String(seconds + copy * spanSeconds), after);
      written += 1;
      if (text.length > 60_000) {
        if (!out.write(text.join(''), 'latin1')) await once(out, 'drain');
        text = [];
      }
    }
    if (!out.write(text.join(''), 'latin1')) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return written;
}
