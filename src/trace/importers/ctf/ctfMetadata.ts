/** What the metadata of a CTF trace tell. Source: Common Trace Format 1.8.3, sections 5 to 8. */
import { isFailure } from '../../../base/errors.js';
import type { FieldType } from './fieldTypes.js';
import { TsdlLexer } from './tsdlLexer.js';
import { TsdlTypeReader, TypeScope, type TsdlValue } from './tsdlTypes.js';

export interface CtfClock {
  readonly name: string;
  readonly description: string | undefined;
  /** Cycles a second. */
  readonly frequency: bigint;
  /** What its value 0 means: seconds and cycles after the origin (1970 for LTTng). */
  readonly offsetSeconds: bigint;
  readonly offsetCycles: bigint;
}

export interface CtfEventClass {
  readonly name: string;
  readonly context: FieldType | undefined;
  readonly fields: FieldType | undefined;
}

export interface CtfStreamClass {
  readonly packetContext: FieldType | undefined;
  readonly eventHeader: FieldType | undefined;
  readonly eventContext: FieldType | undefined;
  readonly events: Map<number, CtfEventClass>;
}

export interface CtfMetadata {
  readonly version: string;
  readonly uuid: string | undefined;
  readonly isLittleEndian: boolean;
  readonly packetHeader: FieldType | undefined;
  /** `domain`, `tracer_name`, `kernel_release`, …, as written. */
  readonly environment: ReadonlyMap<string, string>;
  readonly clocks: readonly CtfClock[];
  readonly streams: ReadonlyMap<number, CtfStreamClass>;
  /** Last names of all paths by which lengths and variants refer to fields. */
  readonly referenced: ReadonlySet<string>;
  /** Why the text could not be read to its end. */
  readonly fault: string | undefined;
}

/** What a block holds: `name = value;` and `path := type;`. */
interface Block {
  readonly values: Map<string, TsdlValue>;
  readonly types: Map<string, FieldType>;
}

/** What `stream { … }` and `event { … }` are kept in until all is known. */
interface Draft {
  readonly trace: Block;
  readonly environment: Map<string, string>;
  readonly clocks: CtfClock[];
  readonly streams: Block[];
  readonly events: Block[];
}

/** Reads the text. Nothing is thrown: what comes before a mistake is kept, and `fault` tells of it. */
export function parseCtfMetadata(text: string): CtfMetadata {
  const draft: Draft = { trace: block(), environment: new Map(), clocks: [], streams: [], events: [] };
  let referenced: ReadonlySet<string> = new Set();
  let fault: string | undefined;
  try {
    const types = new TsdlTypeReader(new TsdlLexer(text));
    ({ referenced } = types);
    const scope = new TypeScope(undefined);
    while (types.lexer.kind !== 'end') readTop(types, scope, draft);
  } catch (error) {
    if (!isFailure(error)) throw error;
    fault = error.message;
  }
  return completed(draft, referenced, fault);
}

function readTop(types: TsdlTypeReader, scope: TypeScope, draft: Draft): void {
  const { lexer } = types;
  if (lexer.take(';') || types.readDeclaration(scope)) return;
  const word = lexer.name('a block');
  switch (word) {
    case 'trace': {
      const { values, types: declared } = readBlock(types, scope);
      for (const [name, value] of values) draft.trace.values.set(name, value);
      for (const [name, type] of declared) draft.trace.types.set(name, type);
      return;
    }
    case 'env':
      for (const [name, value] of readBlock(types, scope).values) draft.environment.set(name, String(value));
      return;
    case 'clock':
      draft.clocks.push(clockOf(readBlock(types, scope).values));
      return;
    case 'stream':
      draft.streams.push(readBlock(types, scope));
      return;
    case 'event':
      draft.events.push(readBlock(types, scope));
      return;
    case 'callsite':
      readBlock(types, scope);
      return;
    default:
      throw lexer.failure(`"${word.slice(0, 40)}" begins nothing that CTF 1.8 knows`);
  }
}

function block(): Block {
  return { values: new Map(), types: new Map() };
}

/** `{ … };` */
function readBlock(types: TsdlTypeReader, outside: TypeScope): Block {
  const { lexer } = types;
  const scope = new TypeScope(outside);
  const { values, types: declared } = block();
  lexer.expect('{');
  while (!lexer.take('}')) {
    if (lexer.take(';') || types.readDeclaration(scope)) continue;
    const path = types.readPath();
    if (lexer.take(':=')) declared.set(path, types.readType(scope));
    else {
      lexer.expect('=');
      values.set(path, types.readValue());
    }
    lexer.expect(';');
  }
  lexer.expect(';');
  return { values, types: declared };
}

function clockOf(values: ReadonlyMap<string, TsdlValue>): CtfClock {
  const integer = (name: string, usual: bigint) => {
    const value = values.get(name);
    return typeof value === 'bigint' ? value : usual;
  };
  const frequency = integer('freq', 1_000_000_000n);
  const description = values.get('description');
  return {
    name: String(values.get('name') ?? ''),
    description: description === undefined ? undefined : String(description),
    frequency: frequency > 0n ? frequency : 1_000_000_000n,
    offsetSeconds: integer('offset_s', 0n),
    offsetCycles: integer('offset', 0n),
  };
}

function completed(draft: Draft, referenced: ReadonlySet<string>, fault: string | undefined): CtfMetadata {
  const { trace, environment, clocks } = draft;
  const streams = new Map<number, CtfStreamClass>();
  const streamOf = (id: number, { types }: Block) => {
    streams.set(id, {
      packetContext: types.get('packet.context'),
      eventHeader: types.get('event.header'),
      eventContext: types.get('event.context'),
      events: new Map(),
    });
  };
  for (const each of draft.streams) streamOf(idOf(each, 'id'), each);
  for (const each of draft.events) {
    const id = idOf(each, 'stream_id');
    // A trace of one kind of stream need not declare it.
    if (!streams.has(id) && draft.streams.length === 0) streamOf(id, block());
    streams.get(id)?.events.set(idOf(each, 'id'), {
      name: String(each.values.get('name') ?? ''),
      context: each.types.get('context'),
      fields: each.types.get('fields'),
    });
  }
  const order = trace.values.get('byte_order');
  const uuid = trace.values.get('uuid');
  return {
    version: `${trace.values.get('major') ?? '?'}.${trace.values.get('minor') ?? '?'}`,
    uuid: typeof uuid === 'string' ? uuid : undefined,
    isLittleEndian: order !== 'be' && order !== 'network',
    packetHeader: trace.types.get('packet.header'),
    environment,
    clocks,
    streams,
    referenced,
    fault,
  };
}

/** Identifiers are 0 where none is given; one beyond what a number holds exactly matches nothing. */
function idOf({ values }: Block, name: string): number {
  const id = values.get(name);
  return typeof id === 'bigint' ? Number(id) : 0;
}
