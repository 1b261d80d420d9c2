/** What a data set can be written as. */
export const EXPORTS = ['npz', 'kernel-oracle-csv', 'task-code-csv'] as const;
export type ExportKind = (typeof EXPORTS)[number];
