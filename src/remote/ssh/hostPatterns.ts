/**
 * Patterns of ssh_config and known_hosts: `*` stands for any characters, `?` for one, a leading `!` denies.
 * Source: ssh_config(5), PATTERNS; OpenSSH match.c.
 */

/** Whether the pattern, without negation, stands for the text. Both in the case that counts. */
export function matchesPattern(pattern: string, text: string): boolean {
  // Walks back to the last star only, so that hostile patterns cost no more than length times length.
  let at = 0;
  let star = -1;
  let starText = 0;
  let place = 0;
  while (place < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at;
      starText = place;
      at += 1;
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[place])) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      at = star + 1;
      starText += 1;
      place = starText;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** Whether one of the patterns stands for the text and none with `!` does. */
export function matchesPatternList(patterns: readonly string[], text: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(pattern.slice(1), text)) return false;
    } else matched ||= matchesPattern(pattern, text);
  }
  return matched;
}
