import { connectHost } from '../common/host.js';
import { watchTheme } from '../common/theme.js';
import { registerToolkit } from '../common/toolkit.js';
import { ModelComparisonApp } from './app.js';

registerToolkit();
const app = new ModelComparisonApp(connectHost(), watchTheme());
document.getElementById('root')?.replaceChildren(app.element);
void app.start();
