// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * /sys/kernel/kernel_oracle, for root:
 *
 *   mode        off, shadow or active; written, too
 *   model       written only: the whole of a model.swap, from its beginning on; taken at its last byte
 *   stats       a line of JSON, DeployedStats
 *   self_test   asks the model that decides, now: passed or failed
 *   refused     why the last of what was written to mode or model was refused; empty when it was not
 *
 * mode and model are written by one at a time; a write that is refused changes nothing else.
 */
#define pr_fmt(fmt) "kernel_oracle: " fmt
#include <linux/errno.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/version.h>
#include "core_inside.h"
#include "slot.h"

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define BIN_ATTRIBUTE const struct bin_attribute
#else
#define BIN_ATTRIBUTE struct bin_attribute
#endif

static const char *const modes[] = { "off", "shadow", "active" };

/* For all below. */
static DEFINE_MUTEX(writing);
static const char *refused = "";
/* What came of a model so far: `got` of `whole` bytes; NULL: nothing. */
static u8 *staged;
static u32 got, whole;

static struct kobject *folder;

static int refuse(const char *why, int error)
{
	refused = why;
	return error;
}

static ssize_t mode_show(struct kobject *kobj, struct kobj_attribute *attr, char *text)
{
	return sysfs_emit(text, "%s\n", modes[kernel_oracle_mode()]);
}

static int set_mode(const char *name)
{
	int mode = sysfs_match_string(modes, name);
	int error;

	if (mode < 0)
		return refuse("There are the modes off, shadow and active.", -EINVAL);
	error = kernel_oracle_set_mode(mode);
	if (error == -EBADMSG)
		return refuse("The model fails its self-test: it is off.", error);
	if (error)
		return refuse("can_migrate_task() cannot be hooked: see the kernel's log.", error);
	refused = "";
	return 0;
}

static ssize_t mode_store(struct kobject *kobj, struct kobj_attribute *attr, const char *text, size_t count)
{
	int error;

	mutex_lock(&writing);
	error = set_mode(text);
	mutex_unlock(&writing);
	return error ? error : count;
}

static void drop_staged(void)
{
	kvfree(staged);
	staged = NULL;
	got = 0;
}

static int begin_model(const char *bytes, size_t count)
{
	drop_staged();
	whole = count < KERNEL_ORACLE_SWAP_HEADER ? 0 : kernel_oracle_swap_size(bytes);
	if (!whole)
		return refuse("That is no model.swap, or of a model of another shape.", -EINVAL);
	staged = kvmalloc(whole, GFP_KERNEL);
	return staged ? 0 : refuse("There is no memory for it.", -ENOMEM);
}

static int end_model(void)
{
	int error = kernel_oracle_swap(staged, whole);

	/* It is the core's now, or freed. */
	staged = NULL;
	got = 0;
	if (error == -EBADMSG)
		return refuse("The new model does not say of its rows what it should.", error);
	if (error)
		return refuse("Its words are no model, or one of another shape.", error);
	refused = "";
	return 0;
}

static int take_part(const char *bytes, loff_t offset, size_t count)
{
	int error = offset == 0 ? begin_model(bytes, count) : 0;

	if (error)
		return error;
	if (!staged || offset != got || count > whole - got) {
		drop_staged();
		return refuse("That is longer than its header says, or not written from its beginning on.", -EINVAL);
	}
	memcpy(staged + got, bytes, count);
	got += count;
	if (got == whole)
		return end_model();
	refused = "Only a part of the model was written.";
	return 0;
}

static ssize_t model_write(struct file *file, struct kobject *kobj, BIN_ATTRIBUTE *attr, char *bytes,
			   loff_t offset, size_t count)
{
	int error;

	mutex_lock(&writing);
	error = take_part(bytes, offset, count);
	mutex_unlock(&writing);
	return error ? error : count;
}

static ssize_t stats_show(struct kobject *kobj, struct kobj_attribute *attr, char *text)
{
	struct kernel_oracle_told told;
	const struct kernel_oracle_counts *c = &told.counts;
	int at = 0;
	u64 calls;

	kernel_oracle_tell(&told);
	calls = c->not_asked + c->said[0][0] + c->said[0][1] + c->said[1][0] + c->said[1][1] + c->said[2][0] + c->said[2][1];
	at += sysfs_emit_at(text, at, "{\"way\":\"%s\",\"mode\":\"%s\",\"slot\":%u,\"swaps\":%u,", told.hook->way,
			    modes[told.mode], told.slot, told.swaps);
	at += sysfs_emit_at(text, at, "\"refused\":[%llu,%llu],\"allowed\":[%llu,%llu],\"forced\":[%llu,%llu],", c->said[0][0],
			    c->said[0][1], c->said[1][0], c->said[1][1], c->said[2][0], c->said[2][1]);
	at += sysfs_emit_at(text, at, "\"overruled\":{\"toRefused\":%llu,\"toAllowed\":%llu},\"vetoed\":%llu,\"notAsked\":%llu,",
			    c->to_refused, c->to_allowed, c->vetoed, c->not_asked);
	at += sysfs_emit_at(text, at, "\"modelNs\":%llu,\"callNs\":%llu,\"forcedBy\":\"%s\",", c->model_ns, c->call_ns,
			    calls ? told.hook->forced_by : "nothing");
	at += sysfs_emit_at(text, at, "\"modelBytes\":%u,\"stateBytes\":%u,\"selfTest\":\"%s\"}\n", told.model_bytes,
			    told.state_bytes, told.failed ? "failed" : "passed");
	return at;
}

static ssize_t self_test_show(struct kobject *kobj, struct kobj_attribute *attr, char *text)
{
	return sysfs_emit(text, "%s\n", kernel_oracle_test() ? "failed" : "passed");
}

static ssize_t refused_show(struct kobject *kobj, struct kobj_attribute *attr, char *text)
{
	ssize_t length;

	mutex_lock(&writing);
	length = sysfs_emit(text, "%s\n", refused);
	mutex_unlock(&writing);
	return length;
}

static struct kobj_attribute mode_file = __ATTR(mode, 0600, mode_show, mode_store);
static struct kobj_attribute stats_file = __ATTR(stats, 0400, stats_show, NULL);
static struct kobj_attribute self_test_file = __ATTR(self_test, 0400, self_test_show, NULL);
static struct kobj_attribute refused_file = __ATTR(refused, 0400, refused_show, NULL);
static struct bin_attribute model_file = {
	.attr = { .name = "model", .mode = 0200 },
	.size = KERNEL_ORACLE_SWAP_MOST,
	.write = model_write,
};

static const struct attribute *const files[] = { &mode_file.attr, &stats_file.attr, &self_test_file.attr, &refused_file.attr, NULL };

int kernel_oracle_open_interface(void)
{
	int error;

	folder = kobject_create_and_add("kernel_oracle", kernel_kobj);
	/* Of that name there is one already: a patched kernel's own, perhaps. */
	if (!folder)
		return -EEXIST;
	error = sysfs_create_files(folder, files);
	if (!error)
		error = sysfs_create_bin_file(folder, &model_file);
	if (error)
		kernel_oracle_close_interface();
	return error;
}

void kernel_oracle_close_interface(void)
{
	sysfs_remove_bin_file(folder, &model_file);
	sysfs_remove_files(folder, files);
	kobject_put(folder);
	drop_staged();
}
