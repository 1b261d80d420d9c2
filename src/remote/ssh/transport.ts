import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { Failure, messageOf } from '../../base/errors.js';
import type { ResolvedHost } from './resolvedHost.js';

/** A TCP connection to a host. Failures: `connection-failed`, `timed-out`, `cancelled`. */
export function openTcp(
  host: ResolvedHost,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: host.hostName,
      port: host.port,
      family: host.addressFamily,
      ...(host.bindAddress === undefined ? {} : { localAddress: host.bindAddress }),
      noDelay: true,
      keepAlive: true,
    });
    const settle = (failure?: Failure) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      socket.removeListener('error', fail);
      if (failure === undefined) resolve(socket);
      else {
        socket.on('error', () => undefined);
        socket.destroy();
        reject(failure);
      }
    };
    const cancel = () => {
      settle(cancelled(host));
    };
    const fail = (error: Error) => {
      settle(unreachable(host, reasonOf(error, host), error));
    };
    const timer = setTimeout(() => {
      settle(noAnswer(host, timeoutMs));
    }, timeoutMs);
    socket.once('connect', () => {
      settle();
    });
    socket.once('error', fail);
    if (signal?.aborted === true) cancel();
    else signal?.addEventListener('abort', cancel);
  });
}

/** A channel through a hop to the next host. Failures: `connection-failed`, `timed-out`, `cancelled`. */
export function openThrough(
  hop: Client,
  hopName: string,
  host: ResolvedHost,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    let isSettled = false;
    const settle = (result: Failure | Duplex) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      hop.removeListener('close', close);
      if (isSettled) {
        if (!(result instanceof Failure)) result.destroy();
      } else if (result instanceof Failure) reject(result);
      else resolve(result);
      isSettled = true;
    };
    const cancel = () => {
      settle(cancelled(host));
    };
    const close = () => {
      settle(unreachable(host, `the connection to ${hopName}, through which it goes, was closed`));
    };
    const timer = setTimeout(() => {
      settle(noAnswer(host, timeoutMs, hopName));
    }, timeoutMs);
    if (signal?.aborted === true) {
      cancel();
      return;
    }
    signal?.addEventListener('abort', cancel);
    hop.once('close', close);
    try {
      hop.forwardOut('127.0.0.1', 0, host.hostName, host.port, (error, channel) => {
        if (error === undefined) settle(channel);
        else settle(unreachable(host, `${hopName} cannot reach it (${messageOf(error)})`, error));
      });
    } catch (error) {
      settle(unreachable(host, `the connection to ${hopName}, through which it goes, was closed`, error));
    }
  });
}

export function cancelled(host: { readonly destination: string }): Failure {
  return new Failure('cancelled', `Connecting to ${host.destination} was cancelled.`);
}

function unreachable(host: ResolvedHost, why: string, cause?: unknown): Failure {
  return new Failure('connection-failed', `${host.destination} cannot be reached: ${why}.`, { cause });
}

function noAnswer(host: ResolvedHost, timeoutMs: number, hopName?: string): Failure {
  const through = hopName === undefined ? '' : ` through ${hopName}`;
  return new Failure(
    'timed-out',
    `${host.destination} does not answer${through} within ${timeoutMs / 1000} s. Check that it runs, its address and the network.`,
  );
}

function reasonOf(error: Error, host: ResolvedHost): string {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOTFOUND':
      return `there is no host named ${host.hostName}`;
    case 'EAI_AGAIN':
      return `the name ${host.hostName} cannot be looked up now`;
    case 'ECONNREFUSED':
      return `nothing listens on port ${host.port} (is sshd running?)`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no route to it';
    default:
      return messageOf(error);
  }
}
