import type { MachineEvents, MachineRequests } from '../../../src/protocol/machineMessages.js';
import { Messenger } from '../../../src/protocol/messenger.js';
import { connectHost } from '../../common/host.js';
import { registerToolkit } from '../../common/toolkit.js';
import { MachineApp } from './app.js';

registerToolkit();
const host = connectHost();
const app = new MachineApp(new Messenger<MachineRequests, MachineEvents>(host), host);
document.getElementById('root')?.replaceChildren(app.element);
void app.start();
