import { Messenger } from '../../src/protocol/messenger.js';
import type { TrainingPanelEvents, TrainingPanelRequests } from '../../src/protocol/trainingPanelMessages.js';
import { connectHost } from '../common/host.js';
import { watchTheme } from '../common/theme.js';
import { registerToolkit } from '../common/toolkit.js';
import { TrainingApp } from './app.js';

registerToolkit();
const host = connectHost();
const messenger = new Messenger<TrainingPanelRequests, TrainingPanelEvents>(host);
const app = new TrainingApp(host, messenger, watchTheme());
document.getElementById('root')?.replaceChildren(app.element);
void app.start();
