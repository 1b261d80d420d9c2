import { appendFileSync } from 'node:fs';

export type LogLevel = 'INFO' | 'WARN' | 'ERROR';

/** `training.log`: `2026-02-03T12:00:00.000Z INFO message`. A log that cannot be written stops no training. */
export class RunLog {
  constructor(
    private readonly path: string,
    private readonly nowMs: () => number,
  ) {}

  info(message: string): void {
    this.#write('INFO', message);
  }

  warn(message: string): void {
    this.#write('WARN', message);
  }

  error(message: string): void {
    this.#write('ERROR', message);
  }

  #write(level: LogLevel, message: string): void {
    const line = message.replaceAll(/\s*\n\s*/g, ' | ');
    try {
      appendFileSync(this.path, `${new Date(this.nowMs()).toISOString()} ${level} ${line}\n`);
    } catch {
      // The disk is full, most likely: what needs it most, the checkpoints, will say so.
    }
  }
}
