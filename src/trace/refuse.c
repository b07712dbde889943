// SPDX-License-Identifier: GPL-2.0-or-later
/* What the back ends share: reasons why not, and doubt. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/internal.h"
#include "trace/trace.h"

int vmp_trace_refuse(struct vmp_trace_result *result, int rc, const char *what)
{
	snprintf(result->reason, sizeof(result->reason), "cannot %s: %s", what,
		 strerror(-rc));
	return rc;
}

__attribute__((format(printf, 3, 4))) static int
say(struct vmp_trace_result *result, int rc, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(result->reason, sizeof(result->reason), format, values);
	va_end(values);
	return rc;
}

/* A first thread may be a zombie while the others go on. */
static bool has_ended(const char *status)
{
	return strstr(status, "\nState:\tZ") &&
	       vmp_field(status, "Threads:", 1) <= 1;
}

int vmp_trace_look_at(struct vmp_trace_result *result, pid_t pid, bool alone)
{
	char path[64], status[VMP_STATUS_WINDOW];
	int id = (int)pid;
	uint64_t tracer;

	snprintf(path, sizeof(path), "/proc/%d/status", id);
	if (vmp_read_file(path, status, sizeof(status)) <= 0)
		return say(result, -ESRCH, "there is no process %d", id);
	if (has_ended(status))
		return say(result, -ESRCH,
			   "process %d has ended; only its parent has not yet "
			   "taken note (a zombie)",
			   id);
	if (!strstr(status, "\nVmSize:") && !strstr(status, "\nState:\tZ"))
		return say(result, -ESRCH,
			   "process %d has no memory of its own, as a thread "
			   "of the kernel or one that is about to end",
			   id);
	tracer = vmp_field(status, "TracerPid:", 0);
	if (alone && tracer)
		return say(result, -EPERM,
			   "process %d is traced already, by process %" PRIu64
			   " (a debugger or strace?), and can have one tracer "
			   "only; --backend=bpf can join in",
			   id, tracer);
	if (alone && pid == getpid())
		return say(result, -EPERM, "vmaprobe cannot trace itself");
	return 0;
}

void vmp_trace_doubt(struct vmp_diagnosis *diagnosis)
{
	if (diagnosis->certainty == VMP_CERTAIN)
		diagnosis->certainty = VMP_LIKELY;
	if (diagnosis->map_limit == VMP_CERTAIN)
		diagnosis->map_limit = VMP_LIKELY;
}
