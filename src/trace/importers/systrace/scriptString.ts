/**
 * The trace in an old systrace page, which is one JavaScript string over many lines:
 *
 *       var linuxPerfData = "\
 *     # tracer: nop\n\
 *               <idle>-0     [001] d..3  1.000001: sched_switch: prev_comm=…\n\
 *     ";
 *
 * Source: systrace.py before 2013 replaced each line end by `\n\` and a line end, and no quote. Pages whose line ends
 * were left as they are exist, too. So the string ends at a quote or a tag that a line begins with.
 */
import { LESS_THAN, NEWLINE } from '../text/bytes.js';

const SCRIPT_END = new TextEncoder().encode('</script>');
/** The tag, and the character behind it. */
export const SCRIPT_END_BYTES = SCRIPT_END.length + 1;
const BACKSLASH = 0x5c;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const MINUS = 0x2d;
const LETTER_N = 0x6e;
const LETTER_T = 0x74;
const LETTER_R = 0x72;
const SPACE = 0x20;

/** How much of a string is read at once. */
const PIECE_BYTES = 64 * 1024;
/** A line that begins with more is no line of a trace. */
const MAX_SPACES = 1024;

export class ScriptString {
  #isEscaped = false;
  #isLineBlank = false;
  /** Spaces that began a line, held back: those before the string's end are none of the text. */
  #spaces = 0;
  #hasEnded = false;
  readonly #text = new Uint8Array(PIECE_BYTES + MAX_SPACES);

  /** Whether the string's end was found. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Begins to read another string. */
  begin(): void {
    this.#isEscaped = this.#isLineBlank = this.#hasEnded = false;
    this.#spaces = 0;
  }

  /** Position in the bytes given last where reading has to go on: behind the string, or at what is cut off. */
  next = 0;

  /** The next piece of the string's text, from `from` on. Valid until the next call. */
  decode(bytes: Uint8Array, from: number): Uint8Array {
    const text = this.#text;
    const to = Math.min(bytes.length, from + PIECE_BYTES);
    let length = 0;
    let at = from;
    for (; at < to; at += 1) {
      const byte = bytes[at]!;
      if (this.#isEscaped) {
        this.#isEscaped = byte === CARRIAGE_RETURN;
        if (byte === CARRIAGE_RETURN) continue;
        if (byte === NEWLINE) {
          this.#isLineBlank = true;
          this.#spaces = 0;
        } else text[length++] = escaped(byte);
        continue;
      }
      if (byte === BACKSLASH) {
        this.#isEscaped = true;
        continue;
      }
      if (this.#isLineBlank && (byte === QUOTE || byte === LESS_THAN)) {
        if (byte === LESS_THAN && at + SCRIPT_END_BYTES > bytes.length) break;
        if (byte === QUOTE || isScriptEnd(bytes, at)) {
          this.#hasEnded = true;
          break;
        }
      }
      if (byte === SPACE && this.#isLineBlank && this.#spaces < MAX_SPACES) {
        this.#spaces += 1;
        continue;
      }
      this.#isLineBlank = byte === NEWLINE;
      if (this.#spaces > 0) {
        text.fill(SPACE, length, length + this.#spaces);
        length += this.#spaces;
        this.#spaces = 0;
      }
      text[length++] = byte;
    }
    this.next = at;
    return text.subarray(0, length);
  }
}

/** What `\n`, `\t`, `\"`, `\\` mean. */
function escaped(byte: number): number {
  if (byte === LETTER_N) return NEWLINE;
  if (byte === LETTER_T) return 0x09;
  return byte === LETTER_R ? CARRIAGE_RETURN : byte;
}

/**
 * Whether the end tag of a script stands there, in letters of either case, and not the name of a task: `</script>-123`.
 * There must be `SCRIPT_END_BYTES`.
 */
export function isScriptEnd(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < SCRIPT_END.length; i += 1) {
    const byte = bytes[at + i]!;
    if (byte !== SCRIPT_END[i] && (byte | 0x20) !== SCRIPT_END[i]) return false;
  }
  return bytes[at + SCRIPT_END.length] !== MINUS;
}
