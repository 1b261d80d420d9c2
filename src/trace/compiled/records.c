/* Records of the scheduler's events, of threads that were seen before under the same name. See README.md. */
#include "decoder.h"

/* 2^53 - 1: offsets are exact up to here. */
#define MAX_OFFSET_NS 9007199254740991.0
#define MAX_CPU 65534
#define UNKNOWN_PRIO (-32768)
#define IDLE_TASK 0
#define UNKNOWN_TASK (-1)
/* TASK_COMM_LEN */
#define COMM_BYTES 16

struct plan plans[MAX_PLANS];
struct recent_task recent_tasks[TASK_SLOTS];
/* By the two bytes behind an event's id: number of the flags' text + 1, 0 for none yet. */
u32 flag_numbers[65536];
/* By prev_state: number of its text, 0 for none yet. */
u16 state_numbers[65536];
/* By CPU: who runs there; pid -1 when nobody knows. */
i32 running_pids[TRACKED_CPUS];
u32 running_tasks[TRACKED_CPUS];

struct block block;
/* By CPU: time of its last row in the block, NaN for none. */
double last_ns[TRACKED_CPUS];
double row_time_ns[BLOCK_ROWS];
u32 row_actor[BLOCK_ROWS];
u32 row_subject[BLOCK_ROWS];
u32 row_line[BLOCK_ROWS];
i32 row_arg[BLOCK_ROWS];
u8 row_cpu[BLOCK_ROWS];
u16 row_wide_cpu[BLOCK_ROWS];
u8 row_state[BLOCK_ROWS];
u8 row_flags[BLOCK_ROWS];
i16 row_actor_prio[BLOCK_ROWS];
i16 row_subject_prio[BLOCK_ROWS];
u8 row_type[BLOCK_ROWS];
u32 row_vruntime[2 * BLOCK_ROWS];

static inline i32 number_at(const u8 *bytes, i32 at) {
  return (i32)word_at(bytes, at);
}

static inline u32 first_bytes(u32 word, i32 count) {
  if (count >= 4) return word;
  return count <= 0 ? 0 : word & ((1u << (8 * count)) - 1);
}

static inline const struct recent_task *slot_of(i32 pid) {
  return &recent_tasks[pid & (TASK_SLOTS - 1)];
}

/* Task of a thread whose comm are these bytes; UNKNOWN_TASK when it was not the thread's last one. */
static inline i32 known_task(i32 pid, const u8 *comm, i32 bytes) {
  const struct recent_task *slot = slot_of(pid);
  u32 other = 0;
  for (i32 i = 0; i < COMM_BYTES; i += 4)
    other |= first_bytes(word_at(comm, i), bytes - i) ^ (u32)slot->comm[i / 4];
  return slot->pid == pid && other == 0 ? slot->task : UNKNOWN_TASK;
}

static inline i32 task_of(const struct task_place *place, const u8 *record, u32 length) {
  i32 pid = number_at(record, place->pid_at);
  if (place->comm_at != ABSENT)
    return pid == 0 ? IDLE_TASK : known_task(pid, record + place->comm_at, COMM_BYTES);
  u32 location = word_at(record, place->location_at);
  u32 text_at = (u32)place->text_origin + (location & 0xffff);
  u32 bytes = location >> 16;
  // Four words are read whatever the comm's length: behind any record lies more of this memory.
  if (bytes > COMM_BYTES || text_at + bytes > length) return UNKNOWN_TASK;
  return pid == 0 ? IDLE_TASK : known_task(pid, record + text_at, (i32)bytes);
}

/* Whether the tracer's word on whose the record is tells nothing new. */
static inline i32 is_of(const struct stamp *stamp, i32 actor_pid) {
  if (!stamp->has_tid) return 1;
  if (stamp->tid != actor_pid) return 0;
  if (stamp->tid <= 0 || stamp->tgid <= 0) return 1;
  const struct recent_task *slot = slot_of(actor_pid);
  return slot->pid == actor_pid && slot->tgid == stamp->tgid;
}

static inline i32 is_prio(i32 value) {
  return value > -32768 && value < 32768;
}

/* The row is the block's next one. */
static inline u32 add_row(i32 type, const struct stamp *stamp, i32 actor, i32 subject, i32 flags) {
  u32 row = block.rows;
  double ns = stamp->offset_ns;
  u32 cpu = stamp->cpu;
  if (ns < block.end_ns) block.is_sorted = 0;
  else block.end_ns = ns;
  if (ns < block.start_ns) block.start_ns = ns;
  if (cpu >= block.cpu_limit) block.cpu_limit = cpu + 1;
  last_ns[cpu] = ns;
  block.counts[type] += 1;
  row_time_ns[row] = ns;
  row_actor[row] = (u32)actor;
  row_subject[row] = (u32)subject;
  row_line[row] = stamp->line;
  row_cpu[row] = (u8)cpu;
  row_wide_cpu[row] = (u16)cpu;
  row_flags[row] = (u8)flags;
  row_type[row] = (u8)type;
  block.rows = row + 1;
  return row;
}

static inline void set_vruntime(u32 row, u32 low, u32 high) {
  row_vruntime[2 * row] = low;
  row_vruntime[2 * row + 1] = high;
}

static inline i32 read_switch(const struct plan *plan, const u8 *record, u32 length,
                              const struct stamp *stamp, i32 flags) {
  i32 actor = task_of(&plan->partner, record, length);
  i32 subject = task_of(&plan->subject, record, length);
  u32 prev_state = word_at(record, plan->state_at);
  i32 actor_prio = number_at(record, plan->partner_prio_at);
  i32 prio = number_at(record, plan->prio_at);
  if ((actor | subject) < 0 || prev_state > 0xffff) return 0;
  u32 state = state_numbers[prev_state];
  if (state == 0 || state > 255 || !is_prio(actor_prio) || !is_prio(prio)) return 0;
  if (!is_of(stamp, number_at(record, plan->partner.pid_at))) return 0;
  u32 row = add_row(SWITCH, stamp, actor, subject, flags);
  row_arg[row] = 0;
  row_state[row] = (u8)state;
  row_actor_prio[row] = (i16)actor_prio;
  row_subject_prio[row] = (i16)prio;
  set_vruntime(row, 0, 0);
  running_pids[stamp->cpu] = number_at(record, plan->subject.pid_at);
  running_tasks[stamp->cpu] = (u32)subject;
  return 1;
}

/* The number of a wakeup, migration or run time; negative when the model has no place for it or it is unusual. */
static inline i32 arg_of(const struct plan *plan, const u8 *record) {
  i32 arg = number_at(record, plan->arg_at);
  if (plan->second_arg_at == ABSENT) return arg > MAX_CPU ? -1 : arg;
  i32 second = number_at(record, plan->second_arg_at);
  // Of a run time it is the high half: more than two seconds are no time slice.
  if (plan->type != MIGRATE) return second != 0 ? -1 : arg;
  return arg < 0 || second < 0 || (arg | second) > 0x7fff ? -1 : arg * 65536 + second;
}

static inline i32 read_of_one_task(const struct plan *plan, const u8 *record, u32 length,
                                   const struct stamp *stamp, i32 flags) {
  i32 type = plan->type;
  u32 cpu = stamp->cpu;
  i32 subject = task_of(&plan->subject, record, length);
  i32 arg = arg_of(plan, record);
  if ((subject | arg) < 0) return 0;
  i32 prio = UNKNOWN_PRIO;
  if (plan->prio_at != ABSENT) {
    prio = number_at(record, plan->prio_at);
    if (!is_prio(prio)) return 0;
  }
  if (plan->success_at != ABSENT && word_at(record, plan->success_at) == 0) return 0;
  i32 actor_pid = number_at(record, plan->actor_pid_at);
  i32 running_pid = running_pids[cpu];
  if (actor_pid != 0 && (actor_pid < 0 || actor_pid != running_pid)) return 0;
  if (!is_of(stamp, actor_pid)) return 0;
  // Who runs may tell its new name in such an event.
  i32 tells_name = type == STAT_RUNTIME || type == MIGRATE;
  if (tells_name && running_pid == number_at(record, plan->subject.pid_at))
    running_tasks[cpu] = (u32)subject;
  i32 actor = actor_pid == 0 ? IDLE_TASK : (i32)running_tasks[cpu];
  u32 row = add_row(type, stamp, actor, subject, flags);
  row_arg[row] = arg;
  row_state[row] = 0;
  row_actor_prio[row] = UNKNOWN_PRIO;
  row_subject_prio[row] = (i16)prio;
  if (plan->vruntime_at == ABSENT) set_vruntime(row, 0, 0);
  else {
    set_vruntime(row, word_at(record, plan->vruntime_at), word_at(record, plan->second_vruntime_at));
    block.has_vruntimes = 1;
  }
  return 1;
}

i32 read_record(const struct plan *plan, const u8 *record, u32 length, const struct stamp *stamp) {
  if (length < (u32)plan->minimum_bytes || stamp->cpu >= TRACKED_CPUS) return 0;
  if (!(stamp->offset_ns <= MAX_OFFSET_NS && stamp->offset_ns >= -MAX_OFFSET_NS)) return 0;
  u32 flags = flag_numbers[word_at(record, 0) >> 16];
  if (flags == 0 || flags > 256) return 0;
  return plan->type == SWITCH ? read_switch(plan, record, length, stamp, (i32)flags - 1)
                              : read_of_one_task(plan, record, length, stamp, (i32)flags - 1);
}
