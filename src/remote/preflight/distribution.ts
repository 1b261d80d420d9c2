/** A family shares its package names and its installer. */
export type PackageFamily = 'debian' | 'ubuntu' | 'fedora' | 'arch';

export interface Distribution {
  readonly id: string;
  readonly likes: readonly string[];
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly name: string;
  readonly versionId: string | null;
  /** Null: KernelOracle does not know its packages. */
  readonly family: PackageFamily | null;
}

/** Reads os-release(5). Null where it names no ID. */
export function parseOsRelease(text: string): Distribution | null {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim());
    if (match !== null) values.set(match[1]!, unquote(match[2]!));
  }
  const id = values.get('ID')?.toLowerCase();
  if (id === undefined || !/^[a-z0-9._-]{1,40}$/.test(id)) return null;
  const likes = (values.get('ID_LIKE') ?? '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 10);
  return {
    id,
    likes,
    name: values.get('PRETTY_NAME') ?? values.get('NAME') ?? id,
    versionId: values.get('VERSION_ID') ?? null,
    family: familyOf([id, ...likes]),
  };
}

/** The nearest first: Ubuntu's own ID, then what a derivative says it is like. */
function familyOf(ids: readonly string[]): PackageFamily | null {
  for (const id of ids) {
    if (id === 'ubuntu') return 'ubuntu';
    // Linux Mint says `ID_LIKE="ubuntu debian"`, Debian's other derivatives `debian`.
    if (id === 'debian') return ids.includes('ubuntu') ? 'ubuntu' : 'debian';
    if (id === 'fedora' || id === 'rhel' || id === 'centos') return 'fedora';
    if (id === 'arch') return 'arch';
  }
  return null;
}

/** Values may be quoted as in a shell; escapes of `"`, `$`, `\` and the backtick are all that may stand in them. */
function unquote(value: string): string {
  const match = /^(["'])(.*)\1$/.exec(value);
  return (match?.[2] ?? value).replaceAll(/\\(["$\\`'])/g, '$1');
}
