import type * as v from 'valibot';
import {
  isCollection,
  isMap,
  isNode,
  isPair,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
} from 'yaml';

/** Something wrong in a YAML text, where it stands; all counted from 1. */
export interface YamlProblem {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
}

export type YamlPath = readonly (string | number)[];

export const MAX_PROBLEMS = 50;
const SHOWN_PROBLEMS = 10;

/** For the message of a failure, a line a problem: `kernel-oracle.yaml:7:5: epochs is a whole number`. */
export function problemLines(problems: readonly YamlProblem[], path: string): string {
  const lines = problems
    .slice(0, SHOWN_PROBLEMS)
    .map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
  const more = problems.length - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${more} more.`] : [])].join('\n');
}

/** A YAML text as a value, with the places of its parts; `problems` when it is none. */
export class YamlText {
  readonly problems: readonly YamlProblem[];
  readonly value: unknown;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  /** @param maxCharacters longer ones are refused unread; `what` names them: `a configuration` */
  constructor(text: string, maxCharacters: number, what: string) {
    const isTooLong = text.length > maxCharacters;
    this.#document = parseDocument(isTooLong ? '' : text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      version: '1.2',
    });
    if (isTooLong) {
      this.problems = [this.#at(0, 0, `${what} is at most ${maxCharacters} characters long`)];
      return;
    }
    const { value, problems } = this.#read();
    this.value = value;
    this.problems = problems;
  }

  /** Whether the whole is `key: value` lines: what a file of ours has to be. */
  get isMapping(): boolean {
    return isMap(this.#document.contents);
  }

  /** A problem that valibot found. Of strict objects it says in our words which key is not known, or is missing. */
  ofIssue(issue: v.BaseIssue<unknown>): YamlProblem {
    const items = issue.path ?? [];
    const path = items.map((item) => item.key as string | number);
    const last = items.at(-1);
    const isOfKey = last !== undefined && 'origin' in last && last.origin === 'key';
    if (!isOfKey || issue.type !== 'strict_object') return this.ofPath(path, issue.message, isOfKey);
    const key = String(last.key);
    return issue.expected === 'never'
      ? this.ofPath(path, `${key} is not known here`, true)
      : this.ofPath(path.slice(0, -1), `${key} is missing`);
  }

  /** A problem of the part at that path, or of the nearest one around it. */
  ofPath(path: YamlPath, message: string, ofKey = false): YamlProblem {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = this.#nodeAt(path.slice(0, length), ofKey && length === path.length);
      if (node?.range != null) return this.#at(node.range[0], node.range[1], message);
    }
    return this.#at(0, 0, message);
  }

  #read(): { value: unknown; problems: readonly YamlProblem[] } {
    const complaints = [...this.#document.errors, ...this.#document.warnings].slice(0, MAX_PROBLEMS);
    const problems = complaints.map(({ pos, message }) => this.#at(pos[0], pos[1], message));
    if (problems.length > 0) return { value: undefined, problems };
    const dangling = this.#danglingAlias();
    if (dangling !== undefined) return { value: undefined, problems: [dangling] };
    try {
      // An alias may stand for a part of the text, but not blow it up.
      return { value: this.#document.toJS({ maxAliasCount: 100 }), problems: [] };
    } catch (error) {
      return { value: undefined, problems: [this.#at(0, 0, (error as Error).message)] };
    }
  }

  #danglingAlias(): YamlProblem | undefined {
    let found: YamlProblem | undefined;
    visit(this.#document, {
      Alias: (_key, alias) => {
        if (alias.resolve(this.#document) !== undefined) return undefined;
        found = this.#at(alias.range?.[0] ?? 0, alias.range?.[1] ?? 0, 'this alias stands for nothing');
        return visit.BREAK;
      },
    });
    return found;
  }

  #at(start: number, end: number, message: string): YamlProblem {
    const from = this.#lines.linePos(start);
    const to = this.#lines.linePos(Math.max(start, end));
    return {
      line: Math.max(1, from.line),
      column: Math.max(1, from.col),
      endLine: Math.max(1, to.line),
      endColumn: Math.max(1, to.col),
      message,
    };
  }

  #nodeAt(path: YamlPath, ofKey: boolean): Node | undefined {
    const whole = (at: YamlPath) =>
      at.length === 0 ? this.#document.contents : this.#document.getIn(at, true);
    if (ofKey) {
      const parent = whole(path.slice(0, -1));
      if (isMap(parent)) {
        const pair = parent.items.find((item) => isPair(item) && keyText(item.key) === String(path.at(-1)));
        if (isNode(pair?.key)) return pair.key;
      }
    }
    const node = whole(path);
    return isNode(node) || isCollection(node) ? node : undefined;
  }
}

function keyText(key: unknown): string {
  return String(isNode(key) ? key.toJSON() : key);
}
