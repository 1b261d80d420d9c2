import { Messenger } from '../../src/protocol/messenger.js';
import type { MigrationEvents, MigrationRequests } from '../../src/protocol/migrationMessages.js';
import { connectHost } from '../common/host.js';
import { watchTheme } from '../common/theme.js';
import { registerToolkit } from '../common/toolkit.js';
import { RecordsApp } from './app.js';

registerToolkit();
const host = connectHost();
const app = new RecordsApp(host, new Messenger<MigrationRequests, MigrationEvents>(host), watchTheme());
document.getElementById('root')?.replaceChildren(app.element);
void app.start();
