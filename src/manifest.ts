/**
 * Every identifier that package.json contributes, once. A test holds the two together: nothing may stand in one
 * and not in the other.
 */
export const EXTENSION_ID = 'kernel-oracle.kernel-oracle';

export const COMMANDS = {
  openTrace: 'kernelOracle.openTrace',
  openAsOne: 'kernelOracle.openAsOne',
  openFolder: 'kernelOracle.openFolder',
  addMigrationRecords: 'kernelOracle.addMigrationRecords',
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
  showLatencies: 'kernelOracle.latency.show',
  buildDataSet: 'kernelOracle.dataset.build',
  newTrainingConfig: 'kernelOracle.training.newConfig',
  trainModel: 'kernelOracle.training.train',
  pauseTraining: 'kernelOracle.training.pause',
  continueTraining: 'kernelOracle.training.continue',
  cancelTraining: 'kernelOracle.training.cancel',
  showTraining: 'kernelOracle.training.show',
  installNativeEngine: 'kernelOracle.engine.installNative',
  openRun: 'kernelOracle.runs.open',
  resumeRun: 'kernelOracle.runs.resume',
  openRunConfig: 'kernelOracle.runs.openConfig',
  openRunLog: 'kernelOracle.runs.openLog',
  compareRuns: 'kernelOracle.runs.compare',
  exportRun: 'kernelOracle.runs.export',
  deleteRun: 'kernelOracle.runs.delete',
  refreshRuns: 'kernelOracle.runs.refresh',
  evaluateModel: 'kernelOracle.runs.evaluate',
  auditRun: 'kernelOracle.runs.audit',
  showModel: 'kernelOracle.inspect.model',
  showConfusion: 'kernelOracle.inspect.confusion',
  showForecast: 'kernelOracle.inspect.forecast',
  compareModels: 'kernelOracle.inspect.compare',
  forecastHere: 'kernelOracle.inspect.forecastHere',
  studyMigrations: 'kernelOracle.neuralCfs.study',
  trainMigrationModel: 'kernelOracle.neuralCfs.train',
  deployModel: 'kernelOracle.deploy.model',
  deployedStatus: 'kernelOracle.deploy.status',
  removeDeployed: 'kernelOracle.deploy.remove',
} as const;

export const EDITORS = {
  /** Files whose name says that they are traces. */
  trace: 'kernelOracle.trace',
  /** The same editor, offered under "Open With" for names that other files have, too. */
  traceOption: 'kernelOracle.traceOption',
} as const;

/** Studies of migration records: `*.neural-cfs.json`. */
export const STUDY_EDITOR = 'kernelOracle.neuralCfs';

/** Trained models of calls of can_migrate_task(): `neural-cfs-run.json` of their folders. */
export const RUN_EDITOR = 'kernelOracle.neuralCfsRun';

/** Scheme of the resources that stand for a recording of several files, or for a folder. */
export const RECORDING_SCHEME = 'kernel-oracle';

/** Scheme of the virtual documents that show lines of compressed or very large sources. */
export const SOURCE_SCHEME = 'kernel-oracle-source';

/** Scheme of the virtual documents that show runs of training side by side. */
export const RUN_SCHEME = 'kernel-oracle-run';

export const VIEWS = {
  machines: 'kernelOracle.machines',
  runs: 'kernelOracle.runs',
} as const;

/** Webview panels that are no editors. */
export const PANELS = {
  machine: 'kernelOracle.machine',
  work: 'kernelOracle.work',
  comparison: 'kernelOracle.comparison',
  latency: 'kernelOracle.latency',
  training: 'kernelOracle.training',
  model: 'kernelOracle.model',
  confusion: 'kernelOracle.confusion',
  forecast: 'kernelOracle.forecast',
  modelComparison: 'kernelOracle.modelComparison',
} as const;

export const SETTINGS = {
  machines: 'kernelOracle.machines',
  sshConfigFile: 'kernelOracle.ssh.configFile',
} as const;

/** Keys of `when` clauses that the extension sets. */
export const CONTEXTS = {
  isWorking: 'kernelOracle.isWorking',
  isTraining: 'kernelOracle.isTraining',
  hasConnections: 'kernelOracle.hasConnections',
  /** The editor with the focus shows calls of can_migrate_task(). */
  showsMigrationRecords: 'kernelOracle.showsMigrationRecords',
} as const;
