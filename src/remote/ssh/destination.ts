import { Failure } from '../../base/errors.js';
import { printableText } from '../printableText.js';

/** What the user typed for a machine: a name from the configuration, or an address. */
export interface Destination {
  readonly user: string | undefined;
  /** An alias, a host name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * Reads `host`, `user@host:port`, `[::1]:22`, `::1` and `ssh://user@host:port`. The user may hold an @ itself: the last
 * one counts, as in OpenSSH.
 * Failures: `bad-input`.
 */
export function parseDestination(text: string): Destination {
  const bare = text
    .trim()
    .replace(/^ssh:\/\//i, '')
    .replace(/\/$/, '');
  const at = bare.lastIndexOf('@');
  const user = at < 0 ? undefined : bare.slice(0, at);
  const { host, port } = hostAndPort(bare.slice(at + 1), text);
  if (user !== undefined && !isUser(user)) throw notADestination(text, 'the user name is not one');
  // A leading hyphen would be an option of ssh, a control character forges what is shown.
  if (!/^[^\s\p{C}"'`$\\;&<>|(){}/@-][^\s\p{C}"'`$\\;&<>|(){}/@]*$/u.test(host)) {
    throw notADestination(text, host === '' ? 'the host is missing' : 'the host is not a name or an address');
  }
  return { user, host, port };
}

/** `user@host`, `user@host:2222`, `user@[::1]:22`: what `parseDestination` reads back. */
export function formatDestination({ user, host, port }: Destination): string {
  const place = port === undefined ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return user === undefined ? place : `${user}@${place}`;
}

/** @returns undefined for what no port can be */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function isUser(user: string): boolean {
  return /^[^\s\p{C}"'`$\\;&<>|(){}-][^\p{C}"'`$;&<>|(){}]*$/u.test(user);
}

function hostAndPort(place: string, text: string): { host: string; port: number | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(place);
  const colons = place.split(':').length - 1;
  if (bracketed === null && colons !== 1) return { host: place, port: undefined };
  const [host, portText] =
    bracketed === null ? (place.split(':') as [string, string]) : [bracketed[1]!, bracketed[2]];
  if (portText === undefined) return { host, port: undefined };
  const port = parsePort(portText);
  if (port === undefined) throw notADestination(text, 'the port is not a number from 1 to 65535');
  return { host, port };
}

function notADestination(text: string, why: string): Failure {
  return new Failure(
    'bad-input',
    `"${printableText(text, 200)}" is not a machine: ${why}. Give a host of the SSH configuration or user@host:port.`,
  );
}
