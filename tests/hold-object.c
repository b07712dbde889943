// SPDX-License-Identifier: GPL-2.0-or-later
/* Objects of the kernel that hold maps, each with a system call of its own. */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hold.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

enum { READ_WRITE = PROT_READ | PROT_WRITE };

static void map_memfd(char *at, size_t index)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "hold-%03zu", index);
	fd = hold_check(memfd_create(name, MFD_CLOEXEC), "memfd_create");
	hold_check(ftruncate(fd, (off_t)hold_page), "ftruncate");
	hold_map(at, 1, READ_WRITE, MAP_SHARED, fd, 0);
	close(fd);
}

void hold_memfd(size_t count)
{
	char *at = hold_place(count);

	for (size_t i = 0; i < count; i++)
		map_memfd(at + i * hold_page, i);
}

void hold_shared_anon(size_t count)
{
	char *at = hold_place(count);

	for (size_t i = 0; i < count; i++)
		hold_map(at + i * hold_page, 1, READ_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

void hold_sharing(size_t count)
{
	char *at = hold_place(3 * count);

	for (size_t i = 0; i < count; i++, at += 3 * hold_page) {
		hold_map(at, 1, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		hold_map_anon(at + hold_page, 1, READ_WRITE);
	}
}

/* The kernel chooses the place: some machines want more than a page's step. */
void hold_sysv(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int id = hold_check(shmget(IPC_PRIVATE, hold_page, 0600),
				    "shmget");
		void *at = shmat(id, NULL, 0);

		shmctl(id, IPC_RMID, NULL);
		hold_check((intptr_t)at == -1 ? -1 : 0, "shmat");
	}
}

/* Never touched, so that the machine needs none to spare. */
void hold_hugetlb(size_t count)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE;

	for (size_t i = 0; i < count; i++) {
		void *at = mmap(NULL, hold_page, READ_WRITE, flags, -1, 0);

		hold_check(at == MAP_FAILED ? -1 : 0, "mmap");
	}
}

static void map_ring(int fd, off_t what)
{
	void *at = mmap(NULL, hold_page, READ_WRITE, MAP_SHARED, fd, what);

	hold_check(at == MAP_FAILED ? -1 : 0, "mmap");
}

/*
 * Huge pages of one file whose offsets continue: nothing but VM_DONTEXPAND
 * keeps them apart.
 */
void hold_special(size_t count)
{
	int fd = hold_check(memfd_create("hold", MFD_CLOEXEC | MFD_HUGETLB),
			    "memfd_create");
	struct stat file;
	size_t pages;
	char *at;

	hold_check(fstat(fd, &file), "fstat");
	pages = (size_t)file.st_blksize / hold_page;
	at = hold_place((count + 1) * pages);
	at += -(uintptr_t)at % (size_t)file.st_blksize;
	for (size_t i = 0; i < count; i++)
		hold_map(at + i * pages * hold_page, pages, READ_WRITE,
			 MAP_SHARED | MAP_NORESERVE, fd,
			 (off_t)(i * pages * hold_page));
	close(fd);
}

/* The kernel chooses the place: of a ring it allows nobody else to. */
void hold_io_uring(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct io_uring_params params = { .flags = 0 };
		int fd = hold_check(syscall(SYS_io_uring_setup, 4, &params),
				    "io_uring_setup");

		map_ring(fd, IORING_OFF_SQ_RING);
		map_ring(fd, IORING_OFF_SQES);
		close(fd);
	}
}

static int open_uffd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int flags = O_CLOEXEC | UFFD_USER_MODE_ONLY;
	int fd = hold_check(syscall(SYS_userfaultfd, flags), "userfaultfd");

	hold_check(ioctl(fd, UFFDIO_API, &api), "UFFDIO_API");
	return fd;
}

static void watch(int fd, char *at)
{
	struct uffdio_register range = {
		.range = { (uintptr_t)at, hold_page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	hold_check(ioctl(fd, UFFDIO_REGISTER, &range), "UFFDIO_REGISTER");
}

/* Both are "um"; which descriptor it is does not show. */
void hold_uffd(size_t count)
{
	char *at = hold_place(3 * count);
	int first = open_uffd(), second = open_uffd();

	for (size_t i = 0; i < count; i++, at += 3 * hold_page) {
		hold_map_anon(at, 2, READ_WRITE);
		watch(first, at);
		watch(second, at + hold_page);
	}
}
