/** Texts and numbers as they stand in C sources. */

const WIDTH = 100;

/**
 * What someone else named, for a comment: plain ASCII in one line that cannot end the comment, begin another, or be read as a
 * trigraph. What has no place there becomes a dot.
 */
export function commentSafe(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/gu, '.')
    .replace(/\*(?=\/)/g, '* ')
    .replace(/\/(?=\*)/g, '/ ')
    .replace(/\?(?=\?)/g, '? ');
}

/** Lines of a block comment; each paragraph is made safe and wrapped. An empty one stays an empty line. */
export function blockComment(paragraphs: readonly string[]): string {
  const lines = paragraphs.flatMap((each) => (each === '' ? [''] : wrap(commentSafe(each))));
  return ['/*', ...lines.map((line) => (line === '' ? ' *' : ` * ${line}`)), ' */'].join('\n');
}

/** Paragraphs of a text file. Lines that begin with blanks are left as they are. */
export function plainText(paragraphs: readonly string[]): string {
  return `${paragraphs.flatMap((each) => (each === '' || each.startsWith(' ') ? [each] : wrap(each))).join('\n')}\n`;
}

function wrap(text: string): string[] {
  const indent = /^ */.exec(text)![0];
  // Of an item of a list; paragraphs stay flush.
  const hanging = indent === '' ? '' : `${indent}  `;
  const lines: string[] = [];
  let line = indent;
  for (const word of text.trim().split(/ +/)) {
    if (line.trim() !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = `${hanging}${word}`;
    } else line = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Members of an array, wrapped and indented. */
export function members(texts: readonly string[], indent = '\t'): string {
  const lines: string[] = [];
  let line = '';
  for (const text of texts) {
    if (line !== '' && line.length + 2 + text.length > WIDTH) {
      lines.push(`${indent}${line}`);
      line = '';
    }
    line = line === '' ? `${text},` : `${line} ${text},`;
  }
  if (line !== '') lines.push(`${indent}${line}`);
  return lines.join('\n');
}

/** `0x0000002au` */
export function wordLiteral(word: number): string {
  return `0x${word.toString(16).padStart(8, '0')}u`;
}

/** A number of 64 bits in C, by stdint.h where an int may not hold it; the least of them has no literal of its own. */
export function longLiteral(value: bigint): string {
  if (BigInt.asIntN(32, value) === value && value !== -(2n ** 31n)) return String(value);
  if (value === -(2n ** 63n)) return '(-INT64_C(9223372036854775807) - 1)';
  return value < 0n ? `-INT64_C(${-value})` : `INT64_C(${value})`;
}

/** `KERNEL_ORACLE_SD_NR_BALANCE_FAILED`, from the name of a column. */
export function inputName(column: string): string {
  return `KERNEL_ORACLE_${column.toUpperCase()}`;
}
