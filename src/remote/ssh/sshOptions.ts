import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';

/** Time limits of a connection. Waiting for the user's answer does not count. */
export interface SshLimits {
  /** For the TCP connection or the channel through a hop; `ConnectTimeout` of the configuration comes first. */
  readonly connectMs: number;
  /** From the first byte to agreed keys. */
  readonly handshakeMs: number;
  readonly authenticationMs: number;
  /** For the server's answer to another command. */
  readonly channelMs: number;
  /** `ServerAliveInterval` of the configuration comes first. */
  readonly keepAliveIntervalMs: number;
  /** The connection is lost after so many unanswered questions. */
  readonly keepAliveCount: number;
}

export const USUAL_SSH_LIMITS: SshLimits = {
  connectMs: 15_000,
  handshakeMs: 20_000,
  authenticationMs: 30_000,
  channelMs: 30_000,
  keepAliveIntervalMs: 5_000,
  keepAliveCount: 3,
};

/** Where the configuration stands and who we are; everything has the value that OpenSSH would take. */
export interface SshOptions {
  /** Read instead of the user's and the system's configuration, as `ssh -F` does. */
  readonly configFile?: string;
  readonly homeFolder?: string;
  readonly systemConfigFile?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly localUser?: string;
  readonly limits?: Partial<SshLimits>;
}

/** The options with everything filled in. */
export interface SshSurroundings {
  /** Undefined: the user's, then the system's. */
  readonly configFile: string | undefined;
  readonly configFiles: readonly string[];
  readonly homeFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly localUser: string;
  readonly localHost: string;
  readonly localUid: number;
  readonly limits: SshLimits;
}

export function surroundingsOf(options: SshOptions): SshSurroundings {
  const homeFolder = options.homeFolder ?? homedir();
  const system = options.systemConfigFile ?? '/etc/ssh/ssh_config';
  return {
    configFile: options.configFile,
    configFiles:
      options.configFile === undefined ? [join(homeFolder, '.ssh', 'config'), system] : [options.configFile],
    homeFolder,
    environment: options.environment ?? process.env,
    localUser: options.localUser ?? userInfo().username,
    localHost: hostname(),
    localUid: userInfo().uid,
    limits: { ...USUAL_SSH_LIMITS, ...options.limits },
  };
}
