import { ConfigFiles } from './configFile.js';
import { formatDestination, type Destination } from './destination.js';
import { resolveWith, type ResolvedHost } from './resolvedHost.js';
import { surroundingsOf, type SshOptions, type SshSurroundings } from './sshOptions.js';
import { Failure } from '../../base/errors.js';

/** A machine that the SSH configuration names. */
export interface HostEntry {
  readonly name: string;
  /** Where its Host line stands. */
  readonly path: string;
  readonly line: number;
}

/**
 * The names in Host lines of the configuration and of what it includes, without patterns, each once, in order.
 * Failures: `bad-input`, `permission-denied`, `read-failed`.
 */
export function configuredHosts(options: SshOptions = {}): HostEntry[] {
  const surroundings = surroundingsOf(options);
  const files = new ConfigFiles(surroundings);
  const entries = new Map<string, HostEntry>();
  const visit = (path: string, depth: number) => {
    for (const line of files.lines(path)) {
      if (line.keyword === 'include') {
        for (const each of files.included(line, depth)) visit(each, depth + 1);
      } else if (line.keyword === 'host') {
        for (const name of line.words.filter((word) => !/^!|[*?]/.test(word))) {
          if (!entries.has(name)) entries.set(name, { name, path: line.path, line: line.line });
        }
      }
    }
  };
  for (const path of surroundings.configFiles) visit(path, 0);
  return [...entries.values()];
}

/**
 * What the configuration says about a machine, named as there or typed as `user@host:port`.
 * Failures: `bad-input`, `permission-denied`, `read-failed`.
 */
export function resolveHost(name: string, options: SshOptions = {}): ResolvedHost {
  const surroundings = surroundingsOf(options);
  return resolveWith(name, new ConfigFiles(surroundings), surroundings);
}

/**
 * The way to a machine: the hosts to go through, nearest first, and the machine itself at the end. Hosts to go through
 * may have hosts to go through themselves; those of a host that is not the first of a list are not asked, as in OpenSSH.
 * Failures: `bad-input`, also for a way that leads through one host twice.
 */
export function routeTo(name: string, surroundings: SshSurroundings): ResolvedHost[] {
  const files = new ConfigFiles(surroundings);
  const extend = (host: ResolvedHost, above: readonly string[]): ResolvedHost[] => {
    const key = formatDestination({ user: host.user, host: host.hostName, port: host.port });
    if (above.includes(key)) {
      throw new Failure(
        'bad-input',
        `The way to ${name} goes in a circle: ${host.asked.host} is reached through itself. Correct ProxyJump in the SSH configuration; a host that is reached directly needs "ProxyJump none".`,
      );
    }
    const [first, ...rest] = host.jumps.map((each: Destination) => resolveWith(each, files, surroundings));
    const before = first === undefined ? [] : [...extend(first, [...above, key]), ...rest];
    return [...before, host];
  };
  const route = extend(resolveWith(name, files, surroundings), []);
  if (route.length > MAX_HOPS) {
    throw new Failure('bad-input', `The way to ${name} goes through more than ${MAX_HOPS} hosts.`);
  }
  return route;
}

const MAX_HOPS = 16;
