// SPDX-License-Identifier: GPL-2.0-or-later
/* `vmaprobe limits` for people: the limit, and what else bounds memory. */
#include <string.h>

#include "lib/internal.h"
#include "report/limits.h"
#include "report/table.h"

enum { NAME, VALUE, REMARK, COLUMNS };

/* The value is left of the remark, which may be long. */
enum { REMARK_AT = 40 };

static void put_row(struct vmp_table *table, const struct vmp_style *style,
		    const char *name, const char *value, const char *remark)
{
	vmp_table_row(table);
	vmp_table_text(table, NAME, name);
	vmp_table_text(table, VALUE, value);
	vmp_table_wrapped(table, REMARK, remark, style->width - REMARK_AT);
}

static void put_bytes(struct vmp_table *table, const struct vmp_style *style,
		      const char *name, uint64_t bytes, const char *remark)
{
	char text[32];

	put_row(table, style, name,
		bytes == VMP_UNLIMITED ? "unlimited"
				       : vmp_human_bytes(bytes, text),
		remark);
}

/* Where the limit comes from, in words. Returns: buffer. */
/* Files of a container set nothing: the host's did, and one of them agrees. */
static const char *file_words(const struct vmp_system *s)
{
	if (s->container[0])
		return "set by the host; the same";
	return s->source_is_default ? "the distribution's default, set" : "set";
}

static const char *source_words(const struct vmp_system *s, char *buffer,
				size_t size)
{
	char path[VMP_NAME_SIZE];

	vmp_escape(s->source_path, path, sizeof(path));
	if (s->sandbox[0])
		return "a constant of the sandbox";
	switch (s->source) {
	case VMP_SOURCE_KERNEL:
		return "the kernel's default; no file sets it";
	case VMP_SOURCE_CMDLINE:
		return "set on the kernel's command line";
	case VMP_SOURCE_FILE:
		snprintf(buffer, size, "%s in %s, line %u", file_words(s), path,
			 s->source_line);
		return buffer;
	default:
		if (s->source_value < 0)
			return "no file says so: it was set since the start, "
			       "or by the host";
		snprintf(buffer, size, "although %s, line %u, says %s", path,
			 s->source_line, vmp_digits((uint64_t)s->source_value));
		return buffer;
	}
}

static void print_answer(const struct vmp_bounds *b,
			 const struct vmp_style *style, FILE *out)
{
	char words[VMP_NAME_SIZE + 64], text[VMP_NAME_SIZE + 128];

	fprintf(out, "%sA process may hold %s mappings here.%s\n",
		vmp_accent(style, VMP_STRONG),
		vmp_digits((uint64_t)b->limits.max_map_count),
		vmp_accent(style, VMP_PLAIN));
	snprintf(text, sizeof(text), "vm.max_map_count: %s.",
		 source_words(&b->system, words, sizeof(words)));
	vmp_print_wrapped(style, out, text, 0, 0);
	if (b->system.sandbox[0])
		fprintf(out,
			"This is %s, not Linux itself: it shows a limit and "
			"keeps none.\n",
			b->system.sandbox);
}

static void put_system(struct vmp_table *table, const struct vmp_bounds *b,
		       const struct vmp_style *style)
{
	const struct vmp_system *s = &b->system;
	char text[256], name[256], kernel[256];

	snprintf(text, sizeof(text), "%s %s", s->kernel, s->machine);
	put_row(table, style, "kernel",
		vmp_escape(text, kernel, sizeof(kernel)),
		vmp_escape(s->distribution, name, sizeof(name)));
	if (s->container[0])
		put_row(table, style, "container", s->container,
			"the limit is the host's: a container has none of its "
			"own");
	if (s->hypervisor[0])
		put_row(table, style, "hypervisor", s->hypervisor, "");
	put_bytes(table, style, "page size", b->limits.page_bytes, "");
}

static void put_memory(struct vmp_table *table, const struct vmp_bounds *b,
		       const struct vmp_style *style)
{
	static const char *const modes[] = {
		"0, heuristic: refuses a single request beyond all of memory",
		"1: never refuses",
		"2, strict: refuses what exceeds the commit limit",
	};
	const struct vmp_limits *l = &b->limits;
	unsigned int mode = (unsigned int)l->overcommit_memory;
	char text[32];

	put_bytes(table, style, "memory", l->total_bytes, "");
	put_bytes(table, style, "available", l->available_bytes, "");
	put_bytes(table, style, "swap", l->swap_bytes, "");
	snprintf(text, sizeof(text), "mode %u", mode);
	put_row(table, style, "overcommit", text,
		mode < VMP_COUNT(modes) ? modes[mode] : "");
	if (mode == 2)
		put_bytes(table, style, "commit limit", l->commit_limit_bytes,
			  "");
	if (l->cgroup_available_bytes < l->total_bytes)
		put_bytes(table, style, "cgroup", l->cgroup_available_bytes,
			  "available in this memory cgroup");
}

static void put_rlimits(struct vmp_table *table, const struct vmp_bounds *b,
			const struct vmp_style *style)
{
	const struct vmp_process *p = &b->self;
	char text[32];

	put_bytes(table, style, "ulimit -v", p->as_limit,
		  "RLIMIT_AS: address space");
	put_bytes(table, style, "ulimit -d", p->data_limit,
		  "RLIMIT_DATA: private writable memory");
	put_bytes(table, style, "ulimit -l", p->memlock_limit,
		  p->may_lock ? "RLIMIT_MEMLOCK: locked memory; does not bind "
				"this process (CAP_IPC_LOCK)"
			      : "RLIMIT_MEMLOCK: locked memory");
	put_row(table, style, "ulimit -u",
		p->nproc_limit == VMP_UNLIMITED
			? "unlimited"
			: vmp_group_digits((int64_t)p->nproc_limit, text),
		"RLIMIT_NPROC: processes and threads");
}

static void put_features(struct vmp_table *table, const struct vmp_bounds *b,
			 const struct vmp_style *style)
{
	for (size_t i = 0; i < b->feature_count; i++) {
		const struct vmp_probed *f = &b->features[i];

		put_row(table, style, f->name, f->available ? "yes" : "no",
			f->available ? "" : f->reason);
	}
}

void vmp_report_bounds(const struct vmp_bounds *bounds,
		       const struct vmp_style *style, FILE *out)
{
	static const struct vmp_column columns[COLUMNS] = {
		{ "", 0 },
		{ "", 0 },
		{ "", VMP_TABLE_WRAP },
	};
	struct vmp_table *table = vmp_table_new(style, out, columns, COLUMNS);

	print_answer(bounds, style, out);
	put_system(table, bounds, style);
	put_memory(table, bounds, style);
	put_rlimits(table, bounds, style);
	put_features(table, bounds, style);
	vmp_table_print(table);
	putc('\n', out);
	vmp_print_wrapped(style, out,
			  "What each memory call does at the limit: vmaprobe "
			  "limits --calls",
			  0, 0);
}
