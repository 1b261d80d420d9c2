import type { CourseView } from '../../../src/protocol/modelPanelMessages.js';
import { element, replaceContent } from '../../common/dom.js';
import type { CsvTable } from '../../common/exportFile.js';
import { keyEntry } from '../../training/charts/chartKey.js';
import { drawLoss, drawQuality, drawRate, type Draw } from '../../training/charts/trainingCharts.js';
import { NO_TRAIL } from '../../training/model/trail.js';
import { cardOf, follow, type CardContext } from './cardParts.js';

/** The course of the training: the charts of the training panel, of what is done. */
export function createCourseCards(context: CardContext): HTMLElement[] {
  return [
    createCourseCard(context, 'Loss by epoch', 'loss', drawLoss),
    createCourseCard(context, 'On the validation part', 'validation', drawQuality),
    createCourseCard(context, 'Learning rate', 'learning-rate', drawRate),
  ];
}

function createCourseCard(context: CardContext, title: string, file: string, draw: Draw): HTMLElement {
  const { model, theme } = context;
  const card = cardOf(context, { title, file });
  const key = element('ul', { className: 'chart-key' });
  card.setControls(key);
  follow(context, () => {
    const course = model.state.value?.course;
    const drawn =
      course?.kind === 'found'
        ? draw({ view: course.value, ...course.value, trail: NO_TRAIL }, theme.value)
        : null;
    card.setChart(drawn);
    card.setExportable(drawn !== null);
    card.setNote(
      drawn === null ? (course?.kind === 'problem' ? course.message : 'Nothing was measured of it.') : '',
    );
    replaceContent(key, ...(drawn === null || drawn.lines.length < 2 ? [] : drawn.lines.map(keyEntry)));
    if (course?.kind === 'found') card.setCsv(historyCsv(course.value));
  });
  return card.element;
}

/** All columns of the epochs that are drawn. */
export function historyCsv({ history }: CourseView): CsvTable {
  const names = (Object.keys(history) as (keyof typeof history)[]).filter((name) => name !== 'epochs');
  return {
    columns: names.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
    rows: history.epoch.map((_epoch, at) => names.map((name) => history[name][at] ?? null)),
  };
}
