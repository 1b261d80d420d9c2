import type {
  ConfusionEvent,
  ConfusionRequests,
  EventSortKey,
} from '../../../src/protocol/confusionMessages.js';
import { readConfusionEvents } from '../../../src/protocol/confusionSchemas.js';
import { element } from '../../common/dom.js';
import { formatSeconds, formatShare, unknownText } from '../../common/format.js';
import type { InspectionLink } from '../../common/inspection.js';
import { VirtualTable, type Column } from '../../common/table.js';
import type { ConfusionModel } from '../model/confusionModel.js';
import { cellText } from '../model/words.js';

type Link = InspectionLink<ConfusionRequests, object>;

const NOTHING_CHOSEN = 'Choose a cell of the matrix: its events are listed here.';

/** The events of the chosen cell, in pages; opening one shows it in its recording. */
export class EventsPanel {
  readonly element: HTMLElement;
  readonly #table: VirtualTable<ConfusionEvent, EventSortKey>;
  readonly #title = element('p', { className: 'list-title' }, NOTHING_CHOSEN);

  constructor(
    private readonly model: ConfusionModel,
    private readonly link: Link,
  ) {
    this.#table = new VirtualTable({
      label: 'Events of the cell',
      columns: COLUMNS,
      sorting: { key: 'time', descending: false },
      fetch: ({ key, descending }, offset, limit) => this.#fetch(key, descending, offset, limit),
      keyOf: ({ event }) => event,
      onOpen: (row) => void this.#open(row),
      onError: (error) => link.tell(error),
      emptyText: 'No event of this part.',
    });
    this.element = element('div', { className: 'list-content events' }, this.#title, this.#table.element);
    this.#table.element.hidden = true;
    model.listed.subscribe(() => {
      this.#show();
      this.#table.scrollToTop();
    });
    model.cells.subscribe(() => this.#show());
  }

  #show(): void {
    const cell = this.model.listedCell;
    const isShown = cell !== null && cell.count > 0;
    this.#table.element.hidden = !isShown;
    this.#title.textContent = cell === null ? NOTHING_CHOSEN : cellText(cell);
    if (isShown) this.#table.reload();
  }

  async #fetch(sort: EventSortKey, descending: boolean, offset: number, limit: number) {
    const { query } = this.model;
    const cell = this.model.listed.value;
    if (query === null || cell === null) return { total: 0, rows: [] };
    const answer = await this.link.request('confusionEvents', {
      ...{ query, cell, sort, descending, offset, limit },
    });
    const events = readConfusionEvents(answer);
    if (events === null) throw this.link.misunderstood();
    return events;
  }

  async #open({ event }: ConfusionEvent): Promise<void> {
    const { query } = this.model;
    if (query === null) return;
    try {
      await this.link.request('openConfusionEvent', { part: query.part, event });
      this.#table.mark(event);
    } catch (error) {
      this.link.tell(error);
    }
  }
}

const COLUMNS: readonly Column<ConfusionEvent, EventSortKey>[] = [
  {
    key: 'time',
    label: 'Time',
    title:
      'When it came, in seconds by the clock of the recording; click a row to see it in the trace editor',
    numeric: true,
    widthPx: 140,
    cell: ({ timeNs }) => formatSeconds(BigInt(timeNs), 9),
  },
  {
    key: 'cpu',
    label: 'CPU',
    title: 'CPU that was switched',
    numeric: true,
    widthPx: 56,
    cell: ({ cpu }) => String(cpu),
  },
  {
    key: 'recording',
    label: 'Recording',
    title: 'File of the recording',
    numeric: false,
    widthPx: 170,
    cell: ({ recording }) => recording,
  },
  {
    key: 'target',
    label: 'Came',
    title: 'The task that came',
    numeric: false,
    widthPx: 120,
    cell: ({ target }) => target,
  },
  {
    key: 'guess',
    label: 'Guessed',
    title: 'The task that was guessed',
    numeric: false,
    widthPx: 120,
    cell: ({ guess }) => guess,
  },
  {
    key: 'confidence',
    label: 'Confidence',
    title: 'Probability that the model gave its guess; baselines’ is not kept',
    numeric: true,
    widthPx: 96,
    cell: ({ confidence }) => (confidence === null ? unknownText : formatShare(confidence)),
  },
  {
    key: 'rank',
    label: 'Rank',
    title: 'Where the task that came stood among all answers: 1 is first',
    numeric: true,
    widthPx: 64,
    cell: ({ rank }) => (rank === null ? unknownText : String(rank)),
  },
];
