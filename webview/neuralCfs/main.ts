import { connectHost } from '../common/host.js';
import { watchTheme } from '../common/theme.js';
import { registerToolkit } from '../common/toolkit.js';
import { NeuralCfsApp } from './app.js';

registerToolkit();
const app = new NeuralCfsApp(connectHost(), watchTheme());
document.getElementById('root')?.replaceChildren(app.element);
void app.start();
