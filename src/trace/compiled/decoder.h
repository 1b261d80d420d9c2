/*
 * What the compiled decoder and TypeScript share. All of it lies in the decoder's memory at addresses that are exported under
 * these names; `compiledDecoder.ts` sees the same bytes as typed arrays. Numbers have their low byte first.
 */
#ifndef KERNEL_ORACLE_DECODER_H
#define KERNEL_ORACLE_DECODER_H

typedef unsigned char u8;
typedef signed short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;

/* A field that records do not have. */
#define ABSENT (-1)

/* Numbers of event types: src/trace/model/eventType.ts. */
enum event_type {
  SWITCH = 0,
  WAKEUP = 1,
  WAKEUP_NEW = 2,
  WAKING = 3,
  MIGRATE = 4,
  STAT_RUNTIME = 5,
  EVENT_TYPES = 9
};

#define TASK_SLOTS 4096
#define TRACKED_CPUS 8192
#define MAX_PLANS 16
#define MAX_ATTRS 4096
#define MAX_CHUNKS 16384
#define CACHED_IDS 4096
#define BLOCK_ROWS 4096

/* The last comm of a thread (`recentTasks.ts`), at the place of the pid's low bits. */
struct recent_task {
  i32 pid;
  i32 comm[4];
  i32 task;
  i32 thread;
  i32 tgid;
};

/* Where a record names a task (`recordPlan.ts`). */
struct task_place {
  i32 pid_at;
  i32 comm_at;
  i32 location_at;
  i32 text_origin;
};

/* How the records of an event are read (`recordPlan.ts`); a record has `minimum_bytes` at least, and all fields lie within. */
struct plan {
  i32 type;
  i32 minimum_bytes;
  struct task_place subject;
  struct task_place partner;
  i32 prio_at;
  i32 partner_prio_at;
  i32 state_at;
  i32 actor_pid_at;
  i32 success_at;
  i32 arg_at;
  i32 second_arg_at;
  i32 vruntime_at;
  i32 second_vruntime_at;
};

extern struct plan plans[MAX_PLANS];

/* What is known of the record besides its own bytes. */
struct stamp {
  double offset_ns;
  u32 cpu;
  u32 line;
  /* Whom the tracer says that it is of; only asked with `has_tid`. */
  i32 has_tid;
  i32 tgid;
  i32 tid;
};

/* Rows that are not in the store yet: how many, and what is known of them together. */
struct block {
  u32 rows;
  u32 cpu_limit;
  u32 is_sorted;
  u32 has_vruntimes;
  u32 counts[EVENT_TYPES];
  u32 unused;
  double start_ns;
  double end_ns;
};

extern struct block block;

static inline u32 word_at(const u8 *bytes, i32 at) {
  u32 word;
  __builtin_memcpy(&word, bytes + at, 4);
  return word;
}

/* Adds the record's row to the block, which has room; 0, and nothing changed, when TypeScript has to read the record. */
i32 read_record(const struct plan *plan, const u8 *record, u32 length, const struct stamp *stamp);

#endif
