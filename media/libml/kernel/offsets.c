// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * offsets [FILE] writes the header kernel_oracle_offsets.h: what the scheduler keeps to itself, as the kernel describes it in
 * /sys/kernel/btf/vmlinux (or FILE, of the same format: Documentation/bpf/btf.rst). Structures have the members that a model may
 * read, each where it lies in that kernel, and nothing else; a member that the kernel has not is left out, so that who
 * reads it is told so by the compiler. Ends with 0, or with 1 and a reason.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind {
	KIND_INT = 1,
	KIND_POINTER = 2,
	KIND_ARRAY = 3,
	KIND_STRUCT = 4,
	KIND_UNION = 5,
	KIND_ENUM = 6,
	KIND_TYPEDEF = 8,
	KIND_VOLATILE = 9,
	KIND_CONST = 10,
	KIND_RESTRICT = 11,
	KIND_FUNCTION = 12,
	KIND_PROTOTYPE = 13,
	KIND_VARIABLE = 14,
	KIND_SECTION = 15,
	KIND_DECL_TAG = 17,
	KIND_TYPE_TAG = 18,
	KIND_ENUM64 = 19,
};

struct header {
	uint16_t magic;
	uint8_t version;
	uint8_t flags;
	uint32_t length;
	uint32_t types_at, types_length;
	uint32_t strings_at, strings_length;
};

struct type {
	uint32_t name;
	uint32_t info;
	/* Bytes it takes, or the type that it is about. */
	uint32_t size_or_type;
};

struct member {
	uint32_t name;
	uint32_t type;
	uint32_t at;
};

/* Structures in structures and chains of names are no deeper. */
#define DEEPEST 16

static char *file;
static uint32_t file_length;
static const char *strings;
static uint32_t strings_length;
/* By number of the type, from 1 on. */
static const struct type **types;
static uint32_t count;

static int failed(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	return 1;
}

static enum kind kind_of(const struct type *type)
{
	return (enum kind)(type->info >> 24 & 31);
}

static uint32_t members_of(const struct type *type)
{
	return type->info & 0xffff;
}

/* Of what stands behind a type. */
static uint32_t bytes_behind(const struct type *type)
{
	switch (kind_of(type)) {
	case KIND_INT:
	case KIND_VARIABLE:
	case KIND_DECL_TAG:
		return 4;
	case KIND_ARRAY:
		return 12;
	case KIND_STRUCT:
	case KIND_UNION:
	case KIND_SECTION:
	case KIND_ENUM64:
		return 12 * members_of(type);
	case KIND_ENUM:
	case KIND_PROTOTYPE:
		return 8 * members_of(type);
	default:
		return 0;
	}
}

static const char *name_at(uint32_t at)
{
	return at < strings_length ? strings + at : "";
}

static const struct type *type_at(uint32_t number)
{
	return number > 0 && number <= count ? types[number] : NULL;
}

/* What a type is without the names and qualifiers around it. */
static const struct type *bare(uint32_t number)
{
	const struct type *type = type_at(number);
	int depth;

	for (depth = 0; type && depth < DEEPEST; depth++) {
		switch (kind_of(type)) {
		case KIND_TYPEDEF:
		case KIND_VOLATILE:
		case KIND_CONST:
		case KIND_RESTRICT:
		case KIND_TYPE_TAG:
			type = type_at(type->size_or_type);
			break;
		default:
			return type;
		}
	}
	return NULL;
}

static const struct type *find(enum kind kind, const char *name)
{
	uint32_t at;

	for (at = 1; at <= count; at++)
		if (kind_of(types[at]) == kind && !strcmp(name_at(types[at]->name), name))
			return types[at];
	return NULL;
}

static int read_all(const char *path)
{
	FILE *in = fopen(path, "rb");
	size_t room = 0, got = 0, part;

	if (!in)
		return failed(path, strerror(errno));
	/* A file of sysfs tells its length only by ending. */
	do {
		if (room - got < 1 << 20) {
			room += 4 << 20;
			file = realloc(file, room);
		}
		if (!file || room > 1u << 30) {
			fclose(in);
			return failed(path, "too large");
		}
		part = fread(file + got, 1, room - got, in);
		got += part;
	} while (part);
	file_length = (uint32_t)got;
	fclose(in);
	return 0;
}

/* Finds the types; each lies within the file afterwards, and so do its members. */
static int index_types(const char *path)
{
	const struct header *header = (const struct header *)file;
	uint64_t at, end;

	if (file_length < sizeof(*header) || header->magic != 0xeb9f || header->version != 1)
		return failed(path, "no description of types (BTF)");
	at = (uint64_t)header->length + header->types_at;
	end = at + header->types_length;
	strings = file + header->length + header->strings_at;
	strings_length = header->strings_length;
	if (end > file_length || (uint64_t)header->length + header->strings_at + strings_length > file_length || at % 4 ||
	    strings_length == 0 || strings[strings_length - 1])
		return failed(path, "its description of types is cut short");
	types = calloc(header->types_length / sizeof(struct type) + 2, sizeof(*types));
	if (!types)
		return failed(path, strerror(errno));
	while (at + sizeof(struct type) <= end) {
		types[++count] = (const struct type *)(file + at);
		at += sizeof(struct type) + bytes_behind(types[count]);
	}
	return at == end ? 0 : failed(path, "its description of types is cut short, or newer than this program");
}

/* A member by its name, also in nameless structures inside; `bit` is where it begins. */
static const struct member *member_of(const struct type *type, const char *name, uint32_t *bit, uint32_t *width, int depth)
{
	const struct member *members = (const struct member *)(type + 1);
	const struct member *found;
	const struct type *inner;
	uint32_t i, at;

	for (i = 0; i < members_of(type); i++) {
		/* Where the type has bit fields, the upper byte is the width of one, 0: it is none. */
		at = type->info >> 31 ? members[i].at & 0xffffff : members[i].at;
		*width = type->info >> 31 ? members[i].at >> 24 : 0;
		*bit = at;
		if (!strcmp(name_at(members[i].name), name))
			return &members[i];
		inner = *name_at(members[i].name) ? NULL : bare(members[i].type);
		if (!inner || depth >= DEEPEST || (kind_of(inner) != KIND_STRUCT && kind_of(inner) != KIND_UNION))
			continue;
		found = member_of(inner, name, bit, width, depth + 1);
		if (found) {
			*bit += at;
			return found;
		}
	}
	return NULL;
}

static int has(const char *name, const char *member)
{
	const struct type *type = find(KIND_STRUCT, name);
	uint32_t bit, width;

	return type && member_of(type, member, &bit, &width, 0);
}

static int is_signed(const struct type *type)
{
	return kind_of(type) == KIND_INT ? *(const uint32_t *)(type + 1) >> 24 & 1 : type->info >> 31;
}

/* How C declares what is of this type; NULL: nothing that is read. */
static const char *text_of(const struct type *type, char *room, size_t length)
{
	const struct type *to;

	switch (kind_of(type)) {
	case KIND_INT:
	case KIND_ENUM:
		snprintf(room, length, "%c%u ", is_signed(type) ? 's' : 'u', 8 * type->size_or_type);
		return room;
	case KIND_STRUCT:
		snprintf(room, length, "struct %s ", name_at(type->name));
		return room;
	case KIND_POINTER:
		to = bare(type->size_or_type);
		if (!to || kind_of(to) != KIND_STRUCT)
			return NULL;
		snprintf(room, length, "struct %s *", name_at(to->name));
		return room;
	default:
		return NULL;
	}
}

static void indent(int depth)
{
	while (depth-- > 0)
		putchar('\t');
}

/* Declares members of a structure, "nr_running clock_task avg.load_avg": each in a place of its own, all of which overlap. */
static void print_members(const struct type *type, const char *const *names, int depth)
{
	const struct member *member;
	const char *text, *dot;
	char name[64], room[96];
	uint32_t bit, width;

	for (; *names; names++) {
		dot = strchr(*names, '.');
		snprintf(name, sizeof(name), "%.*s", (int)(dot ? dot - *names : (long)strlen(*names)), *names);
		member = member_of(type, name, &bit, &width, 0);
		text = member && bare(member->type) ? text_of(bare(member->type), room, sizeof(room)) : NULL;
		indent(depth);
		if (!text || width || bit % 8) {
			printf("/* no %s */\n", name);
			continue;
		}
		if (!dot) {
			printf("struct { char before_%s[%u]; %s%s; } __packed;\n", name, bit / 8, text, name);
			continue;
		}
		printf("struct {\n");
		indent(depth + 1);
		printf("char before_%s[%u];\n", name, bit / 8);
		indent(depth + 1);
		printf("struct {\n");
		indent(depth + 2);
		printf("union {\n");
		/* Names that begin alike stand together. */
		for (;;) {
			const char *const inner[] = { dot + 1, NULL };

			print_members(bare(member->type), inner, depth + 3);
			if (!names[1] || strncmp(names[1], *names, dot - *names + 1))
				break;
			names++;
			dot = strchr(*names, '.');
		}
		indent(depth + 2);
		printf("};\n");
		indent(depth + 1);
		printf("} %s;\n", name);
		indent(depth);
		printf("} __packed;\n");
	}
}

static int print_struct(const char *name, const char *const *members)
{
	const struct type *type = find(KIND_STRUCT, name);

	if (!type)
		return failed(name, "the kernel's description of itself has no such structure");
	printf("struct %s {\n\tunion {\n", name);
	print_members(type, members, 2);
	printf("\t};\n};\n\n");
	return 0;
}

/* Of the function that is hooked, what our own assumes. */
static int check_function(const char *name)
{
	const struct type *function = find(KIND_FUNCTION, name);
	const struct type *prototype = function ? type_at(function->size_or_type) : NULL;

	if (!prototype || kind_of(prototype) != KIND_PROTOTYPE)
		return failed(name, "the kernel has no such function, or has merged it into another");
	if (members_of(prototype) != 2)
		return failed(name, "it takes other arguments in this kernel than a task and a struct lb_env");
	return 0;
}

static const char *const cfs_rq_members[] = { "load.weight", "avg.load_avg", "avg.util_avg", NULL };
static const char *const rq_members[] = { "nr_running", "cfs", "clock_task", NULL };
static const char *const lb_env_members[] = { "sd",   "src_rq",	   "src_cpu", "dst_cpu", "dst_rq",
					      "idle", "imbalance", "flags",   "loop",	 "migration_type", NULL };

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "/sys/kernel/btf/vmlinux";

	if (read_all(path) || index_types(path) || check_function("can_migrate_task"))
		return 1;
	printf("/* Written by offsets from %s. */\n", argc > 1 ? "a file" : path);
	printf("#ifndef KERNEL_ORACLE_OFFSETS_H\n#define KERNEL_ORACLE_OFFSETS_H\n\n#include <linux/types.h>\n\n");
	if (print_struct("cfs_rq", cfs_rq_members) || print_struct("rq", rq_members) || print_struct("lb_env", lb_env_members))
		return 1;
	if (has("task_struct", "sched_task_hot"))
		printf("#define KERNEL_ORACLE_HAS_TASK_HOT 1\n");
	/* Counters of a task: they moved in Linux 5.16, and are there with CONFIG_SCHEDSTATS alone. */
	if (has("sched_statistics", "nr_failed_migrations_hot") && has("sched_statistics", "nr_forced_migrations"))
		printf("#define KERNEL_ORACLE_STATISTICS(p) ((p)->%s)\n",
		       has("task_struct", "stats") ? "stats" : "se.statistics");
	printf("\n#endif\n");
	return fflush(stdout) ? failed("the header", strerror(errno)) : 0;
}
