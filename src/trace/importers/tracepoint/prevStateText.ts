/**
 * The text the kernel prints for sched_switch's numeric `prev_state`, by the table in the event's own
 * `print fmt`: which bit is which letter has changed several times. Sources: include/trace/events/sched.h,
 * trace_print_flags_seq in kernel/trace/trace_output.c.
 *
 *     (REC->prev_state & (MASK)) ? __print_flags(REC->prev_state & (MASK), "|", { 0x1, "S" }, …) : "R",
 *     REC->prev_state & (PREEMPTED) ? "+" : "",
 */

interface StateLetters {
  /** Bits that are printed as letters. */
  readonly mask: number;
  readonly letters: readonly (readonly [bits: number, letter: string])[];
  /** The bit that is printed as `+`; 0 when the kernel prints none. */
  readonly preempted: number;
}

/** Linux 4.14 and later, where a format has no readable table. */
const SINCE_4_14: StateLetters = {
  mask: 0xff,
  letters: [
    [0x01, 'S'],
    [0x02, 'D'],
    [0x04, 'T'],
    [0x08, 't'],
    [0x10, 'X'],
    [0x20, 'Z'],
    [0x40, 'P'],
    [0x80, 'I'],
  ],
  preempted: 0x100,
};

/** Makes the function from `prev_state` (its low 32 bits) to text: `R`, `R+`, `S`, `D|K`. */
export function prevStatePrinter(printFormat: string): (prevState: number) => string {
  const { mask, letters, preempted } = lettersOf(printFormat) ?? SINCE_4_14;
  return (prevState) => {
    const shown = prevState & mask;
    const parts: string[] = [];
    let left = shown;
    for (const [bits, letter] of letters) {
      if (bits === 0 || (left & bits) !== bits) continue;
      parts.push(letter);
      left &= ~bits;
    }
    if (left !== 0) parts.push(`0x${(left >>> 0).toString(16)}`);
    const text = shown === 0 ? 'R' : parts.join('|');
    return (prevState & preempted) !== 0 ? `${text}+` : text;
  };
}

/** The kernel's own take some hundred characters. Longer ones are no such table, and would be slow to search. */
const MAX_PART = 2048;

function lettersOf(printFormat: string): StateLetters | undefined {
  const start = printFormat.search(/__print_flags\(\s*REC->prev_state\b/);
  const bar = start < 0 ? -1 : printFormat.indexOf('"|"', start);
  const end = bar < 0 ? -1 : printFormat.indexOf(': "R"', bar);
  if (end < 0 || bar - start > MAX_PART || end - bar > MAX_PART) return undefined;
  const argument = /^__print_flags\(\s*REC->prev_state\s*(?:&(.*))?,\s*$/s.exec(
    printFormat.slice(start, bar),
  );
  if (argument === null) return undefined;
  const table = printFormat.slice(bar, end);
  const letters = [...table.matchAll(/\{([^,{}]+),\s*"([^"]*)"\s*\}/g)].map(
    ([, bits = '', letter = '']) => [constant(bits) ?? 0, letter] as const,
  );
  const mask = argument[1] === undefined ? 0x7fffffff : constant(argument[1]);
  if (mask === undefined || letters.length === 0) return undefined;
  const rest = printFormat.slice(end, end + MAX_PART);
  const plus = /REC->prev_state\s*&([^?"]*)\?\s*"\+"/s.exec(rest);
  return { mask, letters, preempted: plus === null ? 0 : (constant(plus[1]!) ?? 0) };
}

const TOKEN = /\s*(0x[0-9a-f]+|\d+|<<|[-+|&()])/giy;

/** Value of a constant C expression of `| & << + -` and parentheses, by C's precedence; undefined for any other. */
export function constant(expression: string): number | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const text = expression.trimEnd();
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match === null || tokens.length > 1000) return undefined;
    tokens.push(match[1]!);
  }
  let at = 0;
  let isBroken = false;
  const operand = (): number => {
    const token = tokens[at++];
    if (token === '(') {
      const value = level(0);
      if (tokens[at++] !== ')') isBroken = true;
      return value;
    }
    if (token === '-') return -operand();
    if (token === undefined || !/^[0-9]/.test(token)) isBroken = true;
    return Number(token);
  };
  const level = (precedence: number): number => {
    if (precedence === LEVELS.length) return operand();
    let value = level(precedence + 1);
    for (let apply = LEVELS[precedence]![tokens[at] ?? '']; apply !== undefined && !isBroken;) {
      at += 1;
      value = apply(value, level(precedence + 1));
      apply = LEVELS[precedence]![tokens[at] ?? ''];
    }
    return value;
  };
  const value = level(0);
  return isBroken || at !== tokens.length ? undefined : value;
}

type Operation = (left: number, right: number) => number;

/** Loosest first. */
const LEVELS: readonly Partial<Record<string, Operation>>[] = [
  { '|': (left, right) => left | right },
  { '&': (left, right) => left & right },
  { '<<': (left, right) => left << right },
  { '+': (left, right) => left + right, '-': (left, right) => left - right },
];
