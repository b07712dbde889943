// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens the file that is mapped: in containers, and where it is deleted. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "trace/unwind-inside.h"

/* struct open_how of Linux 5.6, which older headers do not have. */
struct how {
	uint64_t flags, mode, resolve;
};
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#define ELFCLASS_OURS (__ELF_NATIVE_CLASS / 32) /* ELFCLASS32, ELFCLASS64 */
#define NO_MAGICLINKS 2				/* RESOLVE_... */
#define IN_ROOT 16

/*
 * Read a file that O_PATH has found. A pipe or a device, which may be in the
 * place of any file of somebody else's, is not even opened.
 */
static int open_regular(int found)
{
	VMP_CLOSE int guard = found;
	char path[40];
	struct stat file;
	int fd;

	if (found < 0 || fstat(found, &file) < 0)
		return -errno;
	if (!S_ISREG(file.st_mode))
		return -ENOEXEC;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", guard);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_link(pid_t tid, const char *link)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)tid, link);
	return open_regular(open(path, O_PATH | O_CLOEXEC));
}

int vmp_file_open(pid_t tid, const char *path)
{
	struct how how = { .flags = O_PATH | O_CLOEXEC,
			   .resolve = IN_ROOT | NO_MAGICLINKS };
	char root[32], whole[PATH_MAX + 32];
	VMP_CLOSE int directory = -1;
	int found;

	snprintf(root, sizeof(root), "/proc/%d/root", (int)tid);
	directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return -errno;
	found = (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
	if (found < 0 && (errno == ENOSYS || errno == EPERM)) {
		/* before 5.6, or forbidden: absolute links lead out of it */
		snprintf(whole, sizeof(whole), "%s%s", root, path);
		found = open(whole, O_PATH | O_CLOEXEC);
	}
	return open_regular(found);
}

static bool has_inode(int fd, uint64_t inode)
{
	struct stat file;

	return fd >= 0 && fstat(fd, &file) == 0 && file.st_ino == inode;
}

static bool is_deleted(const char *name)
{
	static const char suffix[] = " (deleted)";
	size_t length = strlen(name), end = sizeof(suffix) - 1;

	return length > end && !strcmp(name + length - end, suffix);
}

/* Returns: a descriptor of a copy, or a negative errno. */
static int copy_bytes(const void *bytes, size_t size)
{
	int fd = memfd_create("vdso", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, bytes, size) == (ssize_t)size)
		return fd;
	if (fd >= 0)
		close(fd);
	return -ENOEXEC;
}

/*
 * This process's own is the same: a kernel has one for all programs of this
 * machine. Its sections lie in it, and their table at the end.
 */
static int open_vdso(void)
{
	const char *base = (const char *)getauxval(AT_SYSINFO_EHDR);
	ElfW(Ehdr) header;

	if (!base)
		return -ENOENT;
	memcpy(&header, base, sizeof(header));
	return copy_bytes(base, header.e_shoff + (size_t)header.e_shnum *
							 header.e_shentsize);
}

/* Exact, but for CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN alone. */
static int open_mapped(pid_t tid, const struct vmp_code *region)
{
	char link[64];

	snprintf(link, sizeof(link), "map_files/%llx-%llx",
		 (unsigned long long)region->start,
		 (unsigned long long)region->end);
	return open_link(tid, link);
}

static int open_program(pid_t tid, const struct vmp_code *region)
{
	(void)region;
	return open_link(tid, "exe");
}

/* In another mount namespace, names are told as they are there. */
static int open_there(pid_t tid, const struct vmp_code *region)
{
	return vmp_file_open(tid, region->name);
}

/* After a chroot() alone, as they are here. */
static int open_here(pid_t tid, const struct vmp_code *region)
{
	(void)tid;
	return vmp_file_open(getpid(), region->name);
}

int vmp_file_of_code(pid_t tid, const struct vmp_code *region)
{
	static int (*const ways[])(pid_t, const struct vmp_code *) = {
		open_program, open_there, open_here
	};
	int fd;

	if (region->name[0] != '/')
		return strcmp(region->name, "[vdso]") ? -ENOENT : open_vdso();
	fd = open_mapped(tid, region);
	if (fd >= 0)
		return fd;
	for (size_t i = 0; i < VMP_COUNT(ways); i++) {
		fd = ways[i](tid, region);
		if (has_inode(fd, region->inode))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	/* overlayfs tells other inodes in maps, so that they prove nothing */
	return is_deleted(region->name) ? -ENOENT : open_there(tid, region);
}

/* Of this machine, whose class and byte order are those of this program. */
static bool is_ours(const ElfW(Ehdr) * header)
{
	static ElfW(Half) machine;
	ElfW(Ehdr) own;
	VMP_CLOSE int fd = -1;

	if (!machine) {
		fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
		if (fd < 0 || pread(fd, &own, sizeof(own), 0) != sizeof(own))
			return false;
		machine = own.e_machine;
	}
	return !memcmp(header->e_ident, ELFMAG, SELFMAG) &&
	       header->e_ident[EI_CLASS] == ELFCLASS_OURS &&
	       header->e_machine == machine &&
	       header->e_phentsize == sizeof(ElfW(Phdr));
}

/* A segment is mapped from the page on where it begins. */
static bool maps_it(const ElfW(Phdr) * segment, const struct vmp_code *region,
		    uint64_t page_bytes)
{
	return segment->p_type == PT_LOAD && segment->p_flags & PF_X &&
	       segment->p_offset - segment->p_offset % page_bytes <=
		       region->offset &&
	       region->offset < segment->p_offset + segment->p_filesz;
}

int vmp_file_bias(int fd, const struct vmp_code *region, uint64_t *bias)
{
	uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	ElfW(Phdr) segments[64]; /* linkers make about 13 */
	ElfW(Ehdr) header;
	ssize_t n;

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    !is_ours(&header))
		return -ENOEXEC;
	n = pread(fd, segments, sizeof(segments), (off_t)header.e_phoff);
	for (unsigned int i = 0; i < header.e_phnum; i++) {
		if (n < (ssize_t)((i + 1) * sizeof(*segments)))
			break;
		if (!maps_it(&segments[i], region, page_bytes))
			continue;
		*bias = region->start - region->offset + segments[i].p_offset -
			segments[i].p_vaddr;
		return header.e_type == ET_EXEC && *bias ? -ENOEXEC : 0;
	}
	return -ENOEXEC;
}
