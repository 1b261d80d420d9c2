/** `%h`, `~` and `${NAME}` in values of ssh_config. Source: ssh_config(5), TOKENS and ENVIRONMENT VARIABLES. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { SshSurroundings } from './sshOptions.js';

/** What the tokens stand for: the host that they are about. */
export interface TokenValues {
  /** As it was typed: %n. */
  readonly originalHost: string;
  /** %h */
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Undefined: none is set, so that %k is the original host. */
  readonly hostKeyAlias: string | undefined;
}

/** @returns undefined when the value names a token or a variable that there is not: ssh then ignores the value */
export function expandPath(
  value: string,
  tokens: TokenValues,
  surroundings: SshSurroundings,
): string | undefined {
  const withVariables = expandVariables(value, surroundings.environment);
  if (withVariables === undefined) return undefined;
  const withHome = withVariables.replace(/^~(?=\/|$)/, () => surroundings.homeFolder.replaceAll('%', '%%'));
  const path = expandTokens(withHome, tokens, surroundings);
  return path === undefined || path.startsWith('/') ? path : join(process.cwd(), path);
}

/** @returns undefined when a variable is not set */
export function expandVariables(
  value: string,
  environment: SshSurroundings['environment'],
): string | undefined {
  return replaceAll(value, /\$\{([^}]*)\}/g, (name) => environment[name]);
}

/** @returns undefined for a token that there is not */
export function expandTokens(
  value: string,
  tokens: TokenValues,
  surroundings: SshSurroundings,
): string | undefined {
  const { originalHost, hostName, port, user, hostKeyAlias } = tokens;
  const { localHost, localUser, localUid, homeFolder } = surroundings;
  const values: Readonly<Record<string, string | undefined>> = {
    '%': '%',
    h: hostName,
    n: originalHost,
    p: String(port),
    r: user,
    u: localUser,
    i: String(localUid),
    d: homeFolder,
    l: localHost,
    L: localHost.split('.')[0],
    k: hostKeyAlias ?? originalHost,
    C: createHash('sha1').update(`${localHost}${hostName}${port}${user}`).digest('hex'),
  };
  return replaceAll(value, /%(.?)/g, (token) => values[token]);
}

function replaceAll(
  value: string,
  pattern: RegExp,
  find: (name: string) => string | undefined,
): string | undefined {
  const missing: string[] = [];
  const replaced = value.replace(pattern, (_all, name: string) => {
    const found = find(name);
    if (found === undefined) missing.push(name);
    return found ?? '';
  });
  return missing.length === 0 ? replaced : undefined;
}
