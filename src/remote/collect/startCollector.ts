import { collectBpftrace } from './bpftraceCollector.js';
import type { CollectorSettings } from './collection.js';
import type { StartCollector } from './collectorRun.js';
import { collectPerf, collectPerfMap } from './perfCollector.js';
import { collectTracefs } from './tracefsCollector.js';

/** Starts the collector that the settings name. */
export const startCollector: StartCollector<CollectorSettings> = (
  connection,
  context,
  settings,
  rights,
  target,
) => {
  switch (settings.collector) {
    case 'tracefs':
      return collectTracefs(connection, context, settings, rights, target);
    case 'perf':
      return collectPerf(connection, context, settings, rights, target);
    case 'perf-map':
      return collectPerfMap()(connection, context, settings, rights, target);
    case 'bpftrace':
      return collectBpftrace(connection, context, settings, rights, target);
  }
};
