// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * A model in the shadow of can_migrate_task(): it is asked about every call, and what it says is counted beside what the kernel did.
 * It changes nothing. Inputs are read when the call ends, as they are recorded. Called with the source run queue locked and
 * interrupts off, so what is kept by CPU belongs to this call.
 */
#include "kernel.h"
#include "kernel_oracle_model.h"
#include "maps.h"

char licence[] SEC("license") = "Dual MIT/GPL";

struct model {
	uint32_t words[KERNEL_ORACLE_WORDS];
};

struct work {
	int64_t values[KERNEL_ORACLE_INPUTS];
	struct kernel_oracle_state state;
	uint64_t started;
	uint64_t forced_before;
};

/* Two models: while one decides the other is written and tested, and then they change places. */
struct {
	NUMBER(type, ARRAY_MAP);
	NUMBER(max_entries, 2);
	TYPE(key, uint32_t);
	TYPE(value, struct model);
} models SEC(".maps");

/* For the loader alone: what the models were given as. */
struct given {
	uint8_t bytes[KERNEL_ORACLE_GIVEN_BYTES];
};

struct {
	NUMBER(type, ARRAY_MAP);
	NUMBER(max_entries, 2);
	TYPE(key, uint32_t);
	TYPE(value, struct given);
} given SEC(".maps");

struct {
	NUMBER(type, ARRAY_MAP);
	NUMBER(max_entries, 1);
	TYPE(key, uint32_t);
	TYPE(value, struct kernel_oracle_place);
} place SEC(".maps");

/* By slot: what is counted of a model begins with it. */
struct {
	NUMBER(type, PER_CPU_ARRAY_MAP);
	NUMBER(max_entries, 2);
	TYPE(key, uint32_t);
	TYPE(value, struct kernel_oracle_stats);
} stats SEC(".maps");

/* 0: of calls. 1: of the self-test, which a call may interrupt. */
struct {
	NUMBER(type, PER_CPU_ARRAY_MAP);
	NUMBER(max_entries, 2);
	TYPE(key, uint32_t);
	TYPE(value, struct work);
} works SEC(".maps");

static inline __attribute__((__always_inline__)) int is_hot(struct task_struct *p)
{
	uint64_t bits = 0;

	/* A field of one bit, of whose place only the kernel at hand knows. */
	switch (FIELD_BYTES(p->sched_task_hot)) {
	case 1:
		bits = *(uint8_t *)((char *)p + FIELD_OFFSET(p->sched_task_hot));
		break;
	case 2:
		bits = *(uint16_t *)((char *)p + FIELD_OFFSET(p->sched_task_hot));
		break;
	case 4:
		bits = *(uint32_t *)((char *)p + FIELD_OFFSET(p->sched_task_hot));
		break;
	case 8:
		bits = *(uint64_t *)((char *)p + FIELD_OFFSET(p->sched_task_hot));
		break;
	}
	return (bits << FIELD_LEFT(p->sched_task_hot)) >> FIELD_RIGHT(p->sched_task_hot) != 0;
}

SEC("fentry/can_migrate_task")
int entered(uint64_t *arguments)
{
	struct task_struct *p = (struct task_struct *)arguments[0];
	uint32_t first = 0;
	struct work *work = lookup(&works, &first);

	if (!work)
		return 0;
	if (!FIELD_EXISTS(p->sched_task_hot) && FIELD_EXISTS(p->stats.nr_forced_migrations))
		work->forced_before = p->stats.nr_forced_migrations;
	work->started = now_ns();
	return 0;
}

SEC("fexit/can_migrate_task")
int left(uint64_t *arguments)
{
	struct task_struct *p = (struct task_struct *)arguments[0];
	struct lb_env *env = (struct lb_env *)arguments[1];
	int allowed = (int)arguments[2] != 0;
	uint64_t begun = now_ns();
	uint32_t first = 0, slot;
	struct kernel_oracle_place *decides = lookup(&place, &first);
	struct work *work = lookup(&works, &first);
	struct kernel_oracle_stats *counts;
	struct model *model;
	uint64_t *outcome;
	int64_t logit;
	int says, forced = 0;

	if (!decides || !work)
		return 0;
	slot = *(volatile uint32_t *)&decides->slot & 1;
	model = lookup(&models, &slot);
	counts = lookup(&stats, &slot);
	if (!model || !counts)
		return 0;
	/* A call that had begun when this was attached. */
	if (work->started == 0) {
		counts->not_asked++;
		return 0;
	}
	kernel_oracle_inputs(p, env, work->started, work->values);
	says = kernel_oracle_run(model->words, work->values, &work->state, &logit) & 1;
	if (FIELD_EXISTS(p->sched_task_hot)) {
		forced = is_hot(p);
		counts->forced_by = FORCED_BY_TASK;
	} else if (FIELD_EXISTS(p->stats.nr_forced_migrations)) {
		forced = p->stats.nr_forced_migrations > work->forced_before;
		counts->forced_by = FORCED_BY_COUNTER;
	}
	outcome = !allowed ? counts->refused : forced ? counts->forced : counts->allowed;
	outcome[says]++;
	counts->model_ns += now_ns() - begun;
	counts->call_ns += begun - work->started;
	work->started = 0;
	return 0;
}

SEC("syscall")
int ask(struct kernel_oracle_question *question)
{
	uint32_t second = 1, slot = question->slot & 1;
	struct work *work = lookup(&works, &second);
	struct model *model = lookup(&models, &slot);
	int64_t logit = 0;
	int i;

	if (!work || !model)
		return 1;
#pragma unroll
	for (i = 0; i < KERNEL_ORACLE_INPUTS; i++)
		work->values[i] = question->values[i];
	question->decision = kernel_oracle_run(model->words, work->values, &work->state, &logit);
	question->logit = logit;
	return 0;
}
