import type { Importer } from './importers/importer.js';
import { kernelOracleCsv } from './importers/csv/kernelOracleCsv.js';
import { ctf } from './importers/ctf/ctf.js';
import { perfData } from './importers/perfData/perfData.js';
import { perfetto } from './importers/perfetto/perfetto.js';
import { perfSchedMap } from './importers/perf/perfSchedMap.js';
import { perfScript } from './importers/perf/perfScript.js';
import { timehistText } from './importers/perf/timehistText.js';
import { systraceHtml } from './importers/systrace/systraceHtml.js';
import { traceCmdReport } from './importers/traceCmdReport/traceCmdReport.js';
import { schedViz } from './importers/schedViz/schedViz.js';
import { traceDat } from './importers/traceDat/traceDat.js';
import { tracefsText } from './importers/tracefs/tracefsText.js';

/** Every format that can be opened. Add an importer here and it is detected, listed in errors and by the CLI. */
export const FORMATS: readonly Importer[] = [
  tracefsText,
  traceCmdReport,
  systraceHtml,
  traceDat,
  schedViz,
  perfScript,
  perfData,
  perfSchedMap,
  timehistText,
  perfetto,
  ctf,
  kernelOracleCsv,
];
