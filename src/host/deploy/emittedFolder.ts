import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that sources are emitted into on their way to a machine; gone when the work is over. */
export async function withEmittedFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const parent = await mkdtemp(join(tmpdir(), 'kernel-oracle-emitted-'));
  try {
    return await work(join(parent, 'emitted'));
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}
