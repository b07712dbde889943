/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs for the kernel, as our own program holds and loads them. */
#ifndef VMP_BPF_OBJECT_H
#define VMP_BPF_OBJECT_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* NAME.bpf.c, compiled; the path is relative to the build directory. */
#define VMP_BPF_EMBED(name)                                                \
	__asm__(".pushsection .rodata\n"                                   \
		".balign 8\n"                                              \
		".globl vmp_" #name "_object, vmp_" #name "_object_end\n"  \
		".hidden vmp_" #name "_object, vmp_" #name "_object_end\n" \
		"vmp_" #name "_object: .incbin \"src/trace/" #name         \
		".bpf.o\"\n"                                               \
		"vmp_" #name "_object_end: .byte 0\n"                      \
		".popsection");                                            \
	extern const char vmp_##name##_object[]                            \
		__attribute__((visibility("hidden")));                     \
	extern const char vmp_##name##_object_end[]                        \
		__attribute__((visibility("hidden")))

/* Returns: 0 or a negative errno. Notes: silences libbpf for this process. */
int vmp_bpf_open(const char *start, const char *end,
		 struct bpf_object **object);

#define VMP_BPF_OPEN(name, object) \
	vmp_bpf_open(vmp_##name##_object, vmp_##name##_object_end, object)

/*
 * Say why it does not work here; the kernel has many words for "too old".
 * In: rc, what the kernel or libbpf answered; what it cannot do then, and what
 *   that takes, where none of the other reasons fits.
 * Returns: rc, or -ENOTSUP in its place.
 */
int vmp_bpf_refuse(int rc, const char *does, const char *takes, char *reason,
		   size_t size);

/*
 * Read what an iterator writes, of which it may be the first part.
 * Returns: bytes; 0, there is no more; or a negative errno.
 */
ssize_t vmp_bpf_read(int fd, void *to, size_t size);

void vmp_bpf_close_object(struct bpf_object **object);
void vmp_bpf_destroy_link(struct bpf_link **link);

#define VMP_BPF_OBJECT __attribute__((cleanup(vmp_bpf_close_object)))
#define VMP_BPF_LINK __attribute__((cleanup(vmp_bpf_destroy_link)))

#endif
