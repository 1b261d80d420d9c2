/**
 * What the SSH configuration says about one host: the first value of each keyword that applies, as in OpenSSH.
 * Source: ssh_config(5); readconf.c of OpenSSH for the order of Host, Match and the final pass.
 */
import { badConfig, type ConfigFiles, type ConfigLine } from './configFile.js';
import type { Destination } from './destination.js';
import { matchesPatternList } from './hostPatterns.js';
import type { SshSurroundings } from './sshOptions.js';

export interface HostSettings {
  /** The first line of each keyword that applies. */
  readonly values: ReadonlyMap<string, ConfigLine>;
  /** Keywords that add up: their values in order, each once. */
  readonly identityFiles: readonly string[];
  readonly certificateFiles: readonly string[];
  /** Criteria of Match that only ssh can judge (`exec`): whether their lines apply is not known here. */
  readonly unjudged: readonly string[];
}

export function hostSettings(
  destination: Destination,
  files: ConfigFiles,
  surroundings: SshSurroundings,
): HostSettings {
  const reading = new Reading(destination, files, surroundings);
  for (const path of surroundings.configFiles) reading.file(path, true, 0);
  if (reading.wantsFinalPass) {
    reading.isFinalPass = true;
    for (const path of surroundings.configFiles) reading.file(path, true, 0);
  }
  return reading;
}

/** Names that a later spelling replaced. */
const SYNONYMS: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  identityfile2: 'identityfile',
  smartcarddevice: 'pkcs11provider',
  dsaauthentication: 'pubkeyauthentication',
  hostkeyalgorithms2: 'hostkeyalgorithms',
};

class Reading implements HostSettings {
  readonly values = new Map<string, ConfigLine>();
  readonly identityFiles: string[] = [];
  readonly certificateFiles: string[] = [];
  readonly unjudged: string[] = [];
  wantsFinalPass = false;
  isFinalPass = false;

  constructor(
    private readonly destination: Destination,
    private readonly files: ConfigFiles,
    private readonly surroundings: SshSurroundings,
  ) {}

  /** @param mayMatch false inside an Include of a block that does not apply: nothing in there does */
  file(path: string, mayMatch: boolean, depth: number): void {
    let applies = mayMatch;
    for (const line of this.files.lines(path)) {
      if (line.keyword === 'host') {
        if (line.words.length === 0) throw badConfig(line, 'Host names no pattern');
        applies = mayMatch && matchesPatternList(line.words, this.destination.host);
      } else if (line.keyword === 'match') applies = mayMatch && this.#matches(line);
      else if (line.keyword === 'include') {
        for (const each of this.files.included(line, depth)) this.file(each, applies, depth + 1);
      } else if (applies) this.#take(line);
    }
  }

  #take(line: ConfigLine): void {
    const keyword = SYNONYMS[line.keyword] ?? line.keyword;
    const value = line.words[0];
    if (value === undefined) throw badConfig(line, `${line.keyword} has no value`);
    if (keyword === 'identityfile') addOnce(this.identityFiles, value);
    else if (keyword === 'certificatefile') addOnce(this.certificateFiles, value);
    else if (keyword === 'proxyjump' || keyword === 'proxycommand') {
      // Whichever comes first keeps the other from taking effect.
      if (!this.values.has('proxyjump') && !this.values.has('proxycommand')) this.values.set(keyword, line);
    } else if (!this.values.has(keyword)) this.values.set(keyword, line);
  }

  #matches(line: ConfigLine): boolean {
    const words = [...line.words];
    if (words.length === 0) throw badConfig(line, 'Match names no condition');
    let matched = true;
    while (words.length > 0) {
      const word = words.shift()!;
      const isDenied = word.startsWith('!');
      const [name, attached] = splitOnce(word.slice(isDenied ? 1 : 0));
      let result: boolean;
      if (name === 'all' || name === 'canonical' || name === 'final') result = this.#matchesPass(name);
      else {
        const argument = attached ?? words.shift();
        if (argument === undefined) throw badConfig(line, `Match ${name} needs a value`);
        if (!matched) continue; // A command of Match exec does not run either once another condition failed.
        result = this.#matchesValue(name, argument, line);
      }
      matched &&= result !== isDenied;
    }
    return matched;
  }

  #matchesPass(name: 'all' | 'canonical' | 'final'): boolean {
    if (name === 'final') this.wantsFinalPass = true;
    return name === 'all' || this.isFinalPass;
  }

  #matchesValue(name: string, argument: string, line: ConfigLine): boolean {
    const patterns = argument.split(',');
    const { host, user } = this.destination;
    const { localUser } = this.surroundings;
    switch (name) {
      case 'originalhost':
        return matchesPatternList(lowerCase(patterns), host.toLowerCase());
      case 'host': {
        const hostName = this.values
          .get('hostname')
          ?.words[0]?.replace(/%([%h])/g, (_all, token) => (token === '%' ? '%' : host));
        return matchesPatternList(lowerCase(patterns), (hostName ?? host).toLowerCase());
      }
      case 'user':
        return matchesPatternList(patterns, user ?? this.values.get('user')?.words[0] ?? localUser);
      case 'localuser':
        return matchesPatternList(patterns, localUser);
      case 'exec':
      case 'localnetwork':
      case 'tagged':
      case 'command':
      case 'version':
      case 'sessiontype':
        addOnce(this.unjudged, `Match ${name}`);
        return false;
      default:
        throw badConfig(line, `Match does not know the condition ${name}`);
    }
  }
}

function splitOnce(word: string): [string, string | undefined] {
  const equals = word.indexOf('=');
  return equals < 0
    ? [word.toLowerCase(), undefined]
    : [word.slice(0, equals).toLowerCase(), word.slice(equals + 1)];
}

function lowerCase(patterns: readonly string[]): string[] {
  return patterns.map((each) => each.toLowerCase());
}

function addOnce(list: string[], value: string): void {
  if (!list.includes(value)) list.push(value);
}
