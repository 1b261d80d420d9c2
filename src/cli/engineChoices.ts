/** What the commands on engines can be told, apart from what they need to run. */
export const ENGINE_CHOICES = ['embedded', 'native'] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

export const SOURCE_CHOICES = ['download', 'wheel', 'path'] as const;

export interface EngineInstallOptions {
  readonly from: (typeof SOURCE_CHOICES)[number];
  readonly path?: string;
  readonly folder?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}
