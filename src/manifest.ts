/**
 * Every identifier that package.json contributes, once. A test holds the two together: nothing may stand in one
 * and not in the other.
 */
export const EXTENSION_ID = 'kernel-oracle.kernel-oracle';

export const COMMANDS = {
  openTrace: 'kernelOracle.openTrace',
  openAsOne: 'kernelOracle.openAsOne',
  openFolder: 'kernelOracle.openFolder',
  exportTrace: 'kernelOracle.exportTrace',
  exportRange: 'kernelOracle.exportRange',
  reloadTrace: 'kernelOracle.reloadTrace',
  showLog: 'kernelOracle.showLog',
} as const;

export const EDITORS = {
  /** Files whose name says that they are traces. */
  trace: 'kernelOracle.trace',
  /** The same editor, offered under "Open With" for names that other files have, too. */
  traceOption: 'kernelOracle.traceOption',
} as const;

/** Scheme of the resources that stand for a recording of several files, or for a folder. */
export const RECORDING_SCHEME = 'kernel-oracle';

/** Scheme of the virtual documents that show lines of compressed or very large sources. */
export const SOURCE_SCHEME = 'kernel-oracle-source';
