import type { EventStore } from '../../model/eventStore.js';
import type { CtfClock, CtfMetadata } from './ctfMetadata.js';
import { utf8Of } from './metadataText.js';

/** Release of the kernel that was traced: LTTng and perf have different names for it. */
export function kernelReleaseOf({ environment }: CtfMetadata): string | undefined {
  return environment.get('kernel_release') ?? environment.get('release');
}

/** Notes what the metadata tell of the recording as a whole. */
export function describeTrace(store: EventStore, metadata: CtfMetadata): void {
  const { properties } = store.metadata;
  const { environment, clocks } = metadata;
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') properties.set(name, utf8Of(value));
  };
  set('CTF version', metadata.version);
  set('tracer', tracerOf(environment));
  set('kernel release', kernelReleaseOf(metadata));
  set('kernel version', environment.get('kernel_version') ?? environment.get('version'));
  set('machine', environment.get('machine'));
  set('trace name', environment.get('trace_name'));
  set('trace created', environment.get('trace_creation_datetime'));
  set('clock', clocks.map(clockText).join('; '));
}

function tracerOf(environment: ReadonlyMap<string, string>): string | undefined {
  const version = ['tracer_major', 'tracer_minor', 'tracer_patchlevel']
    .map((name) => environment.get(name))
    .filter((part) => part !== undefined)
    .join('.');
  return [environment.get('tracer_name'), version]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
}

function clockText({ name, description, frequency, offsetSeconds, offsetCycles }: CtfClock): string {
  const what = description === undefined ? name : `${name} (${description})`;
  const offset = offsetSeconds === 0n && offsetCycles === 0n ? 'no offset' : 'with offset to its origin';
  return `${what}, ${frequency} Hz, ${offset}`;
}
