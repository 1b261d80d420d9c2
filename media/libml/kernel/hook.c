// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * Hangs the model on can_migrate_task() of a kernel that knows nothing of it, in one of two ways. ftrace: a call goes to our
 * function, which calls the original behind its fentry, so that probes there (bpftrace, function_graph) see each call once and
 * measure the model with it. kretprobe: where ftrace refuses, as another one may change that function (a live patch).
 *
 * What is private to the scheduler (struct lb_env, rq, cfs_rq) and what this kernel has of all that could be read stands in
 * kernel_oracle_offsets.h, which `offsets` writes from the kernel's own description of itself.
 */
#define pr_fmt(fmt) "kernel_oracle: " fmt
#include <linux/ftrace.h>
#include <linux/init.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/idle.h>
#include <linux/sched/topology.h>
#include <linux/smp.h>
#include <linux/string.h>
#include "core.h"
#include "kernel_oracle_offsets.h"

#define ENUMERATOR(type, name) name
#define this_cpu() raw_smp_processor_id()
#include "kernel_oracle_inputs.h"

#define HOOKED "can_migrate_task"

/* Our function jumps behind the original's fentry: where indirect jumps are watched (IBT) it may not. */
#if defined(CONFIG_X86_64) && defined(CONFIG_DYNAMIC_FTRACE_WITH_REGS) && !defined(CONFIG_X86_KERNEL_IBT)
#define HAS_FTRACE 1
#else
#define HAS_FTRACE 0
#endif

/* What is compared with afterwards. */
struct before {
	struct task_struct *p;
	struct lb_env *env;
	u64 started;
	u64 failed_hot;
	u64 forced;
	bool hot;
};

/* Filled by forced migrations and by those refused for being hot, and only while kernel.sched_schedstats is on. */
#ifdef KERNEL_ORACLE_STATISTICS
static u64 failed_hot_of(struct task_struct *p)
{
	return KERNEL_ORACLE_STATISTICS(p).nr_failed_migrations_hot;
}

static u64 forced_of(struct task_struct *p)
{
	return KERNEL_ORACLE_STATISTICS(p).nr_forced_migrations;
}
#else
static u64 failed_hot_of(struct task_struct *p)
{
	return 0;
}

static u64 forced_of(struct task_struct *p)
{
	return 0;
}
#endif

#ifdef KERNEL_ORACLE_HAS_TASK_HOT
#define FORCED_BY "task"

static bool is_hot(struct task_struct *p)
{
	return p->sched_task_hot;
}

/* The kernel counts a migration as forced by this bit. Its neighbours belong to who holds the lock of the run queue, too. */
static void set_hot(struct task_struct *p, bool hot)
{
	p->sched_task_hot = hot;
}

static bool was_forced(const struct before *before)
{
	return is_hot(before->p);
}
#else
#ifdef KERNEL_ORACLE_STATISTICS
#define FORCED_BY "counter"
#else
#define FORCED_BY "nothing"
#endif

static bool is_hot(struct task_struct *p)
{
	return false;
}

static void set_hot(struct task_struct *p, bool hot)
{
}

static bool was_forced(const struct before *before)
{
	return forced_of(before->p) != before->forced;
}
#endif

static void begin(struct before *before, struct task_struct *p, struct lb_env *env)
{
	before->p = p;
	before->env = env;
	before->failed_hot = failed_hot_of(p);
	before->forced = forced_of(p);
	before->hot = is_hot(p);
	before->started = kernel_oracle_now();
}

/* Returns what can_migrate_task() shall return; `own` is what it did of its own. */
static int end(const struct before *before, int own)
{
	struct kernel_oracle_call call = { .started = before->started, .decided = kernel_oracle_now() };
	int decision;

	if (own)
		call.outcome = was_forced(before) ? KERNEL_ORACLE_FORCED : KERNEL_ORACLE_ALLOWED;
	call.refused_hot = !own && failed_hot_of(before->p) != before->failed_hot;
	kernel_oracle_inputs(before->p, before->env, before->started, kernel_oracle_values());
	decision = kernel_oracle_decide(&call);
	if (decision == !!own)
		return own;
	set_hot(before->p, decision ? true : before->hot);
	return decision;
}

#if HAS_FTRACE
static int (*original)(struct task_struct *p, struct lb_env *env);

/* Of interrupts: off from the lock that the caller holds to its end, so who waits for RCU waits for all that are in here. */
static int notrace noinline instead(struct task_struct *p, struct lb_env *env)
{
	struct before before;

	begin(&before, p, env);
	return end(&before, original(p, env));
}

static void notrace redirect(unsigned long ip, unsigned long parent, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct pt_regs *regs = ftrace_get_regs(fregs);

	if (!regs)
		return;
	/* Behind the instruction that led here. */
	WRITE_ONCE(original, (void *)(ip + MCOUNT_INSN_SIZE));
	regs->ip = (unsigned long)instead;
}

static struct ftrace_ops ops = {
	.func = redirect,
	.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY,
};

/* Set once and freed once: ftrace_free_filter() leaves pointers behind to what it freed. */
static bool has_filter;

static int attach_ftrace(void)
{
	int error = has_filter ? 0 : ftrace_set_filter(&ops, HOOKED, strlen(HOOKED), 1);

	has_filter = !error;
	return error ? error : register_ftrace_function(&ops);
}

static void detach_ftrace(void)
{
	unregister_ftrace_function(&ops);
}

static void free_filter(void)
{
	if (has_filter)
		ftrace_free_filter(&ops);
}
#else
static int attach_ftrace(void)
{
	return -EOPNOTSUPP;
}

static void detach_ftrace(void)
{
}

static void free_filter(void)
{
}
#endif

static int entered(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	begin((struct before *)instance->data, (struct task_struct *)regs_get_kernel_argument(regs, 0),
	      (struct lb_env *)regs_get_kernel_argument(regs, 1));
	return 0;
}
NOKPROBE_SYMBOL(entered);

static int left(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	int own = (int)regs_return_value(regs);

	regs_set_return_value(regs, end((struct before *)instance->data, own));
	return 0;
}
NOKPROBE_SYMBOL(left);

/* Registering fills it in: one that was registered before is not taken again. */
static struct kretprobe probe;

static int attach_kretprobe(void)
{
	memset(&probe, 0, sizeof(probe));
	probe.kp.symbol_name = HOOKED;
	probe.entry_handler = entered;
	probe.handler = left;
	probe.data_size = sizeof(struct before);
	return register_kretprobe(&probe);
}

static void detach_kretprobe(void)
{
	unregister_kretprobe(&probe);
	if (probe.nmissed)
		pr_info("%d calls were missed\n", probe.nmissed);
}

static char *attach = "";
module_param(attach, charp, 0400);
MODULE_PARM_DESC(attach, "ftrace or kretprobe; chosen by itself unless given");

static bool is_probe;

static int attach_any(void)
{
	int error = -EOPNOTSUPP;

	if (strcmp(attach, "kretprobe")) {
		error = attach_ftrace();
		if (!error || !strcmp(attach, "ftrace")) {
			is_probe = false;
			pr_info("ftrace on " HOOKED "(): %d\n", error);
			return error;
		}
	}
	error = attach_kretprobe();
	is_probe = !error;
	pr_info("kretprobe on " HOOKED "(): %d\n", error);
	return error;
}

static void detach_any(void)
{
	if (is_probe)
		detach_kretprobe();
	else
		detach_ftrace();
	/* Of calls that had gone to us and not come back: interrupts are off in all of them. */
	synchronize_rcu();
}

static const struct kernel_oracle_hook hook = {
	.way = "module",
	.forced_by = FORCED_BY,
	.attach = attach_any,
	.detach = detach_any,
};

static int __init load(void)
{
	return kernel_oracle_start(&hook);
}

static void __exit unload(void)
{
	kernel_oracle_stop();
	free_filter();
}

module_init(load);
module_exit(unload);
MODULE_DESCRIPTION("A trained model of can_migrate_task(), asked in its shadow or in its place");
MODULE_AUTHOR("The KernelOracle authors");
MODULE_LICENSE("Dual MIT/GPL");
