// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * A model in the shadow of can_migrate_task(), kept in the kernel under names in FOLDER, which is in a BPF file system. `control`
 * says what the words mean:
 *
 *   loader check FILE
 *   loader start FOLDER FILE MODE     MODE: off, shadow
 *   loader mode FOLDER MODE
 *   loader swap FOLDER FILE
 *   loader stats FOLDER
 *   loader remove FOLDER
 *   loader rows FILE IN OUT           asks the model of FILE about rows of 64-bit values; OUT: decisions, a byte each, then logits
 *
 * Ends with 0 when it was done, else with 1 and a reason.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "programs.h"

/* In steps of 100 ms: of another that is at work. */
#define LOCK_WAITS 300

static const uint32_t first;

/* One at a time: whatever changes or asks what is kept holds the folder above it, until it ends. */
static int lock(const char *folder)
{
	char *copy = strdup(folder);
	int above = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int waits;

	free(copy);
	if (above < 0)
		return failed(folder);
	for (waits = 0; waits < LOCK_WAITS; waits++) {
		if (!flock(above, LOCK_EX | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK)
			return failed("The lock cannot be had");
		usleep(100000);
	}
	fprintf(stderr, "Another control is at work since 30 s. Try again when it has ended.\n");
	return 1;
}

static int check(const char *file)
{
	static struct model_file model;
	struct programs programs;

	if (model_file_read(&model, file) || programs_load(&programs) || programs_write(&programs, 0, &model))
		return 1;
	printf("%u rows: as expected\n", model.rows);
	return 0;
}

static int read_place(const struct programs *programs, struct kernel_oracle_place *place)
{
	return bpf_map_lookup_elem(programs->place, &first, place) ? failed("It cannot be read which model decides") : 0;
}

static int write_place(const struct programs *programs, const struct kernel_oracle_place *place)
{
	return bpf_map_update_elem(programs->place, &first, place, BPF_ANY) ? failed("The models cannot change places") : 0;
}

/* Everything under another name first: what has its own name is whole. */
static int start(const char *folder, const char *file, const char *mode)
{
	static struct model_file model;
	struct programs programs;
	char part[4096];

	if (access(folder, F_OK) == 0) {
		fprintf(stderr, "There is a model in the kernel already. control remove takes it out.\n");
		return 1;
	}
	snprintf(part, sizeof(part), "%s-new", folder);
	if (programs_remove(part) || model_file_read(&model, file) || programs_load(&programs) ||
	    programs_write(&programs, 0, &model))
		return 1;
	if (mkdir(part, 0700))
		return failed(part);
	if (programs_keep(&programs, part) || (strcmp(mode, "off") && programs_attach(&programs, part))) {
		programs_remove(part);
		return 1;
	}
	if (rename(part, folder)) {
		failed(folder);
		programs_remove(part);
		return 1;
	}
	return 0;
}

/* Whether the model that decides is still right, by what it was given as. When it is not, it is switched off. */
static int test_deciding(const struct programs *programs, const char *folder, struct kernel_oracle_place *place,
			 struct model_file *model)
{
	uint32_t slot = place->slot & 1;

	memset(model, 0, sizeof(*model));
	if (bpf_map_lookup_elem(programs->given, &slot, model->bytes))
		return failed("What the model was given as cannot be read");
	if (!model_file_parse(model, 0, "The model in the kernel") && !programs_test(programs, slot, model))
		return 0;
	place->failed = 1;
	programs_detach(folder);
	write_place(programs, place);
	fprintf(stderr, "The model does not say what it should, and was switched off.\n");
	return 1;
}

static int set_mode(const char *folder, const char *mode)
{
	static struct model_file model;
	struct kernel_oracle_place place;
	struct programs programs;

	if (programs_open(&programs, folder))
		return 1;
	if (!strcmp(mode, "off"))
		return programs_detach(folder);
	if (read_place(&programs, &place) || test_deciding(&programs, folder, &place, &model))
		return 1;
	place.failed = 0;
	return write_place(&programs, &place) || programs_attach(&programs, folder);
}

static int clear_stats(const struct programs *programs, uint32_t slot)
{
	struct kernel_oracle_stats *each = calloc(libbpf_num_possible_cpus(), sizeof(*each));
	int error = !each || bpf_map_update_elem(programs->stats, &slot, each, BPF_ANY);

	free(each);
	return error ? failed("What was counted cannot be cleared") : 0;
}

static int swap(const char *folder, const char *file)
{
	static struct model_file model;
	struct kernel_oracle_place place;
	struct programs programs;
	uint32_t other;

	if (programs_open(&programs, folder) || model_file_read(&model, file) || read_place(&programs, &place))
		return 1;
	other = !(place.slot & 1);
	/* Of the swap before this one, a call may still be with the model that decided then. */
	programs_wait();
	if (programs_write(&programs, other, &model) || clear_stats(&programs, other))
		return 1;
	programs_wait();
	place.slot = other;
	place.swaps++;
	place.failed = 0;
	return write_place(&programs, &place);
}

static int sum_stats(const struct programs *programs, uint32_t slot, struct kernel_oracle_stats *sum)
{
	int cpus = libbpf_num_possible_cpus(), cpu, says;
	struct kernel_oracle_stats *each = cpus > 0 ? calloc(cpus, sizeof(*each)) : NULL;

	memset(sum, 0, sizeof(*sum));
	if (!each || bpf_map_lookup_elem(programs->stats, &slot, each)) {
		free(each);
		return failed("What was counted cannot be read");
	}
	for (cpu = 0; cpu < cpus; cpu++) {
		for (says = 0; says < 2; says++) {
			sum->refused[says] += each[cpu].refused[says];
			sum->allowed[says] += each[cpu].allowed[says];
			sum->forced[says] += each[cpu].forced[says];
		}
		sum->not_asked += each[cpu].not_asked;
		sum->model_ns += each[cpu].model_ns;
		sum->call_ns += each[cpu].call_ns;
		sum->forced_by |= each[cpu].forced_by;
	}
	free(each);
	return 0;
}

static void print_pair(const char *name, const uint64_t *counts)
{
	printf("\"%s\":[%" PRIu64 ",%" PRIu64 "],", name, counts[0], counts[1]);
}

static int print_stats(const char *folder)
{
	static const char *const forced_by[] = { "nothing", "task", "counter" };
	static struct model_file model;
	struct kernel_oracle_place place;
	struct kernel_oracle_stats sum;
	struct programs programs;

	if (programs_open(&programs, folder) || read_place(&programs, &place))
		return 1;
	test_deciding(&programs, folder, &place, &model);
	if (sum_stats(&programs, place.slot & 1, &sum))
		return 1;
	printf("{\"way\":\"ebpf\",\"mode\":\"%s\",\"slot\":%u,\"swaps\":%u,", programs_attached(folder) ? "shadow" : "off",
	       place.slot & 1, place.swaps);
	print_pair("refused", sum.refused);
	print_pair("allowed", sum.allowed);
	print_pair("forced", sum.forced);
	printf("\"overruled\":{\"toRefused\":0,\"toAllowed\":0},\"vetoed\":0,\"notAsked\":%" PRIu64 ",", sum.not_asked);
	printf("\"modelNs\":%" PRIu64 ",\"callNs\":%" PRIu64 ",", sum.model_ns, sum.call_ns);
	printf("\"forcedBy\":\"%s\",", forced_by[sum.forced_by < 3 ? sum.forced_by : 0]);
	printf("\"modelBytes\":%u,\"stateBytes\":%u,", 4 * model.bytes[SWAP_WORDS], KERNEL_ORACLE_STATE_BYTES);
	printf("\"selfTest\":\"%s\"}\n", place.failed ? "failed" : "passed");
	return 0;
}

static int remove_all(const char *folder)
{
	char part[4096];

	snprintf(part, sizeof(part), "%s-new", folder);
	return programs_remove(part) | programs_remove(folder);
}

static int ask_rows(const char *file, const char *in_path, const char *out_path)
{
	static struct model_file model;
	struct programs programs;
	int64_t values[KERNEL_ORACLE_INPUTS];
	FILE *in = fopen(in_path, "rb"), *out = fopen(out_path, "wb");
	size_t rows = 0, room = 0;
	int64_t *logits = NULL;
	int decision;

	if (!in || !out || model_file_read(&model, file) || programs_load(&programs) || programs_write(&programs, 0, &model))
		return 1;
	while (fread(values, sizeof(values), 1, in) == 1) {
		if (rows == room) {
			room = room ? 2 * room : 1024;
			logits = realloc(logits, room * sizeof(*logits));
			if (!logits)
				return failed("No memory");
		}
		decision = programs_ask(&programs, 0, values, &logits[rows]);
		if (decision < 0)
			return 1;
		fputc(decision, out);
		rows++;
	}
	fwrite(logits, sizeof(*logits), rows, out);
	free(logits);
	fclose(in);
	return fclose(out) ? failed(out_path) : 0;
}

static int is_mode(const char *word)
{
	return !strcmp(word, "off") || !strcmp(word, "shadow");
}

int main(int count, char **words)
{
	if (count == 3 && !strcmp(words[1], "check"))
		return check(words[2]);
	if (count == 5 && !strcmp(words[1], "start") && is_mode(words[4]))
		return lock(words[2]) || start(words[2], words[3], words[4]);
	if (count == 4 && !strcmp(words[1], "mode") && is_mode(words[3]))
		return lock(words[2]) || set_mode(words[2], words[3]);
	if (count == 4 && !strcmp(words[1], "swap"))
		return lock(words[2]) || swap(words[2], words[3]);
	if (count == 3 && !strcmp(words[1], "stats"))
		return lock(words[2]) || print_stats(words[2]);
	if (count == 3 && !strcmp(words[1], "remove"))
		return lock(words[2]) || remove_all(words[2]);
	if (count == 5 && !strcmp(words[1], "rows"))
		return ask_rows(words[2], words[3], words[4]);
	fprintf(stderr, "loader check | start | mode | swap | stats | remove | rows: see loader.c\n");
	return 1;
}
