import { Failure } from '../../base/errors.js';
import { badConfig, splitWords, type ConfigFiles, type ConfigLine } from './configFile.js';
import { expandPath, expandTokens, type TokenValues } from './configTokens.js';
import { formatDestination, parseDestination, parsePort, type Destination } from './destination.js';
import { hostSettings, type HostSettings } from './hostSettings.js';
import type { SshSurroundings } from './sshOptions.js';

/** Whether an unknown host key is asked about, refused, or taken. `no` and `off` count as `ask`. */
export type UnknownHostKeys = 'ask' | 'refuse' | 'accept';

/** Everything that is known about one host before it is asked: the configuration, with OpenSSH's defaults. */
export interface ResolvedHost extends TokenValues {
  /** `user@host:port` for messages; without the port when it is 22. */
  readonly destination: string;
  /** What the system's ssh is called with. */
  readonly asked: Destination;
  /** Paths, in the order in which they are tried. */
  readonly identityFiles: readonly string[];
  /** The user named them: only then is it worth a word that one is missing. */
  readonly hasOwnIdentityFiles: boolean;
  readonly identitiesOnly: boolean;
  /** The socket of the agent; undefined: none. */
  readonly agentSocket: string | undefined;
  readonly methods: readonly AuthenticationMethod[];
  readonly passwordPrompts: number;
  /** The hosts to go through, nearest first, as the configuration names them. */
  readonly jumps: readonly Destination[];
  readonly unknownHostKeys: UnknownHostKeys;
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  readonly hashKnownHosts: boolean;
  readonly connectTimeoutMs: number | undefined;
  readonly keepAliveIntervalMs: number | undefined;
  readonly keepAliveCount: number | undefined;
  readonly addressFamily: 0 | 4 | 6;
  readonly bindAddress: string | undefined;
  /** Lists as configured, with `+`, `-` or `^` in front; undefined: the defaults. */
  readonly ciphers: string | undefined;
  readonly macs: string | undefined;
  readonly kexAlgorithms: string | undefined;
  readonly hostKeyAlgorithms: string | undefined;
  /** What of the configuration only the system's ssh can do: `ProxyCommand`, `Match exec`, … */
  readonly onlySystemSsh: readonly string[];
}

export type AuthenticationMethod = 'publickey' | 'keyboard-interactive' | 'password';

const DEFAULT_IDENTITIES = [
  'id_rsa',
  'id_ecdsa',
  'id_ecdsa_sk',
  'id_ed25519',
  'id_ed25519_sk',
  'id_xmss',
  'id_dsa',
];
const DEFAULT_METHODS: readonly AuthenticationMethod[] = ['publickey', 'keyboard-interactive', 'password'];

/**
 * What the configuration says about a machine that was named or typed.
 * Failures: `bad-input`, `permission-denied`, `read-failed`.
 */
export function resolveWith(
  name: string | Destination,
  files: ConfigFiles,
  surroundings: SshSurroundings,
): ResolvedHost {
  const asked = typeof name === 'string' ? parseDestination(name) : name;
  const settings = hostSettings(asked, files, surroundings);
  const read = new SettingReader(settings);
  const hostName = (read.text('hostname') ?? asked.host).replace(/%([%h])/g, (_all, token) =>
    token === '%' ? '%' : asked.host,
  );
  const tokens: TokenValues = {
    originalHost: asked.host,
    hostName: hostName.toLowerCase(),
    port: asked.port ?? read.port() ?? 22,
    user: asked.user ?? read.text('user') ?? surroundings.localUser,
    hostKeyAlias: read.text('hostkeyalias'),
  };
  const paths = (values: readonly string[]) =>
    values
      .filter((value) => value !== 'none')
      .flatMap((value) => expandPath(value, tokens, surroundings) ?? []);
  const own = settings.identityFiles;
  const { user, port } = tokens;
  return {
    ...tokens,
    asked,
    destination: formatDestination({ user, host: tokens.hostName, port: port === 22 ? undefined : port }),
    identityFiles: paths(own.length > 0 ? own : DEFAULT_IDENTITIES.map((each) => `~/.ssh/${each}`)),
    hasOwnIdentityFiles: own.length > 0,
    identitiesOnly: read.isYes('identitiesonly'),
    agentSocket: agentSocketOf(read.text('identityagent'), tokens, surroundings),
    methods: methodsOf(read),
    passwordPrompts: read.count('numberofpasswordprompts') ?? 3,
    jumps: jumpsOf(settings.values.get('proxyjump'), tokens, surroundings),
    unknownHostKeys: unknownHostKeysOf(read.text('stricthostkeychecking')),
    userKnownHosts: paths(read.words('userknownhostsfile') ?? ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']),
    globalKnownHosts: (
      read.words('globalknownhostsfile') ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']
    ).filter((path) => path !== 'none'),
    hashKnownHosts: read.isYes('hashknownhosts'),
    connectTimeoutMs: read.durationMs('connecttimeout'),
    keepAliveIntervalMs: read.durationMs('serveraliveinterval'),
    keepAliveCount: read.count('serveralivecountmax'),
    addressFamily: addressFamilyOf(read.text('addressfamily')),
    bindAddress: read.text('bindaddress'),
    ciphers: read.text('ciphers'),
    macs: read.text('macs'),
    kexAlgorithms: read.text('kexalgorithms'),
    hostKeyAlgorithms: read.text('hostkeyalgorithms'),
    onlySystemSsh: onlySystemSsh(settings, read),
  };
}

class SettingReader {
  constructor(private readonly settings: HostSettings) {}

  words(keyword: string): readonly string[] | undefined {
    return this.settings.values.get(keyword)?.words;
  }

  text(keyword: string): string | undefined {
    return this.words(keyword)?.[0];
  }

  isYes(keyword: string): boolean {
    return /^(?:yes|true)$/i.test(this.text(keyword) ?? 'no');
  }

  isNo(keyword: string): boolean {
    return /^(?:no|false)$/i.test(this.text(keyword) ?? 'yes');
  }

  port(): number | undefined {
    const line = this.settings.values.get('port');
    if (line === undefined) return undefined;
    const port = parsePort(line.words[0]!);
    if (port === undefined) throw badConfig(line, 'Port is not a number from 1 to 65535');
    return port;
  }

  count(keyword: string): number | undefined {
    const line = this.settings.values.get(keyword);
    if (line === undefined) return undefined;
    if (!/^\d{1,6}$/.test(line.words[0]!)) throw badConfig(line, `${line.keyword} is not a number`);
    return Number(line.words[0]);
  }

  /** A time of sshd_config(5), TIME FORMATS: `90`, `1m30s`; undefined for none and for 0, which turns a limit off. */
  durationMs(keyword: string): number | undefined {
    const line = this.settings.values.get(keyword);
    const text = line?.words[0];
    if (line === undefined || text === undefined || text === 'none') return undefined;
    if (!/^(?:\d{1,9}[smhdw]?)+$/i.test(text)) throw badConfig(line, `${line.keyword} is not a time`);
    let seconds = 0;
    for (const [, number, unit] of text.matchAll(/(\d+)([smhdw]?)/gi)) {
      seconds += Number(number) * SECONDS[unit!.toLowerCase()]!;
    }
    return seconds === 0 ? undefined : seconds * 1000;
  }
}

const SECONDS: Readonly<Record<string, number>> = {
  '': 1,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};

function agentSocketOf(
  value: string | undefined,
  tokens: TokenValues,
  surroundings: SshSurroundings,
): string | undefined {
  const { environment } = surroundings;
  if (value === undefined || value === 'SSH_AUTH_SOCK') return environment['SSH_AUTH_SOCK'] || undefined;
  if (value === 'none') return undefined;
  if (/^\$\w+$/.test(value)) return environment[value.slice(1)] || undefined;
  return expandPath(value, tokens, surroundings);
}

function methodsOf(read: SettingReader): AuthenticationMethod[] {
  const preferred = read.text('preferredauthentications')?.split(',');
  const chosen = preferred?.flatMap((each) => DEFAULT_METHODS.filter((method) => method === each));
  return (chosen ?? [...DEFAULT_METHODS]).filter(
    (method) =>
      !(method === 'publickey' && read.isNo('pubkeyauthentication')) &&
      !(method === 'password' && read.isNo('passwordauthentication')) &&
      !(method === 'keyboard-interactive' && read.isNo('kbdinteractiveauthentication')),
  );
}

function jumpsOf(
  line: ConfigLine | undefined,
  tokens: TokenValues,
  surroundings: SshSurroundings,
): Destination[] {
  const text = line?.words[0];
  if (line === undefined || text === undefined || text.toLowerCase() === 'none') return [];
  const expanded = expandTokens(text, tokens, surroundings);
  if (expanded === undefined) throw badConfig(line, 'ProxyJump has an unknown % token');
  try {
    return expanded.split(',').map((each) => parseDestination(each));
  } catch (error) {
    throw error instanceof Failure ? badConfig(line, `ProxyJump: ${error.message}`) : error;
  }
}

function unknownHostKeysOf(value: string | undefined): UnknownHostKeys {
  if (/^(?:yes|true)$/i.test(value ?? '')) return 'refuse';
  return value?.toLowerCase() === 'accept-new' ? 'accept' : 'ask';
}

function addressFamilyOf(value: string | undefined): 0 | 4 | 6 {
  if (value?.toLowerCase() === 'inet') return 4;
  return value?.toLowerCase() === 'inet6' ? 6 : 0;
}

function onlySystemSsh(settings: HostSettings, read: SettingReader): string[] {
  const isSet = (keyword: string) => {
    const value = read.text(keyword);
    return value !== undefined && !/^(?:none|no|false)$/i.test(value);
  };
  const command = settings.values.get('proxycommand');
  return [
    ...settings.unjudged,
    ...(command !== undefined && splitWords(command.text)?.[0]?.toLowerCase() !== 'none'
      ? ['ProxyCommand']
      : []),
    ...(settings.certificateFiles.length > 0 ? ['CertificateFile'] : []),
    ...ONLY_SYSTEM_KEYWORDS.filter((keyword) => isSet(keyword.toLowerCase())),
  ];
}

const ONLY_SYSTEM_KEYWORDS = [
  'PKCS11Provider',
  'KnownHostsCommand',
  'RevokedHostKeys',
  'CanonicalizeHostname',
  'HostbasedAuthentication',
  'BindInterface',
];
