import { fileURLToPath } from 'node:url';
import { Failure } from '../base/errors.js';
import { engineStates, type EngineState } from '../learning/engines/engines.js';
import { checkInProcess, type EngineCheck } from '../learning/engines/native/engineCheck.js';
import { installNativeEngine, type InstallSource } from '../learning/engines/native/install.js';
import { findNativeEngine, nativeEngineFolder } from '../learning/engines/native/installation.js';
import type { EngineChoice, EngineInstallOptions } from './engineChoices.js';
import { interruptible } from './interruptible.js';
import { printable, printLines, table, toJson, type Column } from './output.js';
import { StatusLine } from './statusLine.js';

const checkProgram = () => fileURLToPath(new URL('engineCheck.cjs', import.meta.url));

const COLUMNS: readonly Column<EngineState>[] = [
  { title: 'engine', align: 'left', cell: ({ name }) => name },
  { title: 'usable', align: 'left', cell: ({ isUsable }) => (isUsable ? 'yes' : 'no') },
  { title: 'what', align: 'left', cell: ({ what }) => what },
  { title: 'where', align: 'left', cell: ({ where }) => where ?? '-' },
  { title: 'why not', align: 'left', cell: ({ reason }) => reason ?? '-' },
];

/** `engine list`: both engines, and whether they can be used here. */
export async function listEngines(options: { readonly json?: boolean }): Promise<void> {
  const states = await engineStates();
  await printLines(options.json === true ? [toJson(states)] : table(COLUMNS, states));
}

/** `engine install`: the native engine from a source of the user's choice. */
export async function installEngine(options: EngineInstallOptions): Promise<void> {
  const line = new StatusLine(options.quiet === true);
  try {
    const { installation, check } = await interruptible((signal) =>
      installNativeEngine({
        folder: options.folder ?? nativeEngineFolder(),
        source: sourceOf(options),
        checkProgram: checkProgram(),
        signal,
        onProgress: (text) => line.show(printable(text)),
      }),
    );
    line.clear();
    await printLines(
      options.json === true
        ? [toJson({ installation, check })]
        : [`installed    ${printable(installation.folder)}`, ...checkLines(check)],
    );
  } finally {
    line.clear();
  }
}

function sourceOf({ from, path }: EngineInstallOptions): InstallSource {
  switch (from) {
    case 'download':
      if (path !== undefined)
        throw new Failure(
          'wrong-usage',
          '--path goes with --from wheel or --from path: a download needs none.',
        );
      return { kind: 'download' };
    case 'wheel':
      return { kind: 'wheel', path };
    case 'path':
      if (path === undefined) throw new Failure('wrong-usage', '--from path needs --path FOLDER.');
      return { kind: 'path', path };
  }
}

/** `engine check [NAME]`: whether an engine computes what it should, here and now. */
export async function checkEngineHere(
  name: EngineChoice | undefined,
  options: { readonly folder?: string; readonly json?: boolean },
): Promise<void> {
  const folder = options.folder ?? nativeEngineFolder();
  const native = name === 'embedded' ? null : await findNativeEngine(folder);
  if (name === 'native' && native === null) {
    throw new Failure(
      'not-found',
      `The native engine is not installed (looked in ${folder}). Install it with "kernel-oracle engine install".`,
    );
  }
  const check = await interruptible((signal) =>
    checkInProcess(checkProgram(), native?.addonPath ?? null, signal),
  );
  await printLines(options.json === true ? [toJson(check)] : checkLines(check));
}

function checkLines({ description, firstLoss, lastLoss, apart, seconds }: EngineCheck): readonly string[] {
  return [
    `engine       ${printable(description)}`,
    `learns       loss ${firstLoss.toFixed(4)} to ${lastLoss.toFixed(4)} in a small training of ${seconds.toFixed(2)} s`,
    `agrees       predictions differ from the embedded engine's by ${apart.toExponential(1)}`,
  ];
}
