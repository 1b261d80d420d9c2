import { confusionPanel, type OpenTraceAt } from './confusion/confusionPanel.js';
import { modelComparisonPanel } from './comparison/modelComparisonPanel.js';
import { forecastPanel, type ForecastServices } from './forecast/forecastPanel.js';
import { modelPanel } from './model/modelPanel.js';
import type { PanelKind } from './panelKind.js';

/** What kinds of panels need of the editor. */
export interface PanelServices extends ForecastServices {
  readonly openTraceAt: OpenTraceAt;
}

/** The kinds of panels that there are. */
export function panelKinds(services: PanelServices): readonly PanelKind[] {
  return [modelPanel, confusionPanel(services.openTraceAt), modelComparisonPanel, forecastPanel(services)];
}
