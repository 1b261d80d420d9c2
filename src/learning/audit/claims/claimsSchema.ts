/**
 * What a file of claims may say; `README.md` of the audit shows one. Shares are 0 … 1. media/claims.schema.json says the same for
 * editors; a test holds them equal.
 */
import * as v from 'valibot';

export const NO_CLAIMS = 'a file of claims has `title:`, `source:` and `claims:`, each on a line of its own';

const MOST = 1000;
const MAX_TEXT = 2000;

function text(what: string) {
  return v.pipe(
    v.string(`${what} is a text`),
    v.minLength(1, `${what} is empty`),
    v.maxLength(MAX_TEXT, `${what} is at most ${MAX_TEXT} characters long`),
  );
}

function share(what: string) {
  const expected = `${what} is a share from 0 to 1`;
  return v.pipe(v.number(expected), v.minValue(0, expected), v.maxValue(1, expected));
}

function number(what: string) {
  const expected = `${what} is a number`;
  return v.pipe(v.number(expected), v.finite(expected));
}

function above0(what: string) {
  const expected = `${what} is a number above 0`;
  return v.pipe(v.number(expected), v.finite(expected), v.gtValue(0, expected));
}

function whole(what: string, least: number) {
  const expected = `${what} is a whole number from ${least} on`;
  return v.pipe(v.number(expected), v.safeInteger(expected), v.minValue(least, expected));
}

function list<Item extends v.GenericSchema>(item: Item, what: string) {
  return v.pipe(
    v.array(item, `${what} is a list`),
    v.minLength(1, `${what} is empty`),
    v.maxLength(MOST, `${what} has more than ${MOST} entries`),
  );
}

function oneOf<const Names extends readonly string[]>(names: Names, what: string) {
  return v.picklist(names, `${what} is ${names.map((name) => `\`${name}\``).join(', ')}`);
}

/** A recording, by its name or also by its content. */
const recording = v.lazy((input) =>
  typeof input === 'string'
    ? text('a recording')
    : v.strictObject(
        {
          name: text('name'),
          sha256: v.pipe(
            v.string('sha256 is a text'),
            v.regex(/^[0-9a-f]{64}$/, 'sha256 has 64 hexadecimal digits'),
          ),
        },
        'a recording is a name, or has name and sha256',
      ),
);

const entries = {
  name: text('name'),
  /** What is claimed, in words; shown, not judged. */
  statement: v.optional(text('statement')),
  /** Share of answers that are right. */
  accuracy: v.optional(share('accuracy')),
  /** Share that a constant answer gets right of the same events. */
  constantAccuracy: v.optional(share('constantAccuracy')),
  /** A loss, and that of a constant answer on the same events. */
  loss: v.optional(number('loss')),
  constantLoss: v.optional(number('constantLoss')),
  baselines: v.optional(
    list(
      v.strictObject({ name: text('name'), accuracy: share('accuracy') }, 'a baseline has name and accuracy'),
      'baselines',
    ),
  ),
  idleShare: v.optional(share('idleShare')),
  classes: v.optional(
    list(
      v.pipe(
        v.strictObject(
          { name: text('name'), share: v.optional(share('share')), count: v.optional(whole('count', 0)) },
          'a class has name and share or count',
        ),
        v.check(
          (each) => (each.share === undefined) !== (each.count === undefined),
          'a class has share or count',
        ),
      ),
      'classes',
    ),
  ),
  /** What stands for tasks that training did not know. */
  unknowns: v.optional(
    v.strictObject(
      {
        codedAs: oneOf(['own-class', 'left-out', 'idle', 'real-task'], 'codedAs'),
        share: v.optional(share('share')),
      },
      'unknowns has codedAs',
    ),
  ),
  /** A result on classes that were made equally frequent; where recall is not told, both recalls are the accuracy. */
  balanced: v.optional(
    v.pipe(
      v.strictObject(
        {
          accuracy: v.optional(share('accuracy')),
          recall: v.optional(share('recall')),
          falsePositiveRate: v.optional(share('falsePositiveRate')),
          /** How frequent the class really is. */
          prevalences: list(
            v.strictObject({ of: text('of'), share: share('share') }, 'a prevalence has of and share'),
            'prevalences',
          ),
        },
        'balanced has accuracy, or recall and falsePositiveRate, and prevalences',
      ),
      v.check(
        ({ accuracy, recall, falsePositiveRate }) =>
          accuracy !== undefined || (recall !== undefined && falsePositiveRate !== undefined),
        'balanced has accuracy, or recall and falsePositiveRate',
      ),
    ),
  ),
  /** Examples of a class that a result is about. */
  positives: v.optional(
    list(
      v.strictObject({ of: text('of'), count: whole('count', 0) }, 'positives have of and count'),
      'positives',
    ),
  ),
  latencies: v.optional(
    list(
      v.strictObject(
        {
          of: text('of'),
          milliseconds: above0('milliseconds'),
          /** Windows that were computed at once. */
          batch: whole('batch', 1),
          /** True: the time of the batch was divided by its windows. */
          isDivided: v.boolean('isDivided is true or false'),
        },
        'a latency has of, milliseconds, batch and isDivided',
      ),
      'latencies',
    ),
  ),
  /** Before and after, measured on several things, told as one ratio. */
  ratios: v.optional(
    list(
      v.strictObject(
        {
          of: text('of'),
          quoted: v.optional(above0('quoted')),
          pairs: list(
            v.strictObject(
              { of: text('of'), before: above0('before'), after: above0('after') },
              'a pair has of, before and after',
            ),
            'pairs',
          ),
          /** What the figures are of, where that is not the same on both sides. */
          beforeIs: v.optional(text('beforeIs')),
          afterIs: v.optional(text('afterIs')),
        },
        'ratios have of and pairs',
      ),
      'ratios',
    ),
  ),
  /** The axes of the data as they lie, and as they were read (reshaped). */
  layout: v.optional(
    v.pipe(
      v.strictObject(
        { stored: list(text('an axis'), 'stored'), readAs: list(text('an axis'), 'readAs') },
        'layout has stored and readAs',
      ),
      v.check(
        ({ stored, readAs }) => [...stored].sort().join() === [...readAs].sort().join(),
        'stored and readAs name the same axes',
      ),
    ),
  ),
  scaling: v.optional(
    v.strictObject(
      { fittedOn: oneOf(['training', 'everything', 'test', 'none'], 'fittedOn') },
      'scaling has fittedOn',
    ),
  ),
  checkpoint: v.optional(
    v.strictObject(
      { chosenOn: oneOf(['validation', 'test', 'training', 'last'], 'chosenOn') },
      'checkpoint has chosenOn',
    ),
  ),
  /** What windows reach across; an empty list: nothing. */
  windows: v.optional(
    v.strictObject(
      {
        cross: v.pipe(
          v.array(oneOf(['recordings', 'cpus', 'losses'], 'what is crossed'), 'cross is a list'),
          v.maxLength(3, 'cross has more than 3 entries'),
        ),
      },
      'windows has cross',
    ),
  ),
  splits: v.optional(
    v.strictObject(
      {
        /** What goes to one side as a whole. */
        by: v.optional(oneOf(['recording', 'group', 'time', 'row'], 'by')),
        train: v.optional(list(recording, 'train')),
        validation: v.optional(list(recording, 'validation')),
        test: v.optional(list(recording, 'test')),
      },
      'splits has by, train, validation and test',
    ),
  ),
  /** Names of what a model reads. */
  inputs: v.optional(list(text('an input'), 'inputs')),
  /** The simplest rule that somebody found, and the balanced share that it gets right. */
  rule: v.optional(
    v.strictObject({ says: text('says'), accuracy: share('accuracy') }, 'a rule has says and accuracy'),
  ),
  /** Rows with inputs and labels, as CSV beside this file. */
  table: v.optional(
    v.strictObject(
      {
        file: v.pipe(
          text('file'),
          v.check((path) => !path.includes('\0'), 'file cannot hold a NUL'),
        ),
        label: text('label'),
        /** Columns to look at; all but the label unless told. */
        inputs: v.optional(list(text('an input'), 'inputs')),
      },
      'table has file and label',
    ),
  ),
  /** Standard deviations in one unit: of a forecast, and of what came. */
  forecast: v.optional(
    v.strictObject(
      { deviation: above0('deviation'), ofWhatCame: above0('ofWhatCame') },
      'forecast has deviation and ofWhatCame',
    ),
  ),
  /** How often what is told was measured. */
  repeats: v.optional(whole('repeats', 1)),
  lost: v.optional(
    v.strictObject({ events: whole('events', 1), lost: whole('lost', 0) }, 'lost has events and lost'),
  ),
};

export const claimsSchema = v.strictObject(
  {
    version: v.optional(v.literal(1, 'version is 1'), 1),
    title: text('title'),
    source: text('source'),
    claims: list(v.strictObject(entries, 'a claim has a name and what it says'), 'claims'),
  },
  NO_CLAIMS,
);

export type ParsedClaim = v.InferOutput<typeof claimsSchema>['claims'][number];
