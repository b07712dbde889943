// SPDX-License-Identifier: GPL-2.0-or-later
/* Which processes: reads the options that top and check share. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/processes.h"
#include "lib/internal.h"
#include "report/style.h"
#include "watch/proc.h"

/* What the items of a list are, and where they go. */
struct items {
	const char *option, *wanted;
	/* Returns: false where the text is none. */
	bool (*add)(struct vmp_process_choice *choice, const char *text);
	size_t count; /* so far */
};

/* All of it digits. Returns: false where it is not, or is over `most`. */
static bool read_number(const char *text, unsigned long most,
			unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno &&
	       *value <= most;
}

static bool add_pid(struct vmp_process_choice *choice, const char *text)
{
	unsigned long pid;

	if (!read_number(text, INT_MAX, &pid) || !pid)
		return false;
	choice->pids[choice->request.pid_count++] = (pid_t)pid;
	return true;
}

/* A name of digits is a name, as chown(1) has it. */
static bool add_user(struct vmp_process_choice *choice, const char *text)
{
	const struct passwd *entry = *text ? getpwnam(text) : NULL;
	unsigned long uid;

	/* (uid_t)-1 is no user */
	if (!entry && !read_number(text, UINT_MAX - 1, &uid))
		return false;
	choice->users[choice->request.user_count++] = entry ? entry->pw_uid
							    : (uid_t)uid;
	return true;
}

/* In: text, of one option: items between commas. */
static int read_items(const struct vmp_command *self, struct items *items,
		      const char *text, struct vmp_process_choice *choice)
{
	VMP_FREE char *copy = strdup(text);
	char *rest = copy, *item, shown[200], part[100];

	while (copy && (item = strsep(&rest, ",")) != NULL) {
		if (items->count++ == VMP_LIST_SIZE)
			return vmp_usage_error(self,
					       "--%s: no more than %d of these",
					       items->option, VMP_LIST_SIZE);
		if (!items->add(choice, item))
			return vmp_usage_error(
				self, "--%s=%s: \"%s\" is not %s",
				items->option,
				vmp_escape(text, shown, sizeof(shown)),
				vmp_escape(item, part, sizeof(part)),
				items->wanted);
	}
	return VMP_EXIT_OK;
}

static int read_list(const struct vmp_command *self, struct items *items,
		     const struct vmp_list *list,
		     struct vmp_process_choice *choice)
{
	int rc = VMP_EXIT_OK;

	for (size_t i = 0; i < list->count && rc == VMP_EXIT_OK; i++)
		rc = read_items(self, items, list->item[i], choice);
	return rc;
}

int vmp_processes_read(const struct vmp_command *self,
		       const struct vmp_process_values *values,
		       struct vmp_process_choice *choice)
{
	struct items pids = { "pid", "the number of a process", add_pid, 0 };
	struct items users = { "user", "the name or number of a user", add_user,
			       0 };
	struct vmp_watch_request *request = &choice->request;
	int rc;

	*request = (struct vmp_watch_request){
		.backend = (enum vmp_watch_backend)values->backend,
		.pids = choice->pids,
		.users = choice->users,
		.command = values->command,
	};
	rc = read_list(self, &pids, &values->pids, choice);
	if (rc == VMP_EXIT_OK)
		rc = read_list(self, &users, &values->users, choice);
	return rc;
}

const char *vmp_process_remedy(void)
{
	return geteuid() ? "try again as its user or as root"
			 : "this root may not trace it (CAP_SYS_PTRACE)";
}

/* A zombie has an empty list of mappings: there it counts as ended. */
static bool exists(struct vmp_ctx *ctx, pid_t pid)
{
	char path[300];

	vmp_proc_path(ctx, pid, "stat", path, sizeof(path));
	return access(path, F_OK) == 0;
}

void vmp_process_missing(struct vmp_ctx *ctx, pid_t pid, char *reason,
			 size_t size)
{
	int64_t count = vmp_count(ctx, pid);

	if (count == -ESRCH && !exists(ctx, pid))
		snprintf(reason, size, "there is no process %d", (int)pid);
	else if (count == -EACCES || count == -EPERM)
		snprintf(reason, size, "process %d may not be read; %s",
			 (int)pid, vmp_process_remedy());
	else if (count < 0 && count != -ESRCH)
		snprintf(reason, size, "%s", vmp_error(ctx));
	else if (!vmp_proc_is_process(ctx, pid))
		snprintf(reason, size, "%d is a thread, and no process",
			 (int)pid);
	else if (count > 0) /* BPF leaves out what it cannot count */
		snprintf(reason, size,
			 "process %d was not counted; try again with "
			 "--backend=maps",
			 (int)pid);
	else
		snprintf(
			reason, size,
			"process %d has no mappings that can be counted: it is "
			"a kernel thread, or has ended and waits for its "
			"parent",
			(int)pid);
}

static bool is_in_sample(const struct vmp_sample *sample, pid_t pid)
{
	for (size_t i = 0; i < sample->count; i++)
		if (sample->processes[i].pid == pid)
			return true;
	return false;
}

bool vmp_process_left_out(struct vmp_ctx *ctx,
			  const struct vmp_watch_request *request,
			  const struct vmp_sample *sample, pid_t pid,
			  char *reason, size_t size)
{
	if (is_in_sample(sample, pid))
		return false;
	if ((request->user_count || request->command) &&
	    vmp_count(ctx, pid) > 0)
		snprintf(reason, size,
			 "process %d is not among those that --user and "
			 "--comm ask for",
			 (int)pid);
	else
		vmp_process_missing(ctx, pid, reason, size);
	return true;
}
