import { Failure, isFailure } from '../../base/errors.js';

/** A full disk in plain words; anything else as it is. */
export function explainFullDisk(error: unknown, path: string, writtenBytes: number): unknown {
  const cause = isFailure(error, 'write-failed') ? error.cause : error;
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  const limit = code === 'ENOSPC' ? 'The disk is full' : 'Your disk quota is used up';
  return new Failure(
    'write-failed',
    `${limit}: ${path} cannot be written after ${writtenBytes} bytes; what was written is removed. Make room, or choose another folder.`,
    { cause },
  );
}
