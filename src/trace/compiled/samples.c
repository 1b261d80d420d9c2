/*
 * Samples of perf.data: where they are and when they were taken, and then, in order of time, what they hold. The layouts are
 * those of `sampleLayout.ts`. See README.md.
 */
#include "decoder.h"

#define SAMPLE 9
/* u32 type, u16 misc, u16 size */
#define HEADER_BYTES 8
#define NO_EVENT (-1)
#define MAX_CALLS 8192

/* Where all samples have the id of their event, ABSENT when there is only one; and the time that the others count from. */
struct samples {
  i32 id_at;
  i32 unused;
  double origin_high;
  double origin_low;
};

/* An event: its plan, or what is to be done with its samples instead; the rest as in `sampleLayout.ts`. */
struct attr {
  i32 plan;
  i32 time_at;
  i32 tid_at;
  i32 cpu_at;
  i32 fixed_bytes;
  i32 has_callchain;
};

/* Its samples are passed over. */
#define NOT_OF_MODEL (-2)

/* The queue of records that wait (`recordQueue.ts`). */
struct queue {
  double last_ns;
  double latest_ns;
  u32 length;
  u32 capacity;
  u32 run_count;
  u32 run_capacity;
  /* Number of the record before. */
  u32 line;
  u32 unused;
  double *time_ns;
  u32 *chunk;
  u32 *at;
  u32 *attr;
  u32 *record_line;
  u32 *runs;
};

struct samples samples;
struct attr attrs[MAX_ATTRS];
struct queue queue;
/* By number: address of a piece of the file, 0 where it is not in this memory, and how many of its records wait. */
u32 chunk_bases[MAX_CHUNKS];
u32 chunk_waiting[MAX_CHUNKS];
/* By an id's low bits, as in `eventIds.ts`. */
i32 id_highs[CACHED_IDS];
i32 id_lows[CACHED_IDS];
i32 id_attrs[CACHED_IDS];

static inline i32 attr_of(const u8 *sample, u32 size) {
  if (samples.id_at == ABSENT) return 0;
  if ((u32)samples.id_at + 8 > size) return NO_EVENT;
  i32 low = (i32)word_at(sample, samples.id_at);
  i32 high = (i32)word_at(sample, samples.id_at + 4);
  u32 place = (u32)low & (CACHED_IDS - 1);
  return id_lows[place] == low && id_highs[place] == high ? id_attrs[place] : NO_EVENT;
}

/* Puts the chunk's samples from `at` on into the queue. Returns where the first record begins that TypeScript has to read. */
u32 scan_samples(u32 chunk, u32 at, u32 end) {
  const u8 *bytes = (const u8 *)chunk_bases[chunk];
  u32 row = queue.length;
  u32 line = queue.line;
  double last_ns = queue.last_ns;
  double latest_ns = queue.latest_ns;
  while (at + HEADER_BYTES <= end && row < queue.capacity && queue.run_count < queue.run_capacity) {
    const u8 *sample = bytes + at;
    u32 size = word_at(sample, 4) >> 16;
    if (word_at(sample, 0) != SAMPLE || size < HEADER_BYTES || at + size > end) break;
    i32 number = attr_of(sample, size);
    if (number < 0 || number >= MAX_ATTRS) break;
    const struct attr *attr = &attrs[number];
    if (attr->time_at == ABSENT || size < (u32)attr->fixed_bytes) break;
    u32 low = word_at(sample, attr->time_at);
    u32 high = word_at(sample, attr->time_at + 4);
    // No time.
    if ((low | high) == 0 || (low & high) == 0xffffffff) break;
    double ns = ((double)high - samples.origin_high) * 4294967296.0 + ((double)low - samples.origin_low);
    line += 1;
    at += size;
    if (ns > latest_ns) latest_ns = ns;
    if (attr->plan == NOT_OF_MODEL) continue;
    if (ns < last_ns) queue.runs[queue.run_count++] = row;
    last_ns = ns;
    queue.time_ns[row] = ns;
    queue.chunk[row] = chunk;
    queue.at[row] = at - size;
    queue.attr[row] = (u32)number;
    queue.record_line[row] = line;
    row += 1;
  }
  chunk_waiting[chunk] += row - queue.length;
  queue.length = row;
  queue.line = line;
  queue.last_ns = last_ns;
  queue.latest_ns = latest_ns;
  return at;
}

/* Where the raw data of the sample begin, `size` when it has none. */
static inline u32 raw_at(const struct attr *attr, const u8 *sample, u32 size) {
  u32 raw = (u32)attr->fixed_bytes;
  if (attr->has_callchain) {
    if (raw + 8 > size) return size;
    u32 calls = word_at(sample, (i32)raw);
    if (calls > MAX_CALLS || word_at(sample, (i32)raw + 4) != 0) return size;
    raw += 8 + 8 * calls;
  }
  return raw + 4 <= size ? raw : size;
}

static inline i32 read_sample(u32 row, double shift_ns) {
  u32 base = chunk_bases[queue.chunk[row]];
  u32 number = queue.attr[row];
  if (base == 0 || number >= MAX_ATTRS || attrs[number].plan < 0) return 0;
  const struct attr *attr = &attrs[number];
  const u8 *sample = (const u8 *)(base + queue.at[row]);
  if (word_at(sample, 0) != SAMPLE) return 0;
  u32 size = word_at(sample, 4) >> 16;
  u32 raw = raw_at(attr, sample, size);
  if (raw >= size) return 0;
  u32 raw_bytes = word_at(sample, (i32)raw);
  if (raw_bytes > size - raw - 4) return 0;
  struct stamp stamp;
  stamp.offset_ns = queue.time_ns[row] + shift_ns;
  stamp.cpu = word_at(sample, attr->cpu_at);
  stamp.line = queue.record_line[row];
  stamp.has_tid = attr->tid_at != ABSENT;
  stamp.tgid = stamp.has_tid ? (i32)word_at(sample, attr->tid_at) : 0;
  stamp.tid = stamp.has_tid ? (i32)word_at(sample, attr->tid_at + 4) : 0;
  return read_record(&plans[attr->plan], sample + raw + 4, raw_bytes, &stamp);
}

/*
 * Reads the queue's rows from `row` on, as far as `end` and a time, into the block. Returns the first row that it did not read:
 * TypeScript has to, or to empty the block.
 */
u32 read_samples(u32 row, u32 end, double until_ns, double shift_ns) {
  while (row < end && queue.time_ns[row] <= until_ns && block.rows < BLOCK_ROWS) {
    if (!read_sample(row, shift_ns)) break;
    chunk_waiting[queue.chunk[row]] -= 1;
    row += 1;
  }
  return row;
}
