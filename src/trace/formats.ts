import type { Importer } from './importers/importer.js';
import { kernelOracleCsv } from './importers/kernelOracleCsv.js';
import { perfSchedMap } from './importers/perfSchedMap.js';
import { perfScript } from './importers/perfScript.js';
import { tracefsText } from './importers/tracefsText.js';

/** Every format that can be opened. Add an importer here and it is detected, listed in errors and by the CLI. */
export const FORMATS: readonly Importer[] = [tracefsText, perfScript, perfSchedMap, kernelOracleCsv];
