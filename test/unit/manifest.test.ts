import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  COMMANDS,
  EDITORS,
  EXTENSION_ID,
  PANELS,
  RECORDING_SCHEME,
  RUN_EDITOR,
  SETTINGS,
  STUDY_EDITOR,
  VIEWS,
} from '../../src/manifest.js';
import { PLAN_FILE_NAME } from '../../src/remote/workloads/plan.js';

interface Manifest {
  name: string;
  publisher: string;
  activationEvents: string[];
  contributes: {
    commands: { command: string; title: string }[];
    customEditors: { viewType: string; priority: string; selector: { filenamePattern: string }[] }[];
    menus: Record<string, { command: string; when?: string }[]>;
    configuration: { properties: Record<string, { scope: string; default: unknown }> };
    viewsContainers: { activitybar: { id: string; icon: string }[] };
    views: Record<string, { id: string }[]>;
    viewsWelcome: { view: string; contents: string }[];
    yamlValidation: { fileMatch: string; url: string }[];
  };
  capabilities: { untrustedWorkspaces: { supported: unknown; description: string } };
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
      [...Object.values(EDITORS), STUDY_EDITOR, RUN_EDITOR].sort(),
    );
  });

  it('puts only existing commands into menus', () => {
    const known = new Set<string>(Object.values(COMMANDS));
    for (const items of Object.values(manifest.contributes.menus)) {
      for (const { command } of items) expect(known).toContain(command);
    }
  });

  it('contributes exactly the views and settings of src/manifest.ts', () => {
    const { views, viewsContainers, viewsWelcome, configuration } = manifest.contributes;
    const ids = Object.values(views).flatMap((each) => each.map(({ id }) => id));
    expect(ids).toEqual(Object.values(VIEWS));
    expect(Object.keys(views)).toEqual(viewsContainers.activitybar.map(({ id }) => id));
    for (const { view, contents } of viewsWelcome) {
      expect(ids).toContain(view);
      for (const [, command] of contents.matchAll(/command:([\w.]+)/g)) {
        expect(Object.values(COMMANDS)).toContain(command);
      }
    }
    expect(Object.keys(configuration.properties).sort()).toEqual(Object.values(SETTINGS).sort());
    for (const { icon } of viewsContainers.activitybar) {
      expect(readFileSync(new URL(`../../${icon}`, import.meta.url), 'utf8')).toContain('currentColor');
    }
  });

  it('lets no workspace name machines or files of the SSH configuration', () => {
    for (const { scope } of Object.values(manifest.contributes.configuration.properties)) {
      expect(scope).toBe('machine');
    }
    expect(manifest.capabilities.untrustedWorkspaces.supported).toBe('limited');
  });

  it('knows the plan file, whoever opens it', () => {
    const [validation] = manifest.contributes.yamlValidation;
    expect(validation!.fileMatch).toBe(PLAN_FILE_NAME);
    JSON.parse(readFileSync(new URL(`../../${validation!.url}`, import.meta.url), 'utf8'));
    expect(manifest.activationEvents).toEqual(
      expect.arrayContaining([`workspaceContains:**/${PLAN_FILE_NAME}`, `onWebviewPanel:${PANELS.machine}`]),
    );
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
