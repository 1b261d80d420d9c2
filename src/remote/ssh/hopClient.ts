import type { Duplex } from 'node:stream';
import { Client, type Algorithms } from 'ssh2';
import { Failure, isFailure, messageOf } from '../../base/errors.js';
import { printableText } from '../printableText.js';
import type { Authentication } from './authentication.js';
import type { HostKeyCheck } from './hostKeyCheck.js';
import type { ResolvedHost } from './resolvedHost.js';
import type { SshLimits } from './sshOptions.js';
import { cancelled } from './transport.js';
import type { Deadline } from './waiting.js';

export interface HopParts {
  readonly host: ResolvedHost;
  /** A connection or a channel to the host: owned from here on. */
  readonly socket: Duplex;
  readonly hostKeys: HostKeyCheck;
  readonly authentication: Authentication;
  readonly algorithms: Algorithms;
  readonly deadline: Deadline;
  readonly limits: SshLimits;
}

/**
 * The handshake with one host and the login there, over what reaches it.
 * Failures: `connection-failed`, `host-key-refused`, `authentication-failed`, `timed-out`, `cancelled`.
 */
export function logIn(
  parts: HopParts,
  onExpired: (listener: () => void) => void,
  signal?: AbortSignal,
): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    const login = new Login(parts);
    const settle = (failure?: Failure) => {
      parts.deadline.stop();
      signal?.removeEventListener('abort', cancel);
      client.removeAllListeners();
      client.on('error', () => undefined);
      if (failure === undefined) resolve(client);
      else {
        parts.socket.on('error', () => undefined);
        client.destroy();
        parts.socket.destroy();
        reject(failure);
      }
    };
    const cancel = () => {
      settle(cancelled(parts.host));
    };
    onExpired(() => {
      settle(login.expired());
    });
    if (signal?.aborted === true) {
      cancel();
      return;
    }
    signal?.addEventListener('abort', cancel);
    parts.authentication.onFailure = () => {
      settle(parts.authentication.failure);
    };
    client.once('ready', () => {
      settle();
    });
    client.on('handshake', () => {
      login.isAuthenticating = true;
      parts.deadline.set(parts.limits.authenticationMs);
    });
    client.on('change password', () => {
      settle(login.passwordExpired());
    });
    client.on('error', (error) => {
      // A key that an agent does not sign with is passed over.
      if ((error as { level?: string }).level !== 'agent') settle(login.failureOf(error));
    });
    client.on('close', () => {
      settle(login.failureOf(undefined));
    });
    parts.deadline.set(parts.limits.handshakeMs);
    client.connect(connectConfig(parts, login));
  });
}

function connectConfig(parts: HopParts, login: Login) {
  const { host, hostKeys, authentication, deadline, limits } = parts;
  return {
    sock: parts.socket,
    username: host.user,
    algorithms: parts.algorithms,
    authHandler: authentication.handler,
    readyTimeout: 0, // The limits here leave out the time in which the user is asked.
    keepaliveInterval: host.keepAliveIntervalMs ?? limits.keepAliveIntervalMs,
    keepaliveCountMax: host.keepAliveCount ?? limits.keepAliveCount,
    hostVerifier: (key: Buffer, verify: (isGood: boolean) => void) => {
      deadline
        .whilePaused(() => hostKeys.verify(Buffer.from(key)))
        .then(
          () => {
            verify(true);
          },
          (error: unknown) => {
            login.hostKeyFailure = isFailure(error)
              ? error
              : new Failure('host-key-refused', messageOf(error), { cause: error });
            verify(false);
          },
        );
    },
  };
}

/** Puts words to how a login failed. */
class Login {
  isAuthenticating = false;
  hostKeyFailure: Failure | undefined;

  constructor(private readonly parts: HopParts) {}

  expired(): Failure {
    const { host, limits } = this.parts;
    return this.isAuthenticating
      ? new Failure(
          'timed-out',
          `${host.destination} does not finish the login within ${limits.authenticationMs / 1000} s.`,
        )
      : new Failure(
          'timed-out',
          `${host.destination} accepts connections, but does not answer as an SSH server within ${limits.handshakeMs / 1000} s. Check the port; a busy server may need a second try.`,
        );
  }

  passwordExpired(): Failure {
    return new Failure(
      'authentication-failed',
      `The password for ${this.parts.host.destination} has expired. Log in with ssh in a terminal and choose a new one.`,
    );
  }

  /** @param error undefined: the connection was closed without a word */
  failureOf(error: Error | undefined): Failure {
    const { host, authentication } = this.parts;
    const known = this.hostKeyFailure ?? authentication.failure;
    if (known !== undefined) return known;
    const says = error === undefined ? undefined : printableText(messageOf(error), 300);
    if (this.isAuthenticating) {
      const { level, code } = (error ?? {}) as { level?: string; code?: unknown };
      if (level === 'client-authentication') return authentication.refused();
      // A reason to disconnect that the server gave is a number.
      if (typeof code === 'number') return authentication.refused(says);
      return new Failure(
        'authentication-failed',
        `${host.destination} ended the connection during the login${says === undefined ? '' : ` (${says})`}. Its log tells why: journalctl -u ssh, there.`,
        { cause: error },
      );
    }
    return new Failure(
      'connection-failed',
      `${host.destination} is reached, but no SSH connection comes about: ${says ?? 'it closed the connection'}. Check the host and the port.`,
      { cause: error },
    );
  }
}
