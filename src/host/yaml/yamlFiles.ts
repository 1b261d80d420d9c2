import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { isFailure } from '../../base/errors.js';
import { YamlText, type YamlProblem } from '../../base/yamlText.js';
import { META_FILE } from '../../dataset/files/dataSetMeta.js';
import { CLAIMS_FILE_NAMES, claimsProblems } from '../../learning/audit/claims/claims.js';
import { CONFIG_FILE_NAME, configProblems, parseConfig } from '../../learning/trainer/config/config.js';
import { SUITE_FILE_NAME, suiteProblems } from '../../remote/benchmarks/suiteFile.js';
import { PLAN_FILE_NAME, planProblems } from '../../remote/workloads/plan.js';
import { YamlLanguage } from './yamlLanguage.js';

/**
 * Completion, hover and diagnostics of all YAML files that KernelOracle reads.
 * @param mediaPath folder of the schemas
 */
export function yamlFiles(mediaPath: string): vscode.Disposable {
  return vscode.Disposable.from(
    new YamlLanguage({
      id: 'plan',
      names: [PLAN_FILE_NAME],
      schemaPath: join(mediaPath, 'collect.schema.json'),
      problems: planProblems,
    }),
    new YamlLanguage({
      id: 'training',
      names: [CONFIG_FILE_NAME, `*.${CONFIG_FILE_NAME}`],
      schemaPath: join(mediaPath, 'kernel-oracle.schema.json'),
      problems: configProblems,
      warnings: missingDataSet,
    }),
    new YamlLanguage({
      id: 'benchmarks',
      names: [SUITE_FILE_NAME],
      schemaPath: join(mediaPath, 'bench.schema.json'),
      problems: suiteProblems,
    }),
    new YamlLanguage({
      id: 'claims',
      names: CLAIMS_FILE_NAMES,
      schemaPath: join(mediaPath, 'claims.schema.json'),
      problems: claimsProblems,
    }),
  );
}

/** A configuration is right without its data set, but cannot be trained. */
async function missingDataSet(text: string, path: string): Promise<readonly YamlProblem[]> {
  try {
    const { dataset } = parseConfig(text, path);
    const isThere = await stat(join(dataset, META_FILE)).then(
      () => true,
      () => false,
    );
    if (isThere) return [];
    const message = `There is no data set in ${dataset}. Build one there ("KernelOracle: Build Data Set…"), or name another folder.`;
    return [new YamlText(text, text.length, 'a configuration').ofPath(['dataset'], message)];
  } catch (error) {
    if (isFailure(error)) return [];
    throw error;
  }
}
