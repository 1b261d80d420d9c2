import { connectHost } from '../common/host.js';
import { registerToolkit } from '../common/toolkit.js';
import { ModelRunApp } from './app.js';

registerToolkit();
const app = new ModelRunApp(connectHost());
document.getElementById('root')?.replaceChildren(app.element);
void app.start();
