/**
 * The import rules of the folders (the table in README.md, "Structure"), as checked by `npm test`.
 * A folder may import itself, what is listed here, Node's modules where stated, and packages.
 */
const mayImport = {
  base: [],
  protocol: ['base'],
  trace: ['base'],
  analysis: ['trace', 'protocol', 'base'],
  dataset: ['trace', 'analysis', 'base'],
  learning: ['dataset', 'protocol', 'base'],
  libml: ['learning', 'dataset', 'base'],
  remote: ['trace', 'protocol', 'base'],
};

const folderRules = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import only ${[folder, ...allowed].join(', ')}.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^(src|webview|test|scripts)/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...folderRules,
    {
      name: 'cli-not-host',
      comment: 'The command line runs without an editor.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^(src/(host|extension)|webview)' },
    },
    {
      name: 'workers-not-host',
      comment: 'Workers are transport over the core; they never see the editor.',
      severity: 'error',
      from: { path: '^src/workers/' },
      to: { path: '^(src/(host|cli|extension)|webview)' },
    },
    {
      name: 'webview-imports',
      comment: 'Webviews see the protocol and base only; all data come as messages.',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: '^(src|test|scripts)/', pathNot: '^src/(protocol|base)/' },
    },
    {
      name: 'protocol-is-portable',
      comment: 'The protocol runs in browsers and in Node: no Node modules.',
      severity: 'error',
      from: { path: '^(src/protocol|webview)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'toolkit-in-one-place',
      comment:
        'The webview toolkit is archived: only webview/common may touch it, so that it can be replaced there.',
      severity: 'error',
      from: { pathNot: '^webview/common/' },
      to: { path: 'webview-ui-toolkit' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-dev-dependencies-in-product',
      severity: 'error',
      from: { path: '^(src|webview)/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: 'test/e2e/code-server|^dist' },
  },
};
