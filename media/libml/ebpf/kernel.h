/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * What a program of eBPF needs of the kernel, without its headers: types, and of its structures the fields that are read. Where
 * a field lies in the kernel at hand is filled in when the program is loaded, from that kernel's own description (BTF).
 */
#ifndef KERNEL_ORACLE_KERNEL_H
#define KERNEL_ORACLE_KERNEL_H

/* The library takes its types from here. */
#define __VMLINUX_H__
typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;

#define SEC(name) __attribute__((section(name), used))
/* As BTF tells maps: a number is the length of an array. */
#define NUMBER(name, value) int(*name)[value]
#define TYPE(name, type) type *name

enum { ARRAY_MAP = 2, PER_CPU_ARRAY_MAP = 6 };

static void *(*const lookup)(const void *map, const void *key) = (void *)1;
static uint64_t (*const now_ns)(void) = (void *)5;
static uint32_t (*const this_cpu)(void) = (void *)8;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct load_weight {
	unsigned long weight;
};

struct sched_avg {
	unsigned long load_avg;
	unsigned long util_avg;
};

struct sched_entity {
	uint64_t exec_start;
	uint64_t vruntime;
	uint64_t nr_migrations;
	struct sched_avg avg;
};

struct sched_statistics {
	uint64_t nr_forced_migrations;
};

struct task_struct {
	int pid;
	struct sched_entity se;
	struct sched_statistics stats;
	unsigned int sched_task_hot : 1;
};

struct cfs_rq {
	struct load_weight load;
	struct sched_avg avg;
};

struct rq {
	unsigned int nr_running;
	struct cfs_rq cfs;
	uint64_t clock_task;
};

struct sched_domain {
	unsigned int cache_nice_tries;
	unsigned int nr_balance_failed;
	int flags;
};

/* Renumbered in Linux 6.10: never compared as it stands here. */
enum cpu_idle_type { CPU_IDLE, CPU_NOT_IDLE, CPU_NEWLY_IDLE };
enum migration_type { migrate_load };

struct lb_env {
	struct sched_domain *sd;
	struct rq *src_rq;
	int src_cpu;
	int dst_cpu;
	struct rq *dst_rq;
	enum cpu_idle_type idle;
	long imbalance;
	unsigned int flags;
	unsigned int loop;
	enum migration_type migration_type;
};

#pragma clang attribute pop

/* The number of an enumerator in the kernel at hand. */
#define ENUMERATOR(type, name) __builtin_preserve_enum_value(*(type *)name, 1)

/* Of a field in the kernel at hand: where its bytes begin, how many hold it, whether there is one, shifts that bare its bits. */
#define FIELD_OFFSET(field) __builtin_preserve_field_info(field, 0)
#define FIELD_BYTES(field) __builtin_preserve_field_info(field, 1)
#define FIELD_EXISTS(field) __builtin_preserve_field_info(field, 2)
#define FIELD_LEFT(field) __builtin_preserve_field_info(field, 4)
#define FIELD_RIGHT(field) __builtin_preserve_field_info(field, 5)

#endif
