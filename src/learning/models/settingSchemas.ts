import * as v from 'valibot';

/** A whole number with a default. */
export function whole(what: string, least: number, most: number, usual: number) {
  const expected = `${what} is a whole number from ${least} to ${most}`;
  return v.optional(
    v.pipe(v.number(expected), v.integer(expected), v.minValue(least, expected), v.maxValue(most, expected)),
    usual,
  );
}

/** A number with a default; bounds are allowed values. */
export function number(what: string, least: number, most: number, usual: number) {
  const expected = `${what} is a number from ${least} to ${most}`;
  return v.optional(
    v.pipe(v.number(expected), v.minValue(least, expected), v.maxValue(most, expected)),
    usual,
  );
}

export function flag(what: string, usual: boolean) {
  return v.optional(v.boolean(`${what} is true or false`), usual);
}

export function choice<const Names extends readonly string[]>(
  what: string,
  names: Names,
  usual: Names[number],
) {
  return v.optional(
    v.picklist(names, `${what} is ${names.map((name) => `\`${name}\``).join(' or ')}`),
    usual,
  );
}

/** A share of units that are dropped. */
export function dropoutRate(usual: number) {
  return number('dropout', 0, 0.95, usual);
}

const quantile = 'a quantile is a number from 0.001 to 0.999';

export function quantiles(usual: readonly number[]) {
  return v.optional(
    v.pipe(
      v.array(
        v.pipe(v.number(quantile), v.minValue(0.001, quantile), v.maxValue(0.999, quantile)),
        'quantiles is a list of numbers',
      ),
      v.minLength(1, 'quantiles is empty'),
      v.maxLength(99, 'quantiles has more than 99 entries'),
      v.check(
        (list) => list.every((each, at) => at === 0 || each > list[at - 1]!),
        'quantiles are in ascending order',
      ),
    ),
    [...usual],
  );
}

/** The settings of a model, a strict object of optional entries. */
export function settingsOf<Entries extends v.ObjectEntries>(name: string, entries: Entries) {
  return v.strictObject(entries, `the settings of ${name} are names and values, each on a line of its own`);
}
