import { parseField } from './eventFormat.js';
import { MAX_PAGE_BYTES } from './ringBuffer.js';

/** Sizes that `events/header_page` tells. */
export interface HeaderPage {
  /** Of the kernel's `long`. */
  readonly longBytes: number;
  readonly pageBytes: number;
}

/**
 * Reads `events/header_page`; undefined when it does not describe pages as `ringBuffer.ts` reads them:
 *
 *     	field: u64 timestamp;	offset:0;	size:8;	signed:0;
 *     	field: local_t commit;	offset:8;	size:8;	signed:1;
 *     	field: int overwrite;	offset:8;	size:1;	signed:1;
 *     	field: char data;	offset:16;	size:4080;	signed:0;
 */
export function parseHeaderPage(text: string): HeaderPage | undefined {
  const fields = new Map(
    text.split('\n').flatMap((line) => {
      const field = parseField(line);
      return field === undefined ? [] : [[field.name, field]];
    }),
  );
  const commit = fields.get('commit');
  const data = fields.get('data');
  if (commit?.offset !== 8 || (commit.sizeBytes !== 4 && commit.sizeBytes !== 8)) return undefined;
  const dataAt = 8 + commit.sizeBytes;
  const pageBytes = dataAt + (data?.sizeBytes ?? 0);
  if (data?.offset !== dataAt || !isPageSize(pageBytes)) return undefined;
  return { longBytes: commit.sizeBytes, pageBytes };
}

/** Room for a page's header and an event. */
const MIN_PAGE_BYTES = 64;

export function isPageSize(bytes: number): boolean {
  return bytes >= MIN_PAGE_BYTES && bytes <= MAX_PAGE_BYTES && (bytes & (bytes - 1)) === 0;
}
