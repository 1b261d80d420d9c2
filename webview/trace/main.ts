import { Messenger } from '../../src/protocol/messenger.js';
import type { TraceEvents, TraceRequests } from '../../src/protocol/traceMessages.js';
import { connectHost } from '../common/host.js';
import { watchTheme } from '../common/theme.js';
import { registerToolkit } from '../common/toolkit.js';
import { TraceApp } from './app.js';
import type { FrameFigures } from './timeline/frameStats.js';

declare global {
  interface Window {
    /** Figures of the frames drawn so far, for benchmarks; `reset` starts them anew. */
    __kernelOracleFrameStats?: (reset?: boolean) => FrameFigures;
  }
}

registerToolkit();
const host = connectHost();
const app = new TraceApp(host, new Messenger<TraceRequests, TraceEvents>(host), watchTheme());
window.__kernelOracleFrameStats = (reset = false) => app.timeline.stats.figures(reset);
document.getElementById('root')?.replaceChildren(app.element);
void app.start();
