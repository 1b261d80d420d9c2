// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/* Two places for models, the mode, and what is counted. What asks the model runs with interrupts off, inside a lock of the scheduler. */
#define pr_fmt(fmt) "kernel_oracle: " fmt
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>
#include "core_inside.h"
#include "kernel_oracle_swap.h"
#include "slot.h"
#if KERNEL_ORACLE_NEEDS_FPU
#include <asm/fpu/api.h>
#endif

#define TEST_EVERY_S 10

struct cpu {
	struct kernel_oracle_work work;
	/* By slot. */
	struct kernel_oracle_counts counts[2];
};

/* For all below but what calls read: slots[decides], decides, mode. */
static DEFINE_MUTEX(lock);
static struct kernel_oracle_slot slots[2];
static unsigned int decides;
static enum kernel_oracle_mode mode;
static struct cpu __percpu *cpus;
static const struct kernel_oracle_hook *hook;
static unsigned int swaps;
static bool failed;
static struct kernel_oracle_work test_work;

static void test_again(struct work_struct *work);
static DECLARE_DELAYED_WORK(next_test, test_again);

u64 kernel_oracle_now(void)
{
	return ktime_get_mono_fast_ns();
}

int64_t *kernel_oracle_values(void)
{
	return this_cpu_ptr(cpus)->work.values;
}

/* What of the library computes with floats may use the FPU's registers for anything else, too. */
static void begin_fpu(void)
{
#if KERNEL_ORACLE_NEEDS_FPU
	kernel_fpu_begin();
#endif
}

static void end_fpu(void)
{
#if KERNEL_ORACLE_NEEDS_FPU
	kernel_fpu_end();
#endif
}

/* What the model says, 0 or 1; -1 where it cannot be asked. */
static int ask(const struct kernel_oracle_slot *slot, struct kernel_oracle_work *work)
{
	int64_t logit;
	int said;

#if KERNEL_ORACLE_NEEDS_FPU
	/* An interrupt that came while the kernel itself used it. */
	if (!irq_fpu_usable())
		return -1;
#endif
	begin_fpu();
	said = kernel_oracle_run(slot->words, work->values, &work->state, &logit) & 1;
	end_fpu();
	return said;
}

/* Whether the model decides about this call, and not only the kernel. */
static bool is_asked_for(const struct kernel_oracle_call *call)
{
	return KERNEL_ORACLE_EXPERIMENT == 1 || call->outcome == KERNEL_ORACLE_FORCED || call->refused_hot;
}

/* Refusing is always safe. Allowing is so only where the task was refused for being hot: else it runs, or may not go there. */
static int overruled(const struct kernel_oracle_call *call, int said, struct kernel_oracle_counts *counts)
{
	int own = call->outcome != KERNEL_ORACLE_REFUSED;

	if (said == own)
		return own;
	if (said == 1 && !call->refused_hot) {
		counts->vetoed++;
		return own;
	}
	if (!is_asked_for(call))
		return own;
	if (said == 1)
		counts->to_allowed++;
	else
		counts->to_refused++;
	return said;
}

int kernel_oracle_decide(const struct kernel_oracle_call *call)
{
	/* Interrupts are off, so a swap waits for us before it writes to this slot again (synchronize_rcu()). */
	unsigned int at = smp_load_acquire(&decides);
	struct cpu *cpu = this_cpu_ptr(cpus);
	struct kernel_oracle_counts *counts = &cpu->counts[at];
	int decision = call->outcome != KERNEL_ORACLE_REFUSED;
	int said = ask(&slots[at], &cpu->work);

	if (said < 0) {
		counts->not_asked++;
		return decision;
	}
	counts->said[call->outcome][said]++;
	if (READ_ONCE(mode) == KERNEL_ORACLE_ACTIVE)
		decision = overruled(call, said, counts);
	counts->model_ns += kernel_oracle_now() - call->decided;
	counts->call_ns += call->decided - call->started;
	return decision;
}

static int test_slot(const struct kernel_oracle_slot *slot)
{
	int row;

	begin_fpu();
	row = kernel_oracle_slot_test(slot, &test_work);
	end_fpu();
	if (row < 0)
		pr_err("self-test failed: the numbers of the model changed in memory\n");
	else if (row > 0)
		pr_err("self-test failed: row %d of %u\n", row, slot->rows);
	return row ? -EBADMSG : 0;
}

static void switch_off(void)
{
	if (mode == KERNEL_ORACLE_OFF)
		return;
	WRITE_ONCE(mode, KERNEL_ORACLE_OFF);
	hook->detach();
}

static int test_and_switch_off(void)
{
	int error = test_slot(&slots[decides]);

	failed = error != 0;
	if (error)
		switch_off();
	return error;
}

int kernel_oracle_test(void)
{
	int error;

	mutex_lock(&lock);
	error = test_and_switch_off();
	mutex_unlock(&lock);
	return error;
}

static void test_again(struct work_struct *work)
{
	kernel_oracle_test();
	schedule_delayed_work(&next_test, TEST_EVERY_S * HZ);
}

enum kernel_oracle_mode kernel_oracle_mode(void)
{
	return READ_ONCE(mode);
}

static int switch_on(enum kernel_oracle_mode wanted)
{
	enum kernel_oracle_mode before = mode;
	int error = test_and_switch_off();

	if (error)
		return error;
	/* Before it hangs there, so that all calls are of one mode. */
	WRITE_ONCE(mode, wanted);
	if (before != KERNEL_ORACLE_OFF)
		return 0;
	error = hook->attach();
	if (error)
		WRITE_ONCE(mode, KERNEL_ORACLE_OFF);
	return error;
}

int kernel_oracle_set_mode(enum kernel_oracle_mode wanted)
{
	int error = 0;

	mutex_lock(&lock);
	if (wanted == KERNEL_ORACLE_OFF)
		switch_off();
	else
		error = switch_on(wanted);
	mutex_unlock(&lock);
	return error;
}

/* Fills and tests a slot in which no call is. On an error it is empty, and the file is freed. */
static int fill(struct kernel_oracle_slot *slot, const u8 *file, u32 size)
{
	int error;

	kvfree(slot->file);
	slot->file = NULL;
	begin_fpu();
	error = kernel_oracle_slot_fill(slot, file, size) ? -EINVAL : 0;
	end_fpu();
	if (!error)
		error = test_slot(slot);
	if (error) {
		memset(slot, 0, sizeof(*slot));
		kvfree(file);
	}
	return error;
}

int kernel_oracle_swap(const u8 *file, u32 size)
{
	unsigned int other;
	int error, cpu;

	mutex_lock(&lock);
	other = !decides;
	error = fill(&slots[other], file, size);
	if (!error) {
		for_each_possible_cpu(cpu)
			memset(&per_cpu_ptr(cpus, cpu)->counts[other], 0, sizeof(struct kernel_oracle_counts));
		smp_store_release(&decides, other);
		/* Calls that had begun before are in the other slot: the next swap writes there. */
		synchronize_rcu();
		swaps++;
		failed = false;
	}
	mutex_unlock(&lock);
	return error;
}

static void add(struct kernel_oracle_counts *sum, const struct kernel_oracle_counts *counts)
{
	int at;

	for (at = 0; at < 6; at++)
		sum->said[at / 2][at % 2] += READ_ONCE(counts->said[at / 2][at % 2]);
	sum->to_refused += READ_ONCE(counts->to_refused);
	sum->to_allowed += READ_ONCE(counts->to_allowed);
	sum->vetoed += READ_ONCE(counts->vetoed);
	sum->not_asked += READ_ONCE(counts->not_asked);
	sum->model_ns += READ_ONCE(counts->model_ns);
	sum->call_ns += READ_ONCE(counts->call_ns);
}

void kernel_oracle_tell(struct kernel_oracle_told *told)
{
	int cpu;

	memset(told, 0, sizeof(*told));
	mutex_lock(&lock);
	told->mode = mode;
	told->hook = hook;
	told->slot = decides;
	told->swaps = swaps;
	told->model_bytes = 4 * slots[decides].count;
	told->state_bytes = sizeof(struct kernel_oracle_work);
	told->failed = failed;
	for_each_possible_cpu(cpu)
		add(&told->counts, &per_cpu_ptr(cpus, cpu)->counts[decides]);
	mutex_unlock(&lock);
}

static void forget(void)
{
	int at;

	for (at = 0; at < 2; at++) {
		kvfree(slots[at].file);
		slots[at].file = NULL;
	}
	free_percpu(cpus);
	cpus = NULL;
}

int kernel_oracle_start(const struct kernel_oracle_hook *new_hook)
{
	u8 *file = kvmalloc(KERNEL_ORACLE_SWAP_BYTES, GFP_KERNEL);
	int error;

	hook = new_hook;
	cpus = alloc_percpu(struct cpu);
	if (!file || !cpus) {
		kvfree(file);
		free_percpu(cpus);
		return -ENOMEM;
	}
	memcpy(file, kernel_oracle_swap_words, KERNEL_ORACLE_SWAP_BYTES);
	error = fill(&slots[0], file, KERNEL_ORACLE_SWAP_BYTES);
	if (!error)
		error = kernel_oracle_open_interface();
	if (error)
		forget();
	else
		schedule_delayed_work(&next_test, TEST_EVERY_S * HZ);
	return error;
}

void kernel_oracle_stop(void)
{
	/* Nobody can switch it on any more, then. */
	kernel_oracle_close_interface();
	cancel_delayed_work_sync(&next_test);
	kernel_oracle_set_mode(KERNEL_ORACLE_OFF);
	forget();
}
