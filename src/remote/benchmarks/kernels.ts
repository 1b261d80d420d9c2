import { Failure } from '../../base/errors.js';
import { printableText } from '../printableText.js';

/** Kernels that a machine can boot, read from what its boot loader is configured with. Nothing here touches a machine. */

/** How the boot loader of a machine is told what to boot next. */
export type BootMethod =
  /** `grub-reboot` (Debian, Arch) or `grub2-reboot` (Fedora, SUSE): for the next boot only. */
  | { readonly kind: 'grub'; readonly command: 'grub-reboot' | 'grub2-reboot' }
  /** `kexec -l`, then `systemctl kexec`: no boot loader, and no firmware, is involved. */
  | { readonly kind: 'kexec' };

export interface BootEntry {
  readonly title: string;
  /** What grub-reboot takes: titles or ids of the menus on the way, joined by `>`. */
  readonly grubId: string;
  /** As it stands in the entry: `/vmlinuz-6.18.0` below a boot partition, or `/boot/vmlinuz-6.18.0`. */
  readonly kernelPath: string | null;
  readonly initrdPath: string | null;
  readonly commandLine: string;
  /** From the name of the image; `uname -r` will be that. Null where the name does not tell. */
  readonly release: string | null;
}

const LONGEST = 4 * 1024 * 1024;

/**
 * The entries of a `grub.cfg`, also in submenus. Recovery entries are left out: they boot into a single-user shell.
 *
 *     submenu 'Advanced options for Debian' $menuentry_id_option 'gnulinux-advanced-<uuid>' {
 *       menuentry 'Debian, with Linux 6.1.0-18-amd64' --class debian $menuentry_id_option 'gnulinux-6.1.0-18-amd64-advanced-<uuid>' {
 *         linux /boot/vmlinuz-6.1.0-18-amd64 root=UUID=… ro quiet
 */
export function parseGrubConfig(text: string): BootEntry[] {
  const entries: BootEntry[] = [];
  /** What is open: a menu, an entry, or another block, each closed by a brace that stands alone. */
  const open: ({ readonly kind: 'menu' | 'block'; readonly id: string } | DraftEntry)[] = [];
  for (const raw of text.slice(0, LONGEST).split('\n')) {
    const line = raw.trim();
    const words = line.startsWith('#') ? [] : grubWords(line);
    const [command = ''] = words;
    const entry = open.findLast((each): each is DraftEntry => each.kind === 'entry');
    if (command === 'menuentry' || command === 'submenu') {
      const id = entryId(words);
      const path = [...open.filter(({ kind }) => kind === 'menu').map((menu) => menu.id), id].join('>');
      open.push(
        command === 'submenu'
          ? { kind: 'menu', id }
          : { kind: 'entry', id, title: words[1] ?? '', grubId: path, kernel: [], initrd: null },
      );
    } else if (line.endsWith('{')) open.push({ kind: 'block', id: '' });
    else if (line === '}') {
      const closed = open.pop();
      if (closed?.kind === 'entry') entries.push(...finished(closed));
    } else if (entry !== undefined && /^linux(16|efi)?$/.test(command)) entry.kernel = words.slice(1);
    else if (entry !== undefined && /^initrd(16|efi)?$/.test(command)) entry.initrd = words.at(-1) ?? null;
  }
  return entries;
}

interface DraftEntry {
  readonly kind: 'entry';
  readonly id: string;
  readonly title: string;
  readonly grubId: string;
  kernel: readonly string[];
  initrd: string | null;
}

/** The id where there is one (`--id X`, `$menuentry_id_option X`), else the title: grub takes both. */
function entryId(words: readonly string[]): string {
  const at = words.findIndex(
    (word) => word === '--id' || word === '$menuentry_id_option' || word === '${menuentry_id_option}',
  );
  return (at > 0 ? words[at + 1] : words[1]) ?? '';
}

function finished({ title, grubId, kernel, initrd }: DraftEntry): BootEntry[] {
  const [kernelPath, ...options] = kernel;
  // Titles are in the machine's language, ids are not: gnulinux-6.1.0-18-amd64-recovery-<uuid>.
  const isRecovery = /-recovery-[^>]*$/.test(grubId) || /\(recovery mode\)|rescue/i.test(title);
  if (kernelPath === undefined || isRecovery) return [];
  return [
    {
      title: printableText(title, 300),
      grubId,
      kernelPath,
      initrdPath: initrd,
      commandLine: options.join(' '),
      release: releaseOf(kernelPath),
    },
  ];
}

/** Words as grub's shell splits them: quotes of both kinds, a backslash before what is meant as it is. */
function grubWords(line: string): string[] {
  const words: string[] = [];
  const pattern = /(?:[^\s'"\\{;]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/g;
  for (const [word] of line.slice(0, 20_000).matchAll(pattern)) {
    words.push(
      word.replace(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
        (_all, single?: string, double?: string, escaped?: string) =>
          single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? '',
      ),
    );
  }
  return words;
}

/**
 * An entry after the Boot Loader Specification (Fedora: `/boot/loader/entries/<machine-id>-<release>.conf`).
 *
 *     title Fedora Linux (6.5.6-300.fc39.x86_64) 39
 *     version 6.5.6-300.fc39.x86_64
 *     linux /vmlinuz-6.5.6-300.fc39.x86_64
 *     options root=UUID=… ro
 *
 * @param fileName without folder; less `.conf` it is the entry's id. Null for what boots no Linux, and for rescue entries
 */
export function parseLoaderEntry(fileName: string, text: string): BootEntry | null {
  const values = new Map<string, string>();
  const initrds: string[] = [];
  for (const line of text.slice(0, LONGEST).split('\n')) {
    const match = /^\s*([a-z-]+)\s+(\S.*?)\s*$/.exec(line.slice(0, 20_000));
    if (match === null) continue;
    const [key, value] = [match[1]!, match[2]!];
    if (key === 'initrd') initrds.push(value.split(/\s+/)[0]!);
    // Options may stand on several lines.
    else values.set(key, key === 'options' ? [values.get(key), value].filter(Boolean).join(' ') : value);
  }
  const kernelPath = values.get('linux');
  const id = fileName.replace(/\.conf$/, '');
  if (kernelPath === undefined || /rescue/i.test(id)) return null;
  return {
    title: printableText(values.get('title') ?? id, 300),
    grubId: id,
    kernelPath,
    initrdPath: initrds.at(-1) ?? null,
    commandLine: values.get('options') ?? '',
    release: releaseOf(kernelPath) ?? values.get('version') ?? null,
  };
}

/** `/boot/vmlinuz-6.1.0-18-amd64` → `6.1.0-18-amd64`; Arch's `vmlinuz-linux` tells nothing. */
export function releaseOf(kernelPath: string): string | null {
  return /(?:^|\/)(?:vmlinu[xz]|kernel|bzImage|Image)-(\d+\.\d+\S*)$/.exec(kernelPath)?.[1] ?? null;
}

/**
 * The entry that boots this release.
 * @param release `uname -r`
 * Failure `not-found`, naming the releases that are there.
 */
export function entryOf(entries: readonly BootEntry[], release: string, machine: string): BootEntry {
  // Debian has each kernel twice: in the submenu by its own name, and the newest one also on top.
  const found = entries.filter((entry) => entry.release === release);
  const entry = found.find(({ grubId }) => grubId.includes('>')) ?? found[0];
  if (entry !== undefined) return entry;
  const known = [...new Set(entries.flatMap((each) => each.release ?? []))];
  const list = known.length === 0 ? 'none whose name tells its release' : known.join(', ');
  throw new Failure(
    'not-found',
    `${machine} has no boot entry for the kernel ${printableText(release, 100)}. It has ${printableText(list, 2000)}.`,
  );
}

/** A release as it may be given: a word that `uname -r` can print. */
export function isRelease(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,63}$/.test(text);
}
