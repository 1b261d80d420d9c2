// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest';
import { TraceModel } from '../../../webview/trace/model/traceModel.js';
import type { TraceClient } from '../../../webview/trace/model/traceClient.js';
import { createExportButton, tellSelection } from '../../../webview/trace/rangeExport.js';

const range = { startNs: 1000, endNs: 2000 };

describe('the export of a range', () => {
  it('is off without a selection, and says what to do', () => {
    const model = new TraceModel();
    const exportRange = vi.fn();
    const button = createExportButton(model, exportRange);
    expect(button.hasAttribute('disabled')).toBe(true);
    expect(button.title).toContain('first select one');
    button.click();
    expect(exportRange).not.toHaveBeenCalled();

    model.selection.set(range);
    expect(button.hasAttribute('disabled')).toBe(false);
    expect(button.title).toBe('Export the selected range…');
    button.click();
    expect(exportRange).toHaveBeenCalledWith(range);

    model.selection.set(null);
    expect(button.hasAttribute('disabled')).toBe(true);
  });

  it('is told to the editor, for its commands and menus', () => {
    const model = new TraceModel();
    const ask = vi.fn(() => Promise.resolve(null));
    const timeline = document.createElement('div');
    tellSelection(model, { ask } as unknown as TraceClient, timeline);
    const context = () => JSON.parse(timeline.dataset['vscodeContext']!) as Record<string, unknown>;
    expect(ask).toHaveBeenLastCalledWith('rangeSelected', { range: null });
    expect(context()).toMatchObject({ webviewSection: 'timeline', hasRange: false });
    model.selection.set(range);
    expect(ask).toHaveBeenLastCalledWith('rangeSelected', { range });
    expect(context()).toMatchObject({ hasRange: true });
  });
});
