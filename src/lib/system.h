/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What bounds mappings on this system, beside the figures of vmaprobe.h: where
 * the limit came from, and what kind of system this is. For "vmaprobe limits".
 *
 *   /proc/sys, /proc/cmdline, sysctl.d files, /etc/os-release, /proc/self
 *     -> struct vmp_system
 */
#ifndef VMP_SYSTEM_H
#define VMP_SYSTEM_H

#include "lib/vmaprobe.h"

/*
 * Where the value of vm.max_map_count comes from, as far as files tell. In a
 * container the files are its own, and the value is the host's: what they say
 * counts where it is just this value.
 */
enum vmp_limit_source {
	VMP_SOURCE_KERNEL,  /* no file sets it, and it is the kernel's default;
			      or gVisor's, which nothing can set */
	VMP_SOURCE_FILE,    /* a sysctl.d file sets just this value */
	VMP_SOURCE_CMDLINE, /* sysctl.vm.max_map_count= of the kernel */
	VMP_SOURCE_OTHER,   /* files say another value, or none: was written
			      since the start */
	VMP_SOURCES
};

/* "kernel", "file", "cmdline", "other"; NULL beyond the last. */
const char *vmp_limit_source_name(enum vmp_limit_source source);

/* A setting of vm.max_map_count, in a file that sysctl --system reads. */
struct vmp_setting {
	char path[512]; /* as the system sees it; "" no file sets it */
	unsigned int line;
	int64_t value;	   /* -1: none */
	bool distribution; /* a package's file, not the administrator's */
};

struct vmp_system {
	char kernel[65], machine[65];
	char distribution[128]; /* PRETTY_NAME of os-release; "" not known */
	enum vmp_limit_source source;
	char source_path[512]; /* of the file that wins, as sysctl --system
				   reads them; "" where none sets it */
	unsigned int source_line;
	int64_t source_value;	/* that this file says, or the command line
				   where that is the source; -1: none */
	bool source_is_default; /* the file is the distribution's */
	char container[32];	/* "docker", "podman", "lxc", "kubernetes",
				   "container" (some); "" none that shows */
	char sandbox[32];	/* "gvisor"; "" none that shows */
	char hypervisor[32];	/* "wsl2"; "" none that matters */
};

/*
 * Out: *system; what cannot be read is left empty.
 * Returns: 0, or what vmp_map_limit() answers.
 */
int vmp_system_read(struct vmp_ctx *ctx, struct vmp_system *system);

/*
 * The same with other roots, for tests: etc is root + "/etc/sysctl.d" and so
 * on. A symbolic link with an absolute target leads out of such a tree.
 * Errors: also -ENAMETOOLONG, a root of more than 200 bytes.
 */
int vmp_system_read_from(struct vmp_ctx *ctx, const char *root,
			 struct vmp_system *system);

/* The rest is shared by the files that make it up, and by their tests. */

/* What a line of a sysctl.d file is to vm.max_map_count. */
enum vmp_sysctl_line {
	VMP_LINE_NOTHING, /* another key, a comment, no line of such a file */
	VMP_LINE_VALUE,	  /* sets it */
	VMP_LINE_GLOB,	  /* sets it by a pattern, if no other line names it */
	VMP_LINE_EXCLUDED /* keeps patterns from setting it: "-key", or a value
			     that the kernel refuses */
};

/*
 * Out: *value with VALUE and GLOB.
 * Notes: pure; line needs no terminator, and ends at a NUL byte.
 */
enum vmp_sysctl_line vmp_sysctl_line(const char *line, size_t length,
				     int64_t *value);

/*
 * The number in what is written to /proc/sys/vm/max_map_count.
 * Returns: it, or -1 where the kernel would refuse the text.
 */
int64_t vmp_sysctl_value(const char *text, size_t length);

/*
 * Read the sysctl.d files below root.
 * In: limit, that the system has: it decides where the readers disagree.
 * Out: *setting, the last that is made; path "" and value -1 where there is
 *   none.
 */
void vmp_sysctl_find(const char *root, int64_t limit,
		     struct vmp_setting *setting);

/*
 * Open what has to be a regular file, whatever it is: never blocks.
 * Returns: a descriptor, or a negative errno; -EINVAL, another kind of file.
 */
int vmp_open_regular(const char *path);

/* Sets container, sandbox and hypervisor. In: system->kernel. */
void vmp_place_read(struct vmp_ctx *ctx, const char *root, int64_t limit,
		    struct vmp_system *system);

/* The first size - 1 bytes of a regular file, terminated; "" without one. */
size_t vmp_read_text(const char *path, char *text, size_t size);

#endif
