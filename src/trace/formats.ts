import type { Importer } from './importers/importer.js';
import { kernelOracleCsv } from './importers/csv/kernelOracleCsv.js';
import { perfSchedMap } from './importers/perf/perfSchedMap.js';
import { perfScript } from './importers/perf/perfScript.js';
import { tracefsText } from './importers/tracefs/tracefsText.js';

/** Every format that can be opened. Add an importer here and it is detected, listed in errors and by the CLI. */
export const FORMATS: readonly Importer[] = [tracefsText, perfScript, perfSchedMap, kernelOracleCsv];
