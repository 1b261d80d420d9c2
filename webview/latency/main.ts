import type { LatencyEvents, LatencyRequests } from '../../src/protocol/latencyMessages.js';
import { Messenger } from '../../src/protocol/messenger.js';
import { connectHost } from '../common/host.js';
import { watchTheme } from '../common/theme.js';
import { registerToolkit } from '../common/toolkit.js';
import { LatencyApp } from './app.js';

registerToolkit();
const host = connectHost();
const messenger = new Messenger<LatencyRequests, LatencyEvents>(host);
const app = new LatencyApp(host, messenger, watchTheme());
document.getElementById('root')?.replaceChildren(app.element);
void app.start();
