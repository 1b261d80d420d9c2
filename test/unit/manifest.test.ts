import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMANDS, EDITORS, EXTENSION_ID, RECORDING_SCHEME } from '../../src/manifest.js';

interface Manifest {
  name: string;
  publisher: string;
  activationEvents: string[];
  contributes: {
    commands: { command: string; title: string }[];
    customEditors: { viewType: string; priority: string; selector: { filenamePattern: string }[] }[];
    menus: Record<string, { command: string }[]>;
  };
}

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest;

function patternsOf(wanted: string): string[] {
  return manifest.contributes.customEditors
    .filter(({ priority }) => priority === wanted)
    .flatMap(({ selector }) => selector.map(({ filenamePattern }) => filenamePattern));
}

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

  it('is activated by the resources that stand for several files', () => {
    expect(manifest.activationEvents).toContain(`onFileSystem:${RECORDING_SCHEME}`);
  });

  it.each([
    'trace.dat',
    '*.trace.dat',
    'perf.data',
    '*.perf.data',
    '*.pftrace',
    '*.perfetto-trace',
    '*.schedviz.tar.gz',
  ])('opens %s by default', (pattern) => {
    expect(patternsOf('default')).toContain(pattern);
    expect(patternsOf('option')).not.toContain(pattern);
  });

  it.each(['*.dat', '*.data', '*.html', 'metadata', '*.gz', '*.tar', '*.tgz'])(
    'offers itself for %s',
    (pattern) => {
      expect(patternsOf('option')).toContain(pattern);
    },
  );

  it('names no pattern twice', () => {
    for (const priority of ['default', 'option']) {
      const patterns = patternsOf(priority);
      expect(new Set(patterns).size).toBe(patterns.length);
    }
  });

  it('takes over only names that nobody else has', () => {
    const patterns = patternsOf('default');
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
      '*.tar.gz',
      '*.tar',
      'metadata',
      '*.pb',
    ]) {
      expect(patterns).not.toContain(other);
    }
    expect(patterns).toContain('*.ftrace');
  });
});
