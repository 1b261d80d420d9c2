// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * Loads shadow.bpf.o by libbpf:
 *
 *   loader check              loads the model alone, asks it about the rows of the self-test, and takes it away again
 *   loader attach FOLDER      loads all of it, asks it likewise, attaches it and pins all of it in a new folder of a BPF file system
 *   loader swap FOLDER FILE   another model of the same shape, its words as in model.words: written beside the one that decides,
 *                             then they change places
 *   loader stats FOLDER       what was counted on all CPUs since it was attached, as JSON
 *   loader remove FOLDER      detaches it and removes the folder: nothing is left
 *
 * Ends with 0 when it was done, else with 1 and a reason.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernel_oracle_words.h"
#include "kernel_oracle_samples.h"
#include "stats.h"

#define OBJECT "shadow.bpf.o"

struct question {
	int64_t values[KERNEL_ORACLE_INPUTS];
	int64_t logit;
	uint32_t slot;
	int32_t decision;
};

static int failed(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return 1;
}

static int write_model(int models, uint32_t slot, const uint32_t *words)
{
	if (!kernel_oracle_fits(words)) {
		fprintf(stderr, "These words are no model of this shape.\n");
		return 1;
	}
	return bpf_map_update_elem(models, &slot, words, BPF_ANY) ? failed("The model cannot be written") : 0;
}

/* Asks the program, as it will run, about rows of which it is known what it has to say. */
static int ask_all(int program, uint32_t slot)
{
	struct question question;
	int row;

	for (row = 0; row < KERNEL_ORACLE_SAMPLES; row++) {
		LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &question, .ctx_size_in = sizeof(question));

		memset(&question, 0, sizeof(question));
		memcpy(question.values, kernel_oracle_samples[row], sizeof(question.values));
		question.slot = slot;
		if (bpf_prog_test_run_opts(program, &options))
			return failed("The self-test cannot be run");
		if (options.retval || question.decision != kernel_oracle_decisions[row] ||
		    question.logit != kernel_oracle_logits[row]) {
			fprintf(stderr, "row %d: decision %d and logit %" PRId64 ", expected %d and %" PRId64 "\n", row,
				question.decision, question.logit, kernel_oracle_decisions[row],
				(int64_t)kernel_oracle_logits[row]);
			return 1;
		}
	}
	return 0;
}

/* @with_hooks what is attached to the kernel, too, and not the model alone */
static struct bpf_object *loaded(int with_hooks)
{
	struct bpf_object *object = bpf_object__open_file(OBJECT, NULL);
	uint32_t slot;

	if (object && !with_hooks) {
		bpf_program__set_autoload(bpf_object__find_program_by_name(object, "entered"), false);
		bpf_program__set_autoload(bpf_object__find_program_by_name(object, "left"), false);
	}
	if (!object || bpf_object__load(object)) {
		failed(OBJECT " cannot be loaded");
		return NULL;
	}
	for (slot = 0; slot < 2; slot++) {
		if (write_model(bpf_object__find_map_fd_by_name(object, "models"), slot, kernel_oracle_words))
			return NULL;
		if (ask_all(bpf_program__fd(bpf_object__find_program_by_name(object, "ask")), slot))
			return NULL;
	}
	printf("%d rows: as expected\n", KERNEL_ORACLE_SAMPLES);
	return object;
}

static int remove_folder(const char *folder)
{
	static const char *const names[] = { "link_entered", "link_left", "models", "decides", "stats" };
	char path[4096];
	unsigned int at;

	for (at = 0; at < sizeof(names) / sizeof(names[0]); at++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[at]);
		if (unlink(path) && errno != ENOENT)
			return failed(path);
	}
	return rmdir(folder) ? failed(folder) : 0;
}

static int pin_map(struct bpf_object *object, const char *folder, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return bpf_map__pin(bpf_object__find_map_by_name(object, name), path) ? failed(path) : 0;
}

static int attach_program(struct bpf_object *object, const char *folder, const char *name)
{
	struct bpf_link *link = bpf_program__attach(bpf_object__find_program_by_name(object, name));
	char path[4096];

	snprintf(path, sizeof(path), "%s/link_%s", folder, name);
	return !link || bpf_link__pin(link, path) ? failed(path) : 0;
}

static int attach(const char *folder)
{
	struct bpf_object *object;

	if (mkdir(folder, 0700))
		return failed(folder);
	object = loaded(1);
	/* What begins a call comes first: what ends one finds it begun. */
	if (!object || pin_map(object, folder, "models") || pin_map(object, folder, "decides") ||
	    pin_map(object, folder, "stats") || attach_program(object, folder, "entered") ||
	    attach_program(object, folder, "left")) {
		remove_folder(folder);
		return 1;
	}
	return 0;
}

static int pinned(const char *folder, const char *name)
{
	char path[4096];
	int found;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	found = bpf_obj_get(path);
	if (found < 0)
		failed(path);
	return found;
}

static int swap(const char *folder, const char *file)
{
	uint32_t words[KERNEL_ORACLE_WORDS + 1] = { 0 }, first = 0, slot;
	int models = pinned(folder, "models"), decides = pinned(folder, "decides");
	FILE *in = fopen(file, "rb");
	size_t count;

	if (!in)
		return failed(file);
	if (models < 0 || decides < 0)
		return 1;
	count = fread(words, 4, KERNEL_ORACLE_WORDS + 1, in);
	fclose(in);
	if (count < 3 || count > KERNEL_ORACLE_WORDS || count != words[2]) {
		fprintf(stderr, "%s is no model, or one of another size.\n", file);
		return 1;
	}
	if (bpf_map_lookup_elem(decides, &first, &slot))
		return failed("It cannot be read which model decides");
	slot = !(slot & 1);
	if (write_model(models, slot, words))
		return 1;
	if (bpf_map_update_elem(decides, &first, &slot, BPF_ANY))
		return failed("The models cannot change places");
	printf("slot %u\n", slot);
	return 0;
}

static int print_stats(const char *folder)
{
	struct kernel_oracle_stats sum = { 0 }, *each;
	int map = pinned(folder, "stats"), cpus = libbpf_num_possible_cpus(), cpu, i;
	uint32_t first = 0;

	if (map < 0 || cpus < 1)
		return 1;
	each = calloc(cpus, sizeof(*each));
	if (!each || bpf_map_lookup_elem(map, &first, each))
		return failed("What was counted cannot be read");
	for (cpu = 0; cpu < cpus; cpu++) {
		for (i = 0; i < 4; i++) {
			sum.allowed[i / 2][i % 2] += each[cpu].allowed[i / 2][i % 2];
			sum.forced[i / 2][i % 2] += each[cpu].forced[i / 2][i % 2];
		}
		sum.model_ns += each[cpu].model_ns;
		sum.call_ns += each[cpu].call_ns;
		sum.forced_by |= each[cpu].forced_by;
	}
	free(each);
	printf("{\"allowed\":[[%" PRIu64 ",%" PRIu64 "],[%" PRIu64 ",%" PRIu64 "]],", sum.allowed[0][0], sum.allowed[0][1],
	       sum.allowed[1][0], sum.allowed[1][1]);
	printf("\"forced\":[[%" PRIu64 ",%" PRIu64 "],[%" PRIu64 ",%" PRIu64 "]],", sum.forced[0][0], sum.forced[0][1],
	       sum.forced[1][0], sum.forced[1][1]);
	printf("\"modelNs\":%" PRIu64 ",\"callNs\":%" PRIu64 ",", sum.model_ns, sum.call_ns);
	printf("\"forcedBy\":\"%s\"}\n", sum.forced_by == FORCED_BY_TASK	 ? "task" :
					 sum.forced_by == FORCED_BY_COUNTER ? "counter" :
									      "nothing");
	return 0;
}

int main(int count, char **words)
{
	if (count == 2 && !strcmp(words[1], "check"))
		return loaded(0) ? 0 : 1;
	if (count == 3 && !strcmp(words[1], "attach"))
		return attach(words[2]);
	if (count == 4 && !strcmp(words[1], "swap"))
		return swap(words[2], words[3]);
	if (count == 3 && !strcmp(words[1], "stats"))
		return print_stats(words[2]);
	if (count == 3 && !strcmp(words[1], "remove"))
		return remove_folder(words[2]);
	fprintf(stderr, "loader check | attach FOLDER | swap FOLDER FILE | stats FOLDER | remove FOLDER\n");
	return 1;
}
