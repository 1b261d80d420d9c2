import type { ComparisonEvents, ComparisonRequests } from '../../src/protocol/comparisonMessages.js';
import { Messenger } from '../../src/protocol/messenger.js';
import { connectHost } from '../common/host.js';
import { watchTheme } from '../common/theme.js';
import { registerToolkit } from '../common/toolkit.js';
import { ComparisonApp } from './app.js';

registerToolkit();
const host = connectHost();
const messenger = new Messenger<ComparisonRequests, ComparisonEvents>(host);
const app = new ComparisonApp(host, messenger, watchTheme());
document.getElementById('root')?.replaceChildren(app.element);
void app.start();
