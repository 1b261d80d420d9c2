import type { Client } from 'ssh2';
import type { Connection } from '../connection.js';
import type { Prompter } from '../prompter.js';
import { algorithmsFor } from './algorithms.js';
import { Authentication } from './authentication.js';
import { routeTo } from './configuredHosts.js';
import { logIn } from './hopClient.js';
import { HostKeyCheck } from './hostKeyCheck.js';
import { identitiesFor, type Identities } from './identities.js';
import type { ResolvedHost } from './resolvedHost.js';
import { SystemSshConnection } from './systemSshConnection.js';
import { Ssh2Connection } from './ssh2Connection.js';
import { surroundingsOf, type SshOptions, type SshSurroundings } from './sshOptions.js';
import { openTcp, openThrough } from './transport.js';
import { Deadline } from './waiting.js';

/**
 * Connects to a machine: one that the SSH configuration names, or `user@host:port`. Goes through the hosts on the way,
 * verifies the host key of each and logs in at each; by ssh2, or by the system's ssh where ssh2 lacks what is needed.
 *
 * Failures: `bad-input` (name or configuration), `permission-denied`, `read-failed`, `connection-failed`,
 * `host-key-refused`, `authentication-failed`, `timed-out`, `cancelled`.
 */
export async function openConnection(
  name: string,
  options: SshOptions & { readonly prompter: Prompter },
  signal?: AbortSignal,
): Promise<Connection> {
  const surroundings = surroundingsOf(options);
  const { prompter } = options;
  const route = routeTo(name, surroundings);
  const hops: Hop[] = [];
  for (const host of route) {
    const identities = await identitiesFor(host, prompter, surroundings.localUid);
    hops.push({ host, identities });
  }
  return hops.some((hop) => needsSystem(hop))
    ? SystemSshConnection.open(route, prompter, surroundings, signal)
    : openBySsh2(hops, prompter, surroundings, signal);
}

/**
 * Why a machine is connected to by the system's ssh, in words (`ProxyCommand`, `the security key …`); empty when ssh2 does.
 * Failures: as `openConnection` before it connects.
 */
export async function reasonsForSystemSsh(name: string, options: SshOptions = {}): Promise<string[]> {
  const surroundings = surroundingsOf(options);
  const reasons: string[] = [];
  for (const host of routeTo(name, surroundings)) {
    const identities = await identitiesFor(host, NOBODY, surroundings.localUid);
    reasons.push(...reasonsOf({ host, identities }));
  }
  return reasons;
}

function needsSystem(hop: Hop): boolean {
  return reasonsOf(hop).length > 0;
}

function reasonsOf({ host, identities }: Hop): string[] {
  return [...host.onlySystemSsh, ...identities.onlySystemSsh, ...algorithmsFor(host, []).empty];
}

/** Nothing is asked before a host is reached. */
const NOBODY: Prompter = {
  password: () => Promise.resolve(undefined),
  passphrase: () => Promise.resolve(undefined),
  answers: () => Promise.resolve(undefined),
  acceptHostKey: () => Promise.resolve(false),
};

interface Hop {
  readonly host: ResolvedHost;
  readonly identities: Identities;
}

async function openBySsh2(
  hops: readonly Hop[],
  prompter: Prompter,
  surroundings: SshSurroundings,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  const clients: Client[] = [];
  try {
    for (const [index, hop] of hops.entries()) {
      const before = index === 0 ? undefined : { client: clients[index - 1]!, host: hops[index - 1]!.host };
      clients.push(await openHop(hop, before, prompter, surroundings, signal));
    }
  } catch (error) {
    for (const client of clients.reverse()) client.destroy();
    throw error;
  }
  const last = clients.pop()!;
  return new Ssh2Connection(hops.at(-1)!.host.destination, last, clients, surroundings.limits.channelMs);
}

async function openHop(
  { host, identities }: Hop,
  before: { readonly client: Client; readonly host: ResolvedHost } | undefined,
  prompter: Prompter,
  { limits }: SshSurroundings,
  signal: AbortSignal | undefined,
): Promise<Client> {
  const hostKeys = new HostKeyCheck(host, prompter);
  const algorithms = algorithmsFor(host, hostKeys.knownTypes).offered;
  const timeoutMs = host.connectTimeoutMs ?? limits.connectMs;
  const socket =
    before === undefined
      ? await openTcp(host, timeoutMs, signal)
      : await openThrough(before.client, before.host.destination, host, timeoutMs, signal);
  let expire: () => void = () => undefined;
  const deadline = new Deadline(() => {
    expire();
  });
  return logIn(
    {
      host,
      socket,
      hostKeys,
      authentication: new Authentication(host, identities, prompter, deadline),
      algorithms,
      deadline,
      limits,
    },
    (listener) => (expire = listener),
    signal,
  );
}
