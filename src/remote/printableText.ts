/**
 * What a machine printed, as it may be shown: no terminal sequences, no control characters but line ends and tabs, no
 * marks that turn the direction of writing, and never longer than asked for.
 */
export function printableText(text: string, maxLength: number): string {
  const clean = text
    .slice(0, maxLength * 4)
    .replace(TERMINAL_SEQUENCES, '')
    .replace(/\r\n?/g, '\n')
    .replace(CONTROLS, '·');
  return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - 1)}…`;
}

// CSI … letter, OSC … BEL or ESC \, and other two-byte escapes (ECMA-48).
const TERMINAL_SEQUENCES =
  // eslint-disable-next-line no-control-regex
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -~])/g;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
