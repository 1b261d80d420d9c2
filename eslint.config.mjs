import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Only these may see VS Code: the rest of the core also runs from the command line and in workers. */
const vscodeImporters = ['src/extension.ts', 'src/host/**/*.ts'];

export default defineConfig(
  {
    ignores: [
      'node_modules/',
      '.dependency-cruiser.cjs',
      'dist/',
      'dist-package/',
      '.cache/',
      'samples/',
      'test/fixtures/',
      'test/e2e/artifacts/',
      'test/e2e/code-server/',
      // AssemblyScript, which its own compiler checks, and what is generated from it.
      'src/learning/engines/embedded/kernels/',
      'src/learning/engines/embedded/generated/',
      // Generated from C.
      'src/learning/migrations/models/libml/generated/',
      'src/trace/compiled/generated/',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: [
          './tsconfig.json',
          './webview/tsconfig.json',
          './test/e2e/tsconfig.json',
          './test/unit/webview/tsconfig.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Typed arrays are indexed in bounds by construction; `!` is the agreed spelling under noUncheckedIndexedAccess.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one name for one thing.' },
      ],
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'vscode', message: 'Only src/host and src/extension.ts may import vscode.' }] },
      ],
      'max-lines': ['error', { max: 420, skipComments: false, skipBlankLines: false }],
    },
  },
  {
    // Number readers change their `ok` and `end` by the call before: control flow analysis cannot see it.
    files: ['src/trace/importers/**/*.ts'],
    rules: { '@typescript-eslint/no-unnecessary-condition': 'off' },
  },
  { files: vscodeImporters, rules: { 'no-restricted-imports': 'off' } },
  {
    // Tool configurations are read through their default export.
    files: ['*.mjs', '*.config.ts', 'test/**/*.config.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    rules: {
      // The compiler checks these files too, and it knows Node's globals.
      'no-undef': 'off',
      // The compiler honours a JSDoc cast such as that of JSON.parse; the linter does not see it.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  prettier,
);
