/** Which files open as traces: by themselves, when asked to, and what is said of those that are none. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { TraceView } from './harness/TraceView.js';
import { until } from './harness/until.js';
import { littleTrace } from './littleTrace.js';

const editorName = 'KernelOracle Recording';
const menuItem = 'Open Trace…';
const binary = Uint8Array.from({ length: 4096 }, (_, index) => (index * 37) % 256);
const sample = (name: string) => ({
  copyOf: fileURLToPath(new URL(`../../samples/${name}`, import.meta.url)),
});

const workbench = useWorkbench({
  files: {
    'by-name.ftrace': littleTrace(),
    'compressed.ftrace.xz': sample('messaging.ftrace.xz'),
    'trace.txt': littleTrace(),
    'notes.txt': 'Buy milk.\nCall the plumber.\n',
    'table.csv': 'name,amount\nmilk,1\n',
    'page.html': '<!doctype html>\n<title>A page</title>\n<p>Hello.</p>\n',
    'empty.ftrace': '',
    'binary.ftrace': binary,
    'trace.dat': Buffer.from('\x17\x08\x44tracing6\0\0', 'latin1'),
    'script.py': 'print(1)\n',
  },
});

afterEach(async () => {
  await workbench().runCommand('View: Close All Editors');
});

/** What the view says instead of showing a trace. */
async function failure(): Promise<string> {
  const frame = await workbench().webview('.curtain.failed');
  return frame.locator('.failure').innerText();
}

describe('by name', () => {
  test('.ftrace opens as a trace by itself', async () => {
    const view = await TraceView.open(workbench(), 'by-name.ftrace');
    expect(await view.frame.locator('.toolbar-facts').innerText()).toMatch(
      /16 events · 2 CPUs · 3 threads · 1 s/,
    );
  });

  test('so does a compressed one', async () => {
    const view = await TraceView.open(workbench(), 'compressed.ftrace.xz');
    expect(await view.frame.locator('.toolbar-facts').innerText()).toMatch(/150 k events · 2 CPUs/);
  });

  test.each(['notes.txt', 'table.csv', 'page.html', 'trace.txt'])('%s opens as text', async (name) => {
    await workbench().openFile(name);
    const text = workbench().page.locator('.editor-instance .monaco-editor .view-lines');
    await text.waitFor();
    expect(await workbench().page.locator('.editor-container iframe, iframe.webview').count()).toBe(0);
  });
});

describe('when asked to', () => {
  test('"Open With…" opens a .txt as a trace', async () => {
    await workbench().openWith('trace.txt', editorName);
    const view = await TraceView.shown(workbench(), 'trace.txt');
    expect(await view.frame.locator('.toolbar-facts').innerText()).toContain('16 events');
  });

  test.each(['trace.txt', 'table.csv', 'page.html'])(
    'the menu of %s in the explorer offers it',
    async (name) => {
      expect(await workbench().explorerMenu(name)).toContain(menuItem);
      await workbench().page.keyboard.press('Escape');
    },
  );

  test('the menu of a file that can be no trace does not', async () => {
    expect(await workbench().explorerMenu('script.py')).not.toContain(menuItem);
    await workbench().page.keyboard.press('Escape');
  });

  test('choosing it there opens the trace', async () => {
    await workbench().explorerMenu('trace.txt');
    await workbench().chooseInMenu(menuItem);
    await TraceView.shown(workbench(), 'trace.txt');
  });

  test('the command asks for a file and opens it', async () => {
    await workbench().runCommand('KernelOracle: Open Trace…');
    await until('the file dialog', async () => {
      const title = workbench().page.locator('.quick-input-widget .quick-input-title');
      return (await title.allInnerTexts()).includes('Open Scheduler Trace');
    });
    await workbench().answerFileDialog(workbench().pathOf('trace.txt'));
    await TraceView.shown(workbench(), 'trace.txt');
  });
});

describe('what is no trace', () => {
  test("other people's text: for each format why it is none", async () => {
    await workbench().openWith('notes.txt', editorName);
    const message = await failure();
    await workbench().screenshot('not a trace');
    expect(message).toMatch(
      /^This trace cannot be shown\s+\S*notes\.txt is not in a format that KernelOracle reads:/,
    );
    const reasons = message.split('\n').filter((line) => line.startsWith('  - '));
    expect(reasons.length).toBeGreaterThanOrEqual(4);
    for (const format of ['tracefs text', 'perf script', 'perf sched map', 'KernelOracle CSV'])
      expect(
        reasons.filter((line) => line.includes(format) && /: \S+/.test(line)),
        format,
      ).not.toEqual([]);
  });

  test('an HTML page and a CSV are told from traces', async () => {
    await workbench().openWith('page.html', editorName);
    expect(await failure()).toContain('it is an HTML page.');
    await workbench().runCommand('View: Close All Editors');
    await workbench().openWith('table.csv', editorName);
    expect(await failure()).toContain('table.csv is not in a format that KernelOracle reads');
  });

  test('an empty file', async () => {
    await workbench().openFile('empty.ftrace');
    expect(await failure()).toMatch(/empty\.ftrace is empty/);
  });

  test('a binary file', async () => {
    await workbench().openFile('binary.ftrace');
    expect(await failure()).toContain(
      'binary.ftrace cannot be opened: it is binary data of an unknown kind.',
    );
  });

  test('a trace.dat that is cut off: where, and what to do', async () => {
    await workbench().openFile('trace.dat');
    const message = await failure();
    expect(message).toContain('trace.dat cannot be read on at byte 13 of 13');
    expect(message).toContain('copy it again');
  });

  test('nothing of it was written to', () => {
    expect(readFileSync(workbench().pathOf('binary.ftrace')).equals(Buffer.from(binary))).toBe(true);
    expect(readFileSync(workbench().pathOf('empty.ftrace'))).toHaveLength(0);
  });
});
