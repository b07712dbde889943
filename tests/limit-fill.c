// SPDX-License-Identifier: GPL-2.0-or-later
/* Ballast: single pages without access, of which no two are adjacent. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "limit.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#if defined(__SANITIZE_ADDRESS__)
#define INSTRUMENTED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define INSTRUMENTED 1
#endif
#endif
#ifndef INSTRUMENTED
#define INSTRUMENTED 0
#endif

enum { HIGHEST_LIMIT = 1048576, BYTES_A_MAPPING = 512 };

size_t limit_page;

static char *ballast;
static size_t ballast_bytes, filled;
static bool forbidden;
static unsigned int mallocs;

#if defined(__GLIBC__) && !INSTRUMENTED
/* glibc's own: the tests' malloc() passes on to them. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);

static bool refuses(void)
{
	if (!forbidden)
		return false;
	mallocs++;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return refuses() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return refuses() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	return refuses() ? NULL : __libc_realloc(p, size);
}
#endif

void limit_forbid_malloc(void)
{
	forbidden = true;
}

void limit_allow_malloc(void)
{
	forbidden = false;
}

unsigned int limit_mallocs(void)
{
	return mallocs;
}

/* The program's exit status is 77 for who asks, its TAP says so for the rest. */
static void skip(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	exit(getenv("CK_TAP_LOG_FILE_NAME") ? EXIT_SUCCESS : 77);
}

static bool is_instrumented(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return INSTRUMENTED || (preload && strstr(preload, "vgpreload"));
}

void limit_check(void)
{
	struct vmp_limits limits = { 0 };
	struct vmp_ctx *ctx;
	uint64_t needed;

	limit_page = (size_t)sysconf(_SC_PAGESIZE);
	if (is_instrumented())
		skip("neither sanitizers nor valgrind survive the limit");
	ctx = vmp_new();
	if (!ctx || vmp_limits_read(ctx, &limits) < 0)
		skip("the limit cannot be read");
	vmp_free(ctx);
	if (limits.max_map_count > HIGHEST_LIMIT)
		skip("vm.max_map_count is too high");
	needed = (uint64_t)limits.max_map_count * BYTES_A_MAPPING;
	if (limits.available_bytes < needed ||
	    limits.cgroup_available_bytes < needed)
		skip("too little memory for so many mappings");
}

/* A hole large enough for every second page of it. */
static void find_hole(size_t mappings)
{
	ballast_bytes = (2 * mappings + 1) * limit_page;
	ballast = mmap(NULL, ballast_bytes, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert_ptr_ne(ballast, MAP_FAILED);
	munmap(ballast, ballast_bytes);
}

static char *ballast_page(size_t index)
{
	return ballast + (2 * index + 1) * limit_page;
}

void limit_fill(struct vmp_ctx *ctx, int64_t leave)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			  MAP_FIXED_NOREPLACE;
	int64_t headroom = 0;

	if (vmp_headroom(ctx, 0, &headroom) < 0)
		abort();
	if (!ballast)
		find_hole((size_t)(headroom + 2));
	for (int64_t i = leave; i < headroom; i++)
		if (mmap(ballast_page(filled++), limit_page, PROT_NONE, flags,
			 -1, 0) == MAP_FAILED)
			abort();
}

void limit_make_room(size_t mappings)
{
	while (mappings--)
		munmap(ballast_page(--filled), limit_page);
}

void limit_end(void)
{
	munmap(ballast, ballast_bytes);
	forbidden = false;
}

void assert_holds(const char *text, const char *piece)
{
	ck_assert_msg(strstr(text, piece), "no \"%s\" in \"%s\"", piece, text);
}
