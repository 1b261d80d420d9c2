/** RFC 4180: a field with a comma, a quote or a line end is quoted, quotes in it are doubled. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** For formats of one line a record: a comm may hold anything, and a line end in it would make two records of one. */
export function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, '?');
}

/** Exporters hand out text in pieces of about this many characters. */
export const PIECE_CHARACTERS = 256 * 1024;
