// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/* The programs of shadow.bpf.o in the kernel, by libbpf. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "programs.h"

#define OBJECT "shadow.bpf.o"
/* In steps of 10 ms: of what the kernel does a little later. */
#define WAITS 500

/* Named so only since libbpf 0.6. */
#ifndef LIBBPF_OPTS
#define LIBBPF_OPTS DECLARE_LIBBPF_OPTS
#endif

int failed(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return 1;
}

static const char *path_of(const char *folder, const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int keep(int thing, const char *folder, const char *name)
{
	return bpf_obj_pin(thing, path_of(folder, name)) ? failed(path_of(folder, name)) : 0;
}

static int kept(const char *folder, const char *name)
{
	return bpf_obj_get(path_of(folder, name));
}

static struct bpf_object *opened(int with_hooks)
{
	struct bpf_object *object = bpf_object__open_file(OBJECT, NULL);

	if (libbpf_get_error(object)) {
		failed(OBJECT " cannot be opened; control build makes it");
		return NULL;
	}
	bpf_program__set_autoload(bpf_object__find_program_by_name(object, "ask"), !with_hooks);
	bpf_program__set_autoload(bpf_object__find_program_by_name(object, "entered"), with_hooks);
	bpf_program__set_autoload(bpf_object__find_program_by_name(object, "left"), with_hooks);
	return object;
}

int programs_load(struct programs *programs)
{
	struct bpf_object *object = opened(0);

	if (!object)
		return 1;
	if (bpf_object__load(object))
		return failed("The kernel does not take " OBJECT);
	programs->ask = bpf_program__fd(bpf_object__find_program_by_name(object, "ask"));
	programs->models = bpf_object__find_map_fd_by_name(object, "models");
	programs->given = bpf_object__find_map_fd_by_name(object, "given");
	programs->place = bpf_object__find_map_fd_by_name(object, "place");
	programs->stats = bpf_object__find_map_fd_by_name(object, "stats");
	return 0;
}

int programs_keep(const struct programs *programs, const char *folder)
{
	return keep(programs->ask, folder, "ask") || keep(programs->models, folder, "models") ||
	       keep(programs->given, folder, "given") || keep(programs->place, folder, "place") ||
	       keep(programs->stats, folder, "stats");
}

int programs_open(struct programs *programs, const char *folder)
{
	programs->ask = kept(folder, "ask");
	programs->models = kept(folder, "models");
	programs->given = kept(folder, "given");
	programs->place = kept(folder, "place");
	programs->stats = kept(folder, "stats");
	if (programs->ask >= 0 && programs->models >= 0 && programs->given >= 0 && programs->place >= 0 &&
	    programs->stats >= 0)
		return 0;
	fprintf(stderr, "There is no model in the kernel, or not all of it (%s: %s). control start puts one there.\n", folder,
		strerror(errno));
	return 1;
}

int programs_ask(const struct programs *programs, uint32_t slot, const int64_t *values, int64_t *logit)
{
	struct kernel_oracle_question question;
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &question, .ctx_size_in = sizeof(question));

	memset(&question, 0, sizeof(question));
	memcpy(question.values, values, sizeof(question.values));
	question.slot = slot;
	if (bpf_prog_test_run_opts(programs->ask, &options) || options.retval) {
		failed("The model cannot be asked");
		return -1;
	}
	*logit = question.logit;
	return question.decision;
}

int programs_test(const struct programs *programs, uint32_t slot, const struct model_file *model)
{
	uint32_t words[KERNEL_ORACLE_WORDS], row, i;
	int64_t values[KERNEL_ORACLE_INPUTS], logit;
	int decision;

	if (bpf_map_lookup_elem(programs->models, &slot, words))
		return failed("The model cannot be read");
	if (memcmp(words, model->words, sizeof(words))) {
		fprintf(stderr, "The model in slot %u is not the one that was put there.\n", slot);
		return 1;
	}
	for (row = 0; row < model->rows; row++) {
		for (i = 0; i < KERNEL_ORACLE_INPUTS; i++)
			values[i] = model_file_value(model, row, i);
		decision = programs_ask(programs, slot, values, &logit);
		if (decision < 0)
			return 1;
		if (decision != model_file_decision(model, row) || logit != model_file_logit(model, row)) {
			fprintf(stderr, "row %u: decision %d and logit %" PRId64 ", expected %d and %" PRId64 "\n", row, decision,
				logit, model_file_decision(model, row), model_file_logit(model, row));
			return 1;
		}
	}
	return 0;
}

int programs_write(const struct programs *programs, uint32_t slot, const struct model_file *model)
{
	if (bpf_map_update_elem(programs->given, &slot, model->bytes, BPF_ANY) ||
	    bpf_map_update_elem(programs->models, &slot, model->words, BPF_ANY))
		return failed("The model cannot be written");
	return programs_test(programs, slot, model);
}

static int attach_one(struct bpf_object *object, const char *folder, const char *program, const char *name)
{
	int link = bpf_raw_tracepoint_open(NULL, bpf_program__fd(bpf_object__find_program_by_name(object, program)));

	if (link < 0)
		return failed("The kernel does not let can_migrate_task() be watched");
	return keep(link, folder, name);
}

/* The hooks find in the kernel what they share with those who ask. */
static int reuse(struct bpf_object *object, const char *name, int map)
{
	return bpf_map__reuse_fd(bpf_object__find_map_by_name(object, name), map) ? failed(name) : 0;
}

int programs_attach(const struct programs *programs, const char *folder)
{
	struct bpf_object *object;
	int is_done;

	if (programs_attached(folder))
		return 0;
	if (programs_detach(folder))
		return 1;
	object = opened(1);
	if (!object)
		return 1;
	if (reuse(object, "models", programs->models) || reuse(object, "given", programs->given) ||
	    reuse(object, "place", programs->place) || reuse(object, "stats", programs->stats))
		return 1;
	if (bpf_object__load(object))
		return failed("The kernel does not take " OBJECT);
	/* What begins a call comes first: what ends one finds it begun. */
	is_done = !attach_one(object, folder, "entered", "entered") && !attach_one(object, folder, "left", "left");
	bpf_object__close(object);
	if (!is_done)
		programs_detach(folder);
	return !is_done;
}

int programs_attached(const char *folder)
{
	return access(path_of(folder, "left"), F_OK) == 0;
}

static uint32_t program_of(int link)
{
	struct bpf_link_info info = { 0 };
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(link, &info, &size) ? 0 : info.prog_id;
}

/* A link ends some time after its name; its program is the last thing that it lets go of. */
static int wait_for_end(uint32_t program)
{
	int waits, found;

	for (waits = 0; waits < WAITS; waits++) {
		found = bpf_prog_get_fd_by_id(program);
		if (found < 0 && errno == ENOENT)
			return 0;
		if (found >= 0)
			close(found);
		usleep(10000);
	}
	fprintf(stderr, "The program %u is in the kernel 5 s after it was removed: something else holds it.\n", program);
	return 1;
}

int programs_detach(const char *folder)
{
	static const char *const names[] = { "left", "entered" };
	uint32_t programs[2] = { 0 };
	int at, link, is_left = 0;

	for (at = 0; at < 2; at++) {
		link = kept(folder, names[at]);
		if (link < 0)
			continue;
		programs[at] = program_of(link);
		close(link);
		if (unlink(path_of(folder, names[at])))
			return failed(path_of(folder, names[at]));
	}
	for (at = 0; at < 2; at++)
		is_left |= programs[at] ? wait_for_end(programs[at]) : 0;
	return is_left;
}

static uint32_t id_of(int program)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(program, &info, &size) ? 0 : info.id;
}

int programs_remove(const char *folder)
{
	static const char *const names[] = { "ask", "models", "given", "place", "stats" };
	int ask = kept(folder, "ask"), is_left;
	uint32_t program = ask < 0 ? 0 : id_of(ask);
	unsigned int at;

	if (ask >= 0)
		close(ask);
	is_left = programs_detach(folder);
	for (at = 0; at < sizeof(names) / sizeof(names[0]); at++) {
		if (unlink(path_of(folder, names[at])) && errno != ENOENT)
			return failed(path_of(folder, names[at]));
	}
	if (rmdir(folder) && errno != ENOENT)
		return failed(folder);
	return (program ? wait_for_end(program) : 0) || is_left;
}

void programs_wait(void)
{
	/* Waits for what runs with interrupts off on any CPU. A kernel that has no such call for this gets the time. */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(100000);
}
