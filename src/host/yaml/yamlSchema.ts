import * as v from 'valibot';
import { ENTRY, placeAt, type Place } from './yamlPlace.js';

/** What of a JSON schema completion and hover use; the rest is for the YAML extension. */
export interface Schema {
  readonly $ref?: string | undefined;
  readonly description?: string | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly patternProperties?: Readonly<Record<string, Schema>> | undefined;
  readonly additionalProperties?: boolean | Schema | undefined;
  readonly items?: Schema | undefined;
  readonly required?: readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly enumDescriptions?: readonly string[] | undefined;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly examples?: readonly unknown[] | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
  readonly allOf?: readonly Schema[] | undefined;
  readonly $defs?: Readonly<Record<string, Schema>> | undefined;
  readonly definitions?: Readonly<Record<string, Schema>> | undefined;
}

const schemas = v.optional(
  v.record(
    v.string(),
    v.lazy(() => schemaSchema),
  ),
);
const alternatives = v.optional(v.array(v.lazy(() => schemaSchema)));

const schemaSchema: v.GenericSchema<Schema> = v.object({
  $ref: v.optional(v.string()),
  description: v.optional(v.string()),
  type: v.optional(v.union([v.string(), v.array(v.string())])),
  properties: schemas,
  patternProperties: schemas,
  additionalProperties: v.optional(v.union([v.boolean(), v.lazy(() => schemaSchema)])),
  items: v.optional(v.lazy(() => schemaSchema)),
  required: v.optional(v.array(v.string())),
  enum: v.optional(v.array(v.unknown())),
  enumDescriptions: v.optional(v.array(v.string())),
  const: v.optional(v.unknown()),
  default: v.optional(v.unknown()),
  minimum: v.optional(v.number()),
  maximum: v.optional(v.number()),
  examples: v.optional(v.array(v.unknown())),
  anyOf: alternatives,
  oneOf: alternatives,
  allOf: alternatives,
  $defs: schemas,
  definitions: schemas,
});

/** Failures: throws when the text is no JSON schema, which only a damaged installation has. */
export function parseSchema(text: string): Schema {
  return v.parse(schemaSchema, JSON.parse(text));
}

export interface Proposal {
  readonly label: string;
  /** What is inserted in place of the word that was begun. */
  readonly insert: string;
  readonly kind: 'key' | 'value';
  readonly detail: string;
  readonly documentation: string;
}

/** What may stand at the cursor: keys of the mapping, or values of the key. */
export function proposalsAt(root: Schema, lines: readonly string[], row: number, column: number): Proposal[] {
  const place = placeAt(lines, row, column);
  const here = fitting(at(root, place), place.siblings);
  const found =
    place.key === null
      ? [
          ...keysOf(root, here, place.siblings),
          // The entry of a sequence may be a value as well as a mapping.
          ...(place.path.at(-1) === ENTRY ? valuesOf(at(root, place)) : []),
        ]
      : valuesOf(withItems(root, into(root, here, place.key)));
  return [...new Map(found.map((proposal) => [proposal.label, proposal])).values()];
}

/** What the key or value under the cursor means, as Markdown; null where nothing is known of it. */
export function meaningAt(
  root: Schema,
  lines: readonly string[],
  row: number,
  column: number,
): string | null {
  const line = lines[row] ?? '';
  // The place of the whole word, not of the part before the pointer.
  const end = column + /^[^\s,[\]{}:"']*/.exec(line.slice(column))![0].length;
  const place = placeAt(lines, row, end);
  const word = place.typed;
  if (word === '') return null;
  if (place.key !== null) {
    return meaningOfValue(
      withItems(root, into(root, fitting(at(root, place), place.siblings), place.key)),
      word,
    );
  }
  // The value of the key itself may decide between alternatives, too.
  const said = new Map([...place.siblings, [word, placeAt(lines, row, line.length).value]]);
  const nodes = into(root, fitting(at(root, place), said), word);
  return meaningOfKey(nodes) ?? meaningOfValue(at(root, place), word);
}

function meaningOfKey(nodes: readonly Schema[]): string | null {
  const parts = [describe(nodes), boundsOf(nodes)].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join('\n\n');
}

/** `From 1 to 1024. Usually 32.` */
function boundsOf(nodes: readonly Schema[]): string | null {
  const { minimum, maximum } = nodes.find((node) => node.minimum !== undefined) ?? {};
  const usual = nodes.map((node) => node.default).find(isScalar);
  const parts = [
    ...(minimum === undefined
      ? []
      : [maximum === undefined ? `From ${minimum}.` : `From ${minimum} to ${maximum}.`]),
    ...(usual === undefined ? [] : [`Usually \`${String(usual)}\`.`]),
  ];
  return parts.length === 0 ? null : parts.join(' ');
}

function meaningOfValue(nodes: readonly Schema[], word: string): string | null {
  const value = valuesOf(nodes).find(({ label }) => label === word);
  return value === undefined || value.documentation === '' ? null : value.documentation;
}

function describe(nodes: readonly Schema[]): string | null {
  return nodes.find(({ description }) => description !== undefined)?.description ?? null;
}

/** The schemas of a place: where there are alternatives, those that the lines around it have not ruled out. */
function at(root: Schema, { path, around }: Place): Schema[] {
  let nodes = expand(root, root);
  for (const [index, step] of path.entries()) {
    const open = fitting(nodes, around[index] ?? new Map<string, string>());
    nodes = step === ENTRY ? nodes.flatMap((node) => itemsOf(root, node)) : into(root, open, step);
  }
  return nodes;
}

function itemsOf(root: Schema, { items }: Schema): Schema[] {
  return items === undefined ? [] : expand(root, items);
}

function into(root: Schema, nodes: readonly Schema[], key: string): Schema[] {
  return nodes.flatMap((node) => {
    const next = child(node, key);
    return next === undefined ? [] : expand(root, next);
  });
}

function child(node: Schema, key: string): Schema | undefined {
  const own = node.properties?.[key];
  if (own !== undefined) return own;
  for (const [pattern, schema] of Object.entries(node.patternProperties ?? {})) {
    if (new RegExp(pattern, 'u').test(key)) return schema;
  }
  return typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
}

/** A schema with what it refers to and its alternatives, itself first. */
function expand(root: Schema, schema: Schema, depth = 0): Schema[] {
  if (depth > 16) return [];
  const further = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const referred = schema.$ref === undefined ? undefined : resolve(root, schema.$ref);
  if (referred !== undefined) further.unshift(referred);
  return [schema, ...further.flatMap((each) => expand(root, each, depth + 1))];
}

/** `#/$defs/name`, the only form that our schema uses. */
function resolve(root: Schema, ref: string): Schema | undefined {
  const match = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(ref);
  return match === null ? undefined : root[match[1] as '$defs' | 'definitions']?.[match[2]!];
}

/** Leaves out alternatives for which another line has decided: a collector that is not this one, a key that it has not. */
function fitting(nodes: readonly Schema[], siblings: ReadonlyMap<string, string>): readonly Schema[] {
  const agreeing = nodes.filter(({ properties = {} }) =>
    Object.entries(properties).every(([key, { const: wanted }]) => {
      const said = siblings.get(key);
      return typeof wanted !== 'string' || said === undefined || said === '' || said === wanted;
    }),
  );
  const knowing = agreeing.filter((node) => [...siblings.keys()].every((key) => allows(node, key)));
  // A key that none knows is a mistake somewhere else.
  return knowing.some(({ properties }) => properties !== undefined) ? knowing : agreeing;
}

function allows(node: Schema, key: string): boolean {
  return node.additionalProperties !== false || child(node, key) !== undefined;
}

/** `key: [a, b]`: the values of its entries, too. */
function withItems(root: Schema, nodes: readonly Schema[]): Schema[] {
  return [...nodes, ...nodes.flatMap((node) => itemsOf(root, node))];
}

function keysOf(root: Schema, nodes: readonly Schema[], taken: ReadonlyMap<string, string>): Proposal[] {
  return nodes.flatMap((node) =>
    Object.entries(node.properties ?? {})
      .filter(([key]) => !taken.has(key))
      .map(([key, schema]) => {
        const all = expand(root, schema);
        const isNested = all.some(({ properties, items }) => properties !== undefined || items !== undefined);
        return {
          label: key,
          insert: isNested ? `${key}:` : `${key}: `,
          kind: 'key' as const,
          detail: node.required?.includes(key) === true ? 'required' : '',
          documentation: describe(all) ?? '',
        };
      }),
  );
}

function valuesOf(nodes: readonly Schema[]): Proposal[] {
  return nodes.flatMap((node) => {
    const known = node.enum ?? (node.const === undefined ? [] : [node.const]);
    const isBoolean = node.type === 'boolean';
    // The usual value of a number is told by the hover: offered, 0.1 would take the place of a 0 that Enter ends.
    const values = known.length > 0 ? known : isBoolean ? [true, false] : (node.examples ?? []);
    return values.filter(isScalar).map((value, index) => ({
      label: String(value),
      insert: String(value),
      kind: 'value' as const,
      detail: value === node.default ? 'default' : '',
      documentation: node.enumDescriptions?.[index] ?? (isBoolean ? '' : (node.description ?? '')),
    }));
  });
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
