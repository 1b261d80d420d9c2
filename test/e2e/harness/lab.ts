/** What tests of test machines share: the SSH configuration, what is on this kernel and disk, what can be read. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import type { SshServer } from '../../support/sshServer.js';
import { until } from './until.js';
import type { Workbench } from './Workbench.js';

/** A host of the SSH configuration, whose keys are known in a file of its own. */
export function hostEntry(
  name: string,
  { port }: Pick<SshServer, 'port'>,
  { key, knownHosts }: { readonly key: string; readonly knownHosts: string },
): string {
  return [
    `Host ${name}`,
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    '  User root',
    `  IdentityFile ${key}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${knownHosts}`,
    '  GlobalKnownHostsFile /dev/null',
    '',
  ].join('\n');
}

/** The line of `known_hosts` that makes a server known. */
export function knownHost({ port, hostPublicKey }: SshServer): string {
  return `[127.0.0.1]:${port} ${hostPublicKey}\n`;
}

/** Events arrive. */
export function isCounting(lane: Record<string, string>): boolean {
  return lane['Phase'] === 'collecting' && /[1-9]/.test(lane['Events'] ?? '');
}

/** Recordings in the workspace that "Collect Recording…" made. */
export function recordings(workbench: Workbench): string[] {
  try {
    return readdirSync(workbench.pathOf('recordings')).filter((name) => name.endsWith('.trace.dat'));
  } catch {
    return [];
  }
}

/** Our tracing instances on this kernel. */
export function instances(): string[] {
  return readdirSync('/sys/kernel/tracing/instances').filter((name) => name.startsWith('kernel-oracle'));
}

/** @param before instances that were there: other collections may run on this kernel */
export async function untilNothingIsLeft(before: readonly string[]): Promise<void> {
  await until('the instances to be removed', async () =>
    Promise.resolve(instances().every((name) => before.includes(name))),
  );
}

export interface Process {
  readonly pid: number;
  /** Arguments, separated by blanks. */
  readonly command: string;
  readonly folder: string;
}

/** All processes that may be seen; those that end meanwhile are left out. */
export function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), command, folder: readlinkSync(`/proc/${name}/cwd`) }];
      } catch {
        return [];
      }
    });
}

/** Files below a folder that hold a text. */
export function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      try {
        return readFileSync(path).includes(text);
      } catch {
        // It went away.
        return false;
      }
    });
}

/** Texts of a panel whose contrast with what lies behind them is below 4.5, each with the figure; what is disabled may be faint. */
export async function illegibleTexts(frame: Frame): Promise<string[]> {
  return frame.evaluate(() => {
    type Colour = readonly [number, number, number, number];
    const parse = (text: string): Colour => {
      const parts = (/\(([^)]*)\)/.exec(text)?.[1] ?? '0 0 0 0').split(/[\s,/]+/).filter(Boolean);
      const isUnit = text.startsWith('color(');
      const [r, g, b, a = 1] = (isUnit ? parts.slice(1) : parts).map(Number) as [
        number,
        number,
        number,
        number?,
      ];
      return isUnit ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
    };
    const over = ([r, g, b, a]: Colour, [r2, g2, b2]: Colour): Colour => {
      const mix = (front: number, back: number) => front * a + back * (1 - a);
      return [mix(r, r2), mix(g, g2), mix(b, b2), 1];
    };
    const luminance = (colour: Colour) => {
      const [r, g, b] = colour.slice(0, 3).map((each) => {
        const share = each / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      }) as [number, number, number];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element: Element | null): Colour => {
      if (element === null) {
        const probe = document.body.appendChild(document.createElement('span'));
        probe.style.setProperty('background-color', 'var(--vscode-editor-background)');
        const page = parse(getComputedStyle(probe).backgroundColor);
        probe.remove();
        return page;
      }
      const own = parse(getComputedStyle(element).backgroundColor);
      return own[3] >= 1 ? own : over(own, behind(element.parentElement));
    };
    const found = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement!;
      const text = node.textContent?.trim() ?? '';
      if (text === '' || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
        continue;
      if (element.closest('script, style, [disabled], [aria-disabled=true], .visually-hidden') !== null)
        continue;
      const back = behind(element);
      const front = over(parse(getComputedStyle(element).color), back);
      const [light, dark] = [luminance(front), luminance(back)].toSorted((a, b) => b - a) as [number, number];
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < 4.5) found.add(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
    }
    return [...found];
  });
}
