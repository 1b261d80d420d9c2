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
  addMachine: 'kernelOracle.machines.add',
  removeMachine: 'kernelOracle.machines.remove',
  connectMachine: 'kernelOracle.machines.connect',
  disconnectMachine: 'kernelOracle.machines.disconnect',
  checkMachine: 'kernelOracle.machines.check',
  installMissing: 'kernelOracle.machines.install',
  refreshMachines: 'kernelOracle.machines.refresh',
  downloadFile: 'kernelOracle.machines.download',
  forgetSecrets: 'kernelOracle.machines.forgetSecrets',
  collectRecording: 'kernelOracle.collect.recording',
  newPlan: 'kernelOracle.collect.newPlan',
  runPlan: 'kernelOracle.collect.runPlan',
  showWork: 'kernelOracle.collect.show',
  stopWork: 'kernelOracle.collect.stop',
  runBenchmarks: 'kernelOracle.benchmarks.run',
  compareResults: 'kernelOracle.benchmarks.compare',
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

export const VIEWS = {
  machines: 'kernelOracle.machines',
} as const;

/** Webview panels that are no editors. */
export const PANELS = {
  machine: 'kernelOracle.machine',
  work: 'kernelOracle.work',
  comparison: 'kernelOracle.comparison',
} as const;

export const SETTINGS = {
  machines: 'kernelOracle.machines',
  sshConfigFile: 'kernelOracle.ssh.configFile',
} as const;

/** Keys of `when` clauses that the extension sets. */
export const CONTEXTS = {
  isWorking: 'kernelOracle.isWorking',
  hasConnections: 'kernelOracle.hasConnections',
} as const;
