// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A process that brings itself to its limit of mappings, has munmap() and
 * mprotect() fail there, and says why. No page is ever touched, so that it takes
 * but the kernel's memory for the mappings: 15 MB at a limit of 65,530.
 *
 *   cc explain-self.c $(pkg-config --cflags --libs libvmaprobe) -o explain-self
 *   ./explain-self
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vmaprobe.h>

enum { HIGHEST_LIMIT = 1048576 };

/* One failure, kept until there is room again to print it. */
struct failure {
	int error;
	int explained; /* what vmp_explain_errno() returned */
	struct vmp_diagnosis diagnosis;
};

/*
 * Unmap every second page, from the second on, until munmap() fails. Each hole
 * leaves one mapping more. Returns: the page that it failed at.
 */
static char *cut_up(char *pages, size_t count, size_t page)
{
	for (size_t i = 1; i < count; i += 2)
		if (munmap(pages + i * page, page))
			return pages + i * page;
	return NULL;
}

static void fail_munmap(struct vmp_ctx *ctx, char *at, size_t page,
			struct failure *f)
{
	f->error = munmap(at, page) ? errno : 0;
	f->explained = vmp_explain_errno(ctx, VMP_CALL_UNMAP, at, page,
					 f->error, &f->diagnosis);
}

static void fail_mprotect(struct vmp_ctx *ctx, char *at, size_t page,
			  struct failure *f)
{
	f->error = mprotect(at, page, PROT_READ) ? errno : 0;
	f->explained = vmp_explain_errno(ctx, VMP_CALL_CHANGE, at, page,
					 f->error, &f->diagnosis);
}

/* Returns: was it the map limit, for certain? */
static int report(const char *call, const struct failure *f)
{
	const struct vmp_diagnosis *d = &f->diagnosis;

	if (!f->error || f->explained < 0) {
		printf("%s: not as it should be: error %d, %d\n", call,
		       f->error, f->explained);
		return 0;
	}
	printf("%s failed: %s (%s). The map limit: %s.\n%s\n\n", call,
	       vmp_cause_name(d->cause), vmp_certainty_name(d->certainty),
	       vmp_certainty_name(d->map_limit), d->explanation);
	return d->map_limit == VMP_CERTAIN;
}

int main(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), count;
	struct vmp_ctx *ctx = vmp_new();
	struct failure unmapped = { 0 }, changed = { 0 };
	int64_t limit = ctx ? vmp_map_limit(ctx) : -1;
	char *pages, *at;
	int certain;

	if (limit < 0 || limit > HIGHEST_LIMIT) {
		fprintf(stderr,
			"explain-self: not with a limit of %" PRId64
			", only up to %d\n",
			limit, HIGHEST_LIMIT);
		return EXIT_FAILURE;
	}
	count = 2 * (size_t)limit + 4;
	pages = mmap(NULL, count * page, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pages == MAP_FAILED) {
		perror("explain-self: mmap");
		return EXIT_FAILURE;
	}
	/* at the limit even printf() may fail: everything is printed later */
	at = cut_up(pages, count, page);
	if (at) {
		fail_munmap(ctx, at, page, &unmapped);
		fail_mprotect(ctx, at, page, &changed);
	}
	munmap(pages, count * page);
	vmp_free(ctx);
	certain = report("munmap()", &unmapped);
	certain += report("mprotect()", &changed);
	return certain == 2 ? EXIT_SUCCESS : EXIT_FAILURE;
}
