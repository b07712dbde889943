// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens programs for the kernel, and says why the kernel refuses them. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

#ifdef HAVE_BPF

#include "trace/bpf-object.h"

void vmp_bpf_close_object(struct bpf_object **object)
{
	bpf_object__close(*object);
}

void vmp_bpf_destroy_link(struct bpf_link **link)
{
	bpf_link__destroy(*link);
}

int vmp_bpf_open(const char *start, const char *end, struct bpf_object **object)
{
	struct bpf_object_open_opts options;

	libbpf_set_print(NULL);
	/* not an initialiser: libbpf refuses padding that is not 0 */
	memset(&options, 0, sizeof(options));
	options.sz = sizeof(options);
	options.object_name = "vmaprobe";
	*object = bpf_object__open_mem(start, (size_t)(end - start), &options);
	return *object ? 0 : -errno;
}

ssize_t vmp_bpf_read(int fd, void *to, size_t size)
{
	ssize_t bytes;

	do
		/* EAGAIN: a million of objects in a row of which none is shown */
		bytes = read(fd, to, size);
	while (bytes < 0 && (errno == EAGAIN || errno == EINTR));
	return bytes < 0 ? -errno : bytes;
}

int vmp_bpf_refuse(int rc, const char *does, const char *takes, char *reason,
		   size_t size)
{
	switch (rc) {
	case -EPERM:
		snprintf(reason, size,
			 "needs CAP_BPF and CAP_PERFMON, outside of "
			 "containers: run it as root");
		return rc;
	case -ENOMEM:
	case -EMFILE:
	case -ENFILE:
		snprintf(reason, size, "cannot load a BPF program: %s",
			 strerror(-rc));
		return rc;
	default:
		snprintf(reason, size,
			 "this kernel cannot %s (%s): it takes %s", does,
			 strerror(-rc), takes);
		return -ENOTSUP;
	}
}

#endif
