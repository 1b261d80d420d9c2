/** The metadata of the traces that `ctfWriter.ts` writes: as LTTng's and babeltrace's CTF writers put them. */

/** `u5`, `s32`, …: bits; `text16`: characters of fixed room; `string`: up to a NUL; `pids`: a sequence of s32. */
export type CtfFieldKind = `u${number}` | `s${number}` | `text${number}` | 'string' | 'pids' | 'odd';
export type CtfFields = Readonly<Record<string, CtfFieldKind>>;
export type CtfValue = number | bigint | string | readonly number[];

export interface CtfEventKind {
  readonly name: string;
  readonly id: number;
  readonly fields: CtfFields;
}

export interface CtfEvent {
  readonly cpu: number;
  /** Value of the clock. */
  readonly cycles: bigint;
  readonly name: string;
  readonly values: Readonly<Record<string, CtfValue>>;
  /** Values of the stream's context, where it has one. */
  readonly context?: Readonly<Record<string, CtfValue>>;
  /** Lost just before this event: a packet ends here, and says so. */
  readonly lostBefore?: number;
}

export interface CtfOptions {
  readonly kinds: readonly CtfEventKind[];
  /** LTTng's two event headers; perf's has a 32-bit id and the whole time. */
  readonly header: 'compact' | 'large' | 'perf';
  readonly order?: 'le' | 'be';
  /** Bits to which integers are aligned: `byte`, or each to its size as on machines that need it. */
  readonly align?: 'byte' | 'natural';
  readonly isMetadataPacketised?: boolean;
  readonly context?: CtfFields;
  readonly packetBytes?: number;
  readonly eventsPerPacket?: number;
  readonly frequency?: bigint;
  readonly offsetSeconds?: bigint;
  readonly offsetCycles?: bigint;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly uuid?: string;
  /** Number of the first packet of each CPU: more than 0 when packets before it were overwritten. */
  readonly firstPacket?: number;
}

export const DEFAULT_UUID = '6a7715d0-b502-4c65-8678-6777ac7f755a';

export function sizeOf(kind: CtfFieldKind): number {
  return Number(kind.slice(1));
}

export function alignOf(bits: number, options: CtfOptions): number {
  if (bits % 8 !== 0) return 1;
  return options.align === 'natural' ? bits : 8;
}

function integer(bits: number, isSigned: boolean, options: CtfOptions, more = ''): string {
  return `integer { size = ${bits}; align = ${alignOf(bits, options)}; signed = ${isSigned ? 1 : 0}; ${more}}`;
}

function fieldText(name: string, kind: CtfFieldKind, options: CtfOptions): string {
  if (kind === 'string') return `string ${name};`;
  if (kind === 'pids') {
    return `${integer(8, false, options)} _${name}_length;\n\t\t${integer(32, true, options)} ${name}[ _${name}_length ];`;
  }
  if (kind === 'odd') return oddText(name, options);
  if (kind.startsWith('text')) {
    return `integer { size = 8; align = 8; signed = 1; encoding = UTF8; base = 10; } ${name}[${Number(kind.slice(4))}];`;
  }
  const base = kind.startsWith('u') ? 'base = 16; ' : 'encoding = none; base = 10; ';
  return `${integer(sizeOf(kind), kind.startsWith('s'), options, base)} ${name};`;
}

/** A field of all that scheduler events do not have: nested types, bit fields, arrays of what has no fixed size. */
function oddText(name: string, options: CtfOptions): string {
  return `struct {
			enum : ${integer(3, false, options)} { none, number = 1 ... 2, "words" = 3, } kind;
			${integer(13, true, options)} bits;
			variant <kind> {
				struct { } none;
				struct { floating_point { exp_dig = 8; mant_dig = 24; align = 8; } real; ${integer(64, false, options)} wide[2][3]; } number;
				struct { ${integer(16, false, options)} count; string list[count]; } words;
			} value;
		} ${name};`;
}

/** What LTTng's `lttng_session_metadata_statedump` and its like write; perf's are babeltrace's ctf-writer's. */
export function metadataText(options: CtfOptions): string {
  const { kinds, header, context, order = 'le' } = options;
  const clock = header === 'perf' ? 'perf_clock' : 'monotonic';
  const typed = (bits: number, name: string, map = false) =>
    `typealias ${integer(bits, false, options, map ? `map = clock.${clock}.value; ` : '')} := ${name};\n`;
  const environment = Object.entries(options.environment ?? DEFAULT_ENVIRONMENT[header === 'perf' ? 1 : 0]!);
  return `/* CTF 1.8 */

${typed(8, 'uint8_t')}${typed(16, 'uint16_t')}${typed(32, 'uint32_t')}${typed(64, 'uint64_t')}${typed(64, 'unsigned long')}${typed(5, 'uint5_t')}${typed(27, 'uint27_t')}
trace {
	major = 1;
	minor = 8;
	uuid = "${options.uuid ?? DEFAULT_UUID}";
	byte_order = ${order};
	packet.header := struct {
		uint32_t magic;
		uint8_t  uuid[16];
		uint32_t stream_id;${header === 'perf' ? '' : '\n\t\tuint64_t stream_instance_id;'}
	};
};

env {
${environment.map(([name, value]) => `\t${name} = ${typeof value === 'number' ? value : JSON.stringify(value)};\n`).join('')}};

clock {
	name = ${header === 'perf' ? clock : `"${clock}"`};
	description = "${header === 'perf' ? 'perf clock' : 'Monotonic Clock'}";
	freq = ${options.frequency ?? 1_000_000_000n}; /* Frequency, in Hz */
	precision = 10;
	offset_s = ${options.offsetSeconds ?? 0n};
	/* clock value offset from Epoch is: offset * (1/freq) */
	offset = ${options.offsetCycles ?? 0n};
	absolute = FALSE;
};

${typed(27, `uint27_clock_t`, true)}${typed(32, `uint32_clock_t`, true)}${typed(64, `uint64_clock_t`, true)}
struct packet_context {
	uint64_clock_t timestamp_begin;
	uint64_clock_t timestamp_end;
	uint64_t content_size;
	uint64_t packet_size;${header === 'perf' ? '' : '\n\tuint64_t packet_seq_num;'}
	unsigned long events_discarded;
	uint32_t cpu_id;
};

struct event_header_compact {
	enum : uint5_t { compact = 0 ... 30, extended = 31 } id;
	variant <id> {
		struct {
			uint27_clock_t timestamp;
		} compact;
		struct {
			uint32_t id;
			uint64_clock_t timestamp;
		} extended;
	} v;
} align(${alignOf(32, options)});

struct event_header_large {
	enum : uint16_t { compact = 0 ... 65534, extended = 65535 } id;
	variant <id> {
		struct {
			uint32_clock_t timestamp;
		} compact;
		struct {
			uint32_t id;
			uint64_clock_t timestamp;
		} extended;
	} v;
} align(${alignOf(16, options)});

struct event_header_perf { uint32_t id; uint64_clock_t timestamp; } align(8);

stream {
	id = 0;
	event.header := struct event_header_${header};
	packet.context := struct packet_context;
${context === undefined ? '' : `\tevent.context := struct {\n${fieldLines(context, options)}\t};\n`}};

${kinds.map((kind) => eventText(kind, options)).join('')}`;
}

const DEFAULT_ENVIRONMENT: readonly Readonly<Record<string, string | number>>[] = [
  {
    hostname: 'example',
    domain: 'kernel',
    sysname: 'Linux',
    kernel_release: '6.18.0',
    kernel_version: '#1 SMP',
    tracer_name: 'lttng-modules',
    tracer_major: 2,
    tracer_minor: 13,
    tracer_patchlevel: 9,
    trace_name: 'auto-"1"',
  },
  {
    host: 'example',
    sysname: 'Linux',
    release: '6.1.0',
    version: '6.1',
    domain: 'kernel',
    tracer_name: 'perf',
  },
];

function fieldLines(fields: CtfFields, options: CtfOptions): string {
  const prefix = options.header === 'perf' ? '' : '_';
  return Object.entries(fields)
    .map(([name, kind]) => `\t\t${fieldText(`${prefix}${name}`, kind, options)}\n`)
    .join('');
}

function eventText({ name, id, fields }: CtfEventKind, options: CtfOptions): string {
  return `event {
	name = "${name}";
	id = ${id};
	stream_id = 0;
	loglevel = 13;
	fields := struct {
${fieldLines(fields, options)}	};
};

`;
}
