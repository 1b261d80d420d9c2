/** What went wrong, for callers that react to it; the message is for the user. */
export type FailureCode =
  | 'cancelled'
  | 'file-not-found'
  | 'file-is-directory'
  | 'file-changed'
  | 'permission-denied'
  | 'read-failed'
  | 'write-failed'
  | 'empty-input'
  | 'unknown-format'
  | 'bad-input'
  | 'too-large'
  | 'wrong-usage'
  | 'not-found'
  | 'connection-failed'
  | 'connection-lost'
  | 'host-key-refused'
  | 'authentication-failed'
  | 'timed-out'
  | 'remote-failed';

/**
 * A failure that can be expected (bad input, missing file, cancelled work). Its message says what went wrong,
 * where, and what the user can do. Anything else that is thrown is a defect.
 */
export class Failure extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'Failure';
  }
}

export function isFailure(error: unknown, code?: FailureCode): error is Failure {
  return error instanceof Failure && (code === undefined || error.code === code);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
