/*
 * Events of the kernel's ring buffers: the records of each within a page, and the merging of all by time. The layout is that
 * of `ringBuffer.ts`, little-endian, its time stamps nanoseconds. See README.md.
 */
#include "decoder.h"

#define PADDING 29
#define TIME_EXTEND 30
#define DELTA_RANGE 134217728.0
#define MAX_RINGS 16384
#define INFINITY_NS __builtin_inf()

/* Why reading paused without a stream that needs something. */
enum pause { AT_END = -1, BLOCK_FULL = -2, BUDGET_SPENT = -3 };

/* What `event_kinds` says of an event: it is passed over; TypeScript reads it; and from here on, the number of its plan. */
enum event_kind { PASSED_OVER = 0, READ_ELSEWHERE = 1, FIRST_PLAN = 2 };

/* Where a CPU's stream stands: offsets in the piece of the file that lies at `piece`; 0: not in this memory. */
struct ring {
  u32 piece;
  u32 at;
  u32 end;
  u32 cpu;
  /* The record that comes next; 0 bytes when none was found. */
  u32 id;
  u32 record_at;
  u32 record_bytes;
  u32 unused;
  /* From the page's time stamp to the event read last; the page's time; that of the record that comes next. */
  double ticks;
  double page_ns;
  double next_ns;
};

/* All streams; records of all of them so far. */
struct rings {
  struct ring *first;
  u32 count;
  u32 records;
};

struct rings rings;
/* Numbers of the streams, as a heap by time and number; only the first one may be out of place. */
u32 ring_order[MAX_RINGS];
/* By event id. */
u8 event_kinds[65536];

/* The next record in the page; 0 when TypeScript has to look on: at its end, at what is rare, and at damage. */
static inline i32 find_next(struct ring *ring, const u8 *piece) {
  u32 at = ring->at;
  u32 end = ring->end;
  double ticks = ring->ticks;
  while (at + 4 <= end) {
    u32 word = word_at(piece, (i32)at);
    u32 type = word & 31;
    u32 delta = word >> 5;
    u32 record_at = at + 4;
    u32 length = 4 * type;
    if (type == 0 || type >= PADDING) {
      if (at + 8 > end) break;
      u32 next = word_at(piece, (i32)at + 4);
      if (type == TIME_EXTEND) {
        ticks = ticks + (double)next * DELTA_RANGE + (double)delta;
        at += 8;
        continue;
      }
      if (type != 0 || next < 4) break;
      record_at = at + 8;
      length = (next - 1) & ~3u;
    }
    if (length > end - record_at) break;
    ticks += (double)delta;
    at = record_at + length;
    if (length == 0) continue;
    u32 id = word_at(piece, (i32)record_at) & 0xffff;
    if (event_kinds[id] == PASSED_OVER) continue;
    ring->at = at;
    ring->ticks = ticks;
    ring->id = id;
    ring->record_at = record_at;
    ring->record_bytes = length;
    ring->next_ns = ring->page_ns + ticks;
    return 1;
  }
  ring->at = at;
  ring->ticks = ticks;
  ring->record_bytes = 0;
  return 0;
}

/* Reads records into the block, as long as they are not later than a time, and so many at most. Returns how many. */
static u32 read_ring(struct ring *ring, double until_ns, u32 budget) {
  const u8 *piece = (const u8 *)ring->piece;
  if (ring->piece == 0 || ring->record_bytes == 0) return 0;
  struct stamp stamp;
  stamp.cpu = ring->cpu;
  stamp.has_tid = 0;
  stamp.tgid = 0;
  stamp.tid = 0;
  u32 count = 0;
  while (count < budget && ring->next_ns <= until_ns && block.rows < BLOCK_ROWS) {
    u32 kind = event_kinds[ring->id];
    if (kind < FIRST_PLAN) break;
    stamp.offset_ns = ring->next_ns;
    stamp.line = rings.records + 1;
    const u8 *record = piece + ring->record_at;
    if (!read_record(&plans[kind - FIRST_PLAN], record, ring->record_bytes, &stamp)) break;
    rings.records += 1;
    count += 1;
    if (!find_next(ring, piece)) break;
  }
  return count;
}

static inline i32 comes_before(u32 a, u32 b) {
  double a_ns = rings.first[a].next_ns;
  double b_ns = rings.first[b].next_ns;
  return a_ns < b_ns || (a_ns == b_ns && a < b);
}

/* Brings the first stream to its place in the heap. */
static inline void sink_first(void) {
  u32 moving = ring_order[0];
  u32 place = 0;
  for (;;) {
    u32 child = 2 * place + 1;
    if (child >= rings.count) break;
    if (child + 1 < rings.count && comes_before(ring_order[child + 1], ring_order[child])) child += 1;
    if (!comes_before(ring_order[child], moving)) break;
    ring_order[place] = ring_order[child];
    place = child;
  }
  ring_order[place] = moving;
}

/* How far the first stream may go before another one comes; times are whole numbers. */
static inline double limit_ns(void) {
  if (rings.count < 2) return INFINITY_NS;
  u32 next = ring_order[1];
  if (rings.count > 2 && comes_before(ring_order[2], next)) next = ring_order[2];
  double ns = rings.first[next].next_ns;
  return ring_order[0] < next ? ns : ns - 1;
}

/*
 * Reads records of all streams in order of time, so many at most, into the block. Returns the number of the stream that
 * TypeScript has to go on with, or a `pause`.
 */
i32 read_rings(u32 budget) {
  for (u32 left = budget;;) {
    sink_first();
    u32 number = ring_order[0];
    struct ring *ring = &rings.first[number];
    if (ring->next_ns == INFINITY_NS) return AT_END;
    if (block.rows == BLOCK_ROWS) return BLOCK_FULL;
    u32 count = read_ring(ring, limit_ns(), left);
    if (count == 0 || ring->record_bytes == 0) return (i32)number;
    left -= count;
    if (left == 0) return BUDGET_SPENT;
  }
}
