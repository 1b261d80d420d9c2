import type { WorkEvents, WorkRequests } from '../../../src/protocol/machineWorkMessages.js';
import { Messenger } from '../../../src/protocol/messenger.js';
import { connectHost } from '../../common/host.js';
import { registerToolkit } from '../../common/toolkit.js';
import { WorkApp } from './app.js';

registerToolkit();
const host = connectHost();
const app = new WorkApp(new Messenger<WorkRequests, WorkEvents>(host));
document.getElementById('root')?.replaceChildren(app.element);
void app.start();
