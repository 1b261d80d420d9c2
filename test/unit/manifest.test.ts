import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMANDS, EDITORS, EXTENSION_ID } from '../../src/manifest.js';

interface Manifest {
  name: string;
  publisher: string;
  contributes: {
    commands: { command: string; title: string }[];
    customEditors: { viewType: string; priority: string; selector: { filenamePattern: string }[] }[];
    menus: Record<string, { command: string }[]>;
  };
}

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest;

describe('package.json', () => {
  it('contributes exactly the identifiers of src/manifest.ts', () => {
    expect(`${manifest.publisher}.${manifest.name}`).toBe(EXTENSION_ID);
    expect(manifest.contributes.commands.map(({ command }) => command).sort()).toEqual(
      Object.values(COMMANDS).sort(),
    );
    expect(manifest.contributes.customEditors.map(({ viewType }) => viewType).sort()).toEqual(
      Object.values(EDITORS).sort(),
    );
  });

  it('puts only existing commands into menus', () => {
    const known = new Set<string>(Object.values(COMMANDS));
    for (const items of Object.values(manifest.contributes.menus)) {
      for (const { command } of items) expect(known).toContain(command);
    }
  });

  it('takes over only names that nobody else has', () => {
    const byDefault = manifest.contributes.customEditors.filter(({ priority }) => priority === 'default');
    const patterns = byDefault.flatMap(({ selector }) =>
      selector.map(({ filenamePattern }) => filenamePattern),
    );
    for (const other of [
      '*.txt',
      '*.csv',
      '*.html',
      '*.log',
      '*.gz',
      '*.xz',
      '*.zst',
      '*.data',
      '*.dat',
      '*.json',
    ]) {
      expect(patterns).not.toContain(other);
    }
    expect(patterns).toContain('*.ftrace');
  });
});
