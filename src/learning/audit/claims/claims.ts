import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { Failure, messageOf } from '../../../base/errors.js';
import { MAX_PROBLEMS, problemLines, YamlText, type YamlProblem } from '../../../base/yamlText.js';
import { readClaimTable, type ClaimTable } from './claimTable.js';
import { claimsSchema, NO_CLAIMS, type ParsedClaim } from './claimsSchema.js';

/** A published result as somebody wrote it down, with its table of rows read. */
export interface Claim extends Omit<ParsedClaim, 'table'> {
  readonly table?: ClaimTable | undefined;
}

export interface Claims {
  readonly path: string;
  readonly title: string;
  /** Where the figures are published. */
  readonly source: string;
  readonly claims: readonly Claim[];
}

/** By which editors know a file of claims. */
export const CLAIMS_FILE_NAMES = ['*.claims.yaml', 'docs/claims/*.yaml'] as const;
const MAX_CHARACTERS = 1024 * 1024;

/**
 * Reads a file of claims and the tables beside it. Failures: `file-not-found`, `read-failed`, `too-large`, and `bad-input`
 * with a line a problem: `tcn.yaml:7:5: accuracy is a share from 0 to 1`.
 */
export async function readClaims(path: string): Promise<Claims> {
  const outcome = parsedClaims(await textOf(path));
  if ('problems' in outcome) throw new Failure('bad-input', problemLines(outcome.problems, path));
  const { title, source, claims } = outcome;
  const read: Claim[] = [];
  for (const { table, ...claim } of claims) {
    if (table === undefined) read.push(claim);
    else {
      const { file, label, inputs } = table;
      read.push({ ...claim, table: await readClaimTable(resolve(dirname(path), file), label, inputs) });
    }
  }
  return { path, title, source, claims: read };
}

/** What is wrong in the text of a file of claims; empty when it is one. */
export function claimsProblems(text: string): readonly YamlProblem[] {
  const outcome = parsedClaims(text);
  return 'problems' in outcome ? outcome.problems : [];
}

function parsedClaims(text: string) {
  const yaml = new YamlText(text, MAX_CHARACTERS, 'a file of claims');
  if (yaml.problems.length > 0) return { problems: yaml.problems };
  if (!yaml.isMapping) return { problems: [yaml.ofPath([], NO_CLAIMS)] };
  const parsed = v.safeParse(claimsSchema, yaml.value);
  if (parsed.success) return parsed.output;
  return { problems: parsed.issues.slice(0, MAX_PROBLEMS).map((issue) => yaml.ofIssue(issue)) };
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > 4 * MAX_CHARACTERS) {
      throw new Failure('too-large', `${path} has ${size} bytes: no file of claims has.`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Failure(
      isMissing ? 'file-not-found' : 'read-failed',
      isMissing ? `${path} does not exist.` : `${path} cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
