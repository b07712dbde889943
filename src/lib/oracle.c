// SPDX-License-Identifier: LGPL-2.1-or-later
/* Asks the kernel whether the map count is at its limit, without /proc. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/newer.h"
#include "lib/oracle.h"

static void *map_pages(const struct vmp_oracle_pages *p, size_t pages,
		       char *address, int flags)
{
	return mmap(address, pages * p->page_bytes, PROT_NONE,
		    MAP_PRIVATE | flags, p->fd, 0);
}

int vmp_oracle_reserve(struct vmp_oracle_pages *pages, int fd)
{
	pages->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	pages->fd = fd;
	pages->base = map_pages(pages, 3, NULL, 0);
	return pages->base == MAP_FAILED ? -errno : 0;
}

/*
 * A mapping over a page that is there answers EEXIST, unless the map count is
 * above the limit: do_mmap() compares before it looks at the address (4.17 to
 * 7.3). An older kernel ignores the flag and maps somewhere.
 */
enum vmp_answer vmp_oracle_over(const struct vmp_oracle_pages *p)
{
	void *at = map_pages(p, 1, p->base, MAP_FIXED_NOREPLACE);

	if (at != MAP_FAILED) {
		munmap(at, p->page_bytes);
		return VMP_NO;
	}
	return errno == ENOMEM ? VMP_YES : VMP_NO;
}

/*
 * Other rights for the first page need one mapping more: ENOMEM at the limit.
 * When it worked the rights are taken back, and the two merge. Not munmap(),
 * which asks the same: another thread may map into the hole meanwhile, and the
 * next probe would unmap what is not ours.
 */
enum vmp_answer vmp_oracle_full(const struct vmp_oracle_pages *p)
{
	if (mprotect(p->base, p->page_bytes, PROT_READ))
		return errno == ENOMEM ? VMP_YES : VMP_NOT_ASKED;
	if (mprotect(p->base, p->page_bytes, PROT_NONE))
		return VMP_NOT_ASKED;
	return VMP_NO;
}

/*
 * mremap() of a source that it cannot move: EFAULT, unless it finds too little
 * headroom first. No MREMAP_FIXED: until 6.17 that unmaps its target before it
 * looks at the source.
 */
static int try_to_move(const struct vmp_oracle_pages *p, char *source,
		       size_t pages)
{
	void *target = (void *)(16 * p->page_bytes);
	size_t length = pages * p->page_bytes;

	if (mremap(source, length, length, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
		   target) != MAP_FAILED)
		return 0;
	return errno;
}

/*
 * Page 0, where nothing is mapped, shows it on 5.7 to 5.10 and from 6.16 on;
 * 6.1 and 6.12 look for the source first. A source that runs past the end of
 * its mapping shows it on them too. Before 5.7 the flag is EINVAL.
 */
enum vmp_answer vmp_oracle_tight(const struct vmp_oracle_pages *p)
{
	int error = try_to_move(p, NULL, 1);

	if (error == EFAULT)
		error = try_to_move(p, p->base + 2 * p->page_bytes, 2);
	else if (error != ENOMEM)
		return VMP_NOT_ASKED;
	return error == ENOMEM ? VMP_YES : VMP_NO;
}

void vmp_oracle_ask(const struct vmp_oracle_pages *pages,
		    struct vmp_oracles *answers)
{
	answers->over = vmp_oracle_over(pages);
	answers->full = vmp_oracle_full(pages);
	answers->tight = vmp_oracle_tight(pages);
}
