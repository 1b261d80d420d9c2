import * as v from 'valibot';
import { Failure, messageOf } from '../../base/errors.js';

export interface WrittenJson<T> {
  readonly schema: v.GenericSchema<unknown, T>;
  /** What `format` and `version` of such a file say, so that one of another version is told from a damaged one. */
  readonly format: string;
  readonly version: number;
  /** How to get one that can be read, as a sentence. */
  readonly again: string;
}

/**
 * What a JSON file of ours holds. Failure `bad-input`, which names the field that is not as it should be, or the version where
 * that is another one. @param path for messages
 */
export function parseWrittenJson<T>(path: string, text: string, written: WrittenJson<T>): T {
  const { schema, format, version, again } = written;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Failure('bad-input', `${path} is no JSON: ${messageOf(error)}. ${again}`, { cause: error });
  }
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const otherVersion = v.object({
    format: v.literal(format),
    version: v.pipe(v.number(), v.notValue(version)),
  });
  const other = v.safeParse(otherVersion, value);
  if (other.success) {
    throw new Failure(
      'bad-input',
      `${path} is of version ${other.output.version}, and this KernelOracle reads version ${version}. ${again}`,
    );
  }
  const [issue] = parsed.issues;
  throw new Failure(
    'bad-input',
    `${path} is not as KernelOracle writes it: ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}. ${again}`,
  );
}
