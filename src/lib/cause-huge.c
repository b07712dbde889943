// SPDX-License-Identifier: LGPL-2.1-or-later
/* Was it the pool of huge pages: what sysfs tells of it, and the test. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/cause.h"

static const char folder[] = "/sys/kernel/mm/hugepages";

/* "Hugepagesize:    2048 kB": what MAP_HUGETLB means that names no size. */
static uint64_t default_kib(const struct vmp_ctx *ctx)
{
	char path[256], text[8192];

	snprintf(path, sizeof(path), "%s/meminfo", ctx->procfs);
	if (vmp_read_file(path, text, sizeof(text)) < 0)
		return 0;
	return vmp_field(text, "Hugepagesize:", 0);
}

static int read_figure(uint64_t kib, const char *name, uint64_t *figure)
{
	char path[128], text[32], *end;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/hugepages-%" PRIu64 "kB/%s", folder,
		 kib, name);
	n = vmp_read_file(path, text, sizeof(text));
	if (n < 0)
		return (int)n;
	*figure = strtoull(text, &end, 10);
	return end == text ? -EBADMSG : 0;
}

/* Up to whole huge pages (ksys_mmap_pgoff); what would wrap stays. */
static uint64_t whole(uint64_t bytes, uint64_t page_bytes)
{
	uint64_t rest = bytes % page_bytes;

	return !rest || bytes > UINT64_MAX - page_bytes
		       ? bytes
		       : bytes - rest + page_bytes;
}

void vmp_huge_pool_read(struct vmp_ctx *ctx, struct vmp_failed_call *f)
{
	struct vmp_huge_pool p = { 0 };
	uint64_t kib;
	const struct {
		const char *name;
		uint64_t *figure;
	} files[] = {
		{ "nr_hugepages", &p.pages },
		{ "free_hugepages", &p.free },
		{ "resv_hugepages", &p.reserved },
		{ "surplus_hugepages", &p.surplus },
		{ "nr_overcommit_hugepages", &p.overcommit },
	};

	if (!f->huge_pages)
		return;
	kib = f->pool.page_bytes ? f->pool.page_bytes / 1024 : default_kib(ctx);
	for (size_t i = 0; i < VMP_COUNT(files); i++)
		if (!kib || read_figure(kib, files[i].name, files[i].figure))
			return;
	p.page_bytes = kib * 1024;
	f->more_bytes = whole(f->more_bytes, p.page_bytes);
	f->length = whole(f->length, p.page_bytes);
	p.told = true;
	f->pool = p;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* "The call reserves 72 huge pages of 2 MiB" */
static void say_request(struct vmp_words *w, const struct vmp_huge_pool *p,
			uint64_t wanted)
{
	char count[32], size[32];

	vmp_say(w, "The call reserves %s huge page%s of %s",
		vmp_group_digits((int64_t)wanted, count),
		wanted == 1 ? "" : "s", vmp_human_bytes(p->page_bytes, size));
}

static void say_pool(struct vmp_words *w, const struct vmp_huge_pool *p,
		     uint64_t most)
{
	char pages[32], free_pages[32], reserved[32], limit[32];

	if (!most) {
		vmp_say(w, ", and the system keeps none of that size "
			   "(nr_hugepages is 0).");
		return;
	}
	vmp_say(w,
		". The pool has %s (nr_hugepages), %s free, of which %s are "
		"reserved by others, and may have up to %s.",
		vmp_group_digits((int64_t)p->pages, pages),
		vmp_group_digits((int64_t)p->free, free_pages),
		vmp_group_digits((int64_t)p->reserved, reserved),
		vmp_group_digits((int64_t)most, limit));
}

/*
 * mmap(MAP_HUGETLB) reserves its pages in the mmap() of hugetlbfs, the last of
 * all checks: hugetlb_file_setup() comes before do_mmap() compares the map
 * count, but is told VM_NORESERVE and reserves nothing (mm/mmap.c,
 * ksys_mmap_pgoff; fs/hugetlbfs/inode.c, hugetlbfs_file_mmap; mm/hugetlb.c,
 * hugetlb_reserve_pages; 4.19 to 7.3). Pages come and go: only what the pool
 * cannot hold at all is certain. An aligned range needs a larger gap.
 */
enum vmp_test_answer vmp_too_few_huge_pages(const struct vmp_failed_call *f,
					    struct vmp_words *w)
{
	const struct vmp_huge_pool *p = &f->pool;
	uint64_t gap = f->survey.gap_end - f->survey.gap_start;
	uint64_t wanted, most, now;

	if (!f->huge_pages || !p->told || f->error == EAGAIN)
		return NO;
	wanted = f->more_bytes / p->page_bytes;
	most = less(p->pages, p->surplus) + p->overcommit;
	now = less(p->free, p->reserved) + less(p->overcommit, p->surplus);
	say_request(w, p, wanted);
	say_pool(w, p, most);
	if (wanted <= now)
		vmp_say(w, " That would do: this process may have no more of "
			   "them (cpuset, memory policy, hugetlb cgroup), or "
			   "no memory was left to make one of.");
	return wanted > most && less(gap, f->more_bytes) >= p->page_bytes
		       ? CERTAIN
		       : LIKELY;
}
