// SPDX-License-Identifier: GPL-2.0-or-later
/* Features of the kernel, each asked for by a call that changes nothing. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/scenario.h"
#include "lib/internal.h"
#include "lib/newer.h"
#include "lib/query.h"

static void *one_page(size_t page)
{
	void *p = mmap(NULL, page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Source: Linux commit 662df3e5c376 (in v6.13). */
static bool probe_guard_install(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p = one_page(page);
	bool works = p && madvise(p, page, MADV_GUARD_INSTALL) == 0;

	if (p)
		munmap(p, page);
	return works;
}

/* A start that is no page's is EINVAL, where the call is known at all. */
static bool probe_mseal(void)
{
	return syscall(SYS_mseal, 1UL, 0UL, 0UL) == 0 || errno == EINVAL;
}

/* To take the name away from a page that has none. */
static bool probe_anon_names(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p = one_page(page);
	bool works = p && prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, page,
				NULL) == 0;

	if (p)
		munmap(p, page);
	return works;
}

/* Source: include/uapi/linux/fs.h (in v6.11). */
static bool probe_procmap_query(void)
{
	struct vmp_query query = { .size = sizeof(query),
				   .flags = VMP_QUERY_COVERING_OR_NEXT };
	VMP_CLOSE int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	return fd >= 0 && ioctl(fd, VMP_QUERY, &query) == 0;
}

const struct vmp_feature vmp_features[] = {
	{ "guard-install",
	  "this kernel has no MADV_GUARD_INSTALL (Linux 6.13 or later)",
	  probe_guard_install },
	{ "mseal", "this kernel has no mseal() (Linux 6.10 or later)",
	  probe_mseal },
	{ "anon-names",
	  "this kernel does not name anonymous memory (PR_SET_VMA; Linux 5.17 "
	  "or later with CONFIG_ANON_VMA_NAME)",
	  probe_anon_names },
	{ "procmap-query",
	  "this kernel has no PROCMAP_QUERY (Linux 6.11 or later)",
	  probe_procmap_query },
};

const size_t vmp_feature_count = VMP_COUNT(vmp_features);
