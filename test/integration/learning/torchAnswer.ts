import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { makeDirectory, run } from '../cliProcess.js';

/** What a program for torch prints as JSON, a list of numbers, of a problem in a file that its first argument names. */
export async function answerOfTorch(python: string, program: string, problem: object): Promise<number[]> {
  const folder = await makeDirectory();
  try {
    const [programPath, problemPath] = [join(folder, 'program.py'), join(folder, 'problem.json')];
    writeFileSync(programPath, program);
    writeFileSync(problemPath, JSON.stringify(problem));
    const { status, stdout, stderr } = await run(python, [programPath, problemPath]);
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout) as number[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
