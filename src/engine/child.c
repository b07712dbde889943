// SPDX-License-Identifier: GPL-2.0-or-later
/* The worker as a child process: a socket, a shared file, a PID to reap. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/child.h"
#include "engine/operation.h"
#include "lib/internal.h"

extern char **environ;

static bool try_place(char *path, size_t size, const char *directory,
		      const char *tail)
{
	int n = snprintf(path, size, "%s%s/vmaprobe-worker", directory, tail);

	return n > 0 && (size_t)n < size && access(path, X_OK) == 0;
}

int vmp_child_find(char *path, size_t size)
{
	char here[4096];
	ssize_t n = readlink("/proc/self/exe", here, sizeof(here) - 1);
	char *slash;

	here[n > 0 ? n : 0] = '\0';
	slash = strrchr(here, '/');
	if (slash) {
		*slash = '\0';
		if (try_place(path, size, here, "") ||
		    try_place(path, size, here, "/../libexec/vmaprobe"))
			return 0;
	}
	return try_place(path, size, PKGLIBEXECDIR, "") ? 0 : -ENOENT;
}

/* A descriptor above those that the worker's own two will take. */
static int high_fd(int fd)
{
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);

	if (fd >= 0)
		close(fd);
	return high;
}

static int open_channels(struct vmp_child *child, int *theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	child->socket = high_fd(pair[0]);
	*theirs = high_fd(pair[1]);
	child->file = high_fd(memfd_create("vmaprobe", MFD_CLOEXEC));
	if (child->socket >= 0 && *theirs >= 0 && child->file >= 0)
		return 0;
	/* F_DUPFD answers EINVAL where RLIMIT_NOFILE is below its number */
	return errno == EINVAL ? -EMFILE : -errno;
}

/* This environment, with LD_PRELOAD as given. Owns: the caller, the array. */
static char **make_environment(const char *preload, char *variable)
{
	size_t count = 0, n = 0;
	char **copy;

	while (environ[count])
		count++;
	copy = calloc(count + 2, sizeof(*copy));
	if (!copy)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!preload || strncmp(environ[i], "LD_PRELOAD=", 11))
			copy[n++] = environ[i];
	if (preload && *preload)
		copy[n] = variable;
	return copy;
}

static int spawn(struct vmp_child *child, const char *path, char **environment,
		 int theirs)
{
	char *const argv[] = { (char *)path, (char *)"--from-vmaprobe", NULL };
	posix_spawn_file_actions_t actions;
	int error;

	posix_spawn_file_actions_init(&actions);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null",
						 O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&actions, theirs, VMP_WORKER_SOCKET);
	posix_spawn_file_actions_adddup2(&actions, child->file,
					 VMP_WORKER_FILE);
	error = posix_spawn(&child->pid, path, &actions, NULL, argv,
			    environment);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		child->pid = 0;
	return -error;
}

static int read_hello(struct vmp_child *child, struct vmp_hello *hello)
{
	struct pollfd ready = { child->socket, POLLIN, 0 };
	ssize_t n;

	while (poll(&ready, 1, 10000) < 0 && errno == EINTR)
		;
	*hello = (struct vmp_hello){ 0 };
	n = recv(child->socket, hello, sizeof(*hello), MSG_DONTWAIT);
	/* that of another version may be shorter: its number tells */
	return n >= (ssize_t)offsetof(struct vmp_hello, size) ? 0 : -EPROTO;
}

static int check_hello(const struct vmp_hello *hello, const char *path,
		       char *reason, size_t size)
{
	if (memcmp(hello->magic, VMP_PROTOCOL_MAGIC, sizeof(hello->magic)) ||
	    hello->version != VMP_PROTOCOL_VERSION ||
	    hello->size != sizeof(struct vmp_shared) ||
	    hello->operations != VMP_OPERATIONS ||
	    hello->operations_hash != vmp_operations_hash()) {
		snprintf(reason, size,
			 "the worker %s is of another version "
			 "than this program: install both together",
			 path);
		return -EPROTO;
	}
	if (hello->error) {
		snprintf(reason, size, "the worker cannot start: %s",
			 strerror(hello->error));
		return -hello->error;
	}
	return 0;
}

static int start(struct vmp_child *child, const char *path, const char *preload,
		 char *reason, size_t size)
{
	VMP_CLOSE int theirs = -1;
	VMP_FREE char **environment = NULL;
	char variable[4200];
	struct vmp_hello hello;
	int rc = open_channels(child, &theirs);

	snprintf(variable, sizeof(variable), "LD_PRELOAD=%s",
		 preload ? preload : "");
	environment = make_environment(preload, variable);
	if (rc == 0 && !environment)
		rc = -ENOMEM;
	rc = rc < 0 ? rc : spawn(child, path, environment, theirs);
	if (rc < 0) {
		snprintf(reason, size, "cannot start the worker %s: %s", path,
			 strerror(-rc));
		return rc;
	}
	close(theirs);
	theirs = -1;
	rc = read_hello(child, &hello);
	if (rc < 0) {
		snprintf(reason, size,
			 "the worker %s does not answer: it is "
			 "no vmaprobe-worker, or ended at its start",
			 path);
		return rc;
	}
	snprintf(child->libc, sizeof(child->libc), "%.15s", hello.libc);
	snprintf(child->libc_version, sizeof(child->libc_version), "%.15s",
		 hello.libc_version);
	return check_hello(&hello, path, reason, size);
}

int vmp_child_start(struct vmp_child *child, const char *path,
		    const char *preload, char *reason, size_t size)
{
	int rc;

	*child = (struct vmp_child){ .socket = -1, .file = -1 };
	rc = start(child, path, preload, reason, size);
	if (rc < 0)
		vmp_child_end(child);
	return rc;
}

int vmp_child_share(struct vmp_child *child, uint64_t bytes,
		    uint64_t failures_offset)
{
	void *at;
	int rc;

	if (ftruncate(child->file, (off_t)bytes))
		return -errno;
	at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, child->file,
		  0);
	if (at == MAP_FAILED)
		return -errno;
	child->shared = at;
	child->shared_bytes = bytes;
	*child->shared = (struct vmp_shared){
		.magic = VMP_PROTOCOL_MAGIC,
		.version = VMP_PROTOCOL_VERSION,
		.size = sizeof(struct vmp_shared),
		.file_bytes = bytes,
		.failures_offset = failures_offset,
	};
	rc = vmp_child_tell(child, 'm');
	for (int i = 0; rc == 0 && i < 10; i++)
		rc = vmp_child_wait(child, 1000);
	return rc == 'd' ? 0 : rc < 0 ? rc : -EPROTO;
}

int vmp_child_tell(struct vmp_child *child, char message)
{
	if (send(child->socket, &message, 1, MSG_NOSIGNAL) != 1)
		return -errno;
	return 0;
}

int vmp_child_wait(struct vmp_child *child, int milliseconds)
{
	struct pollfd ready = { child->socket, POLLIN, 0 };
	char message;
	ssize_t n;

	if (poll(&ready, 1, milliseconds) <= 0)
		return 0;
	n = recv(child->socket, &message, 1, MSG_DONTWAIT);
	return n == 1 ? message : -EPIPE;
}

static void reap(struct vmp_child *child)
{
	if (!child->pid)
		return;
	/* one that has ended by itself keeps its status */
	if (waitpid(child->pid, &child->status, WNOHANG) != child->pid) {
		kill(child->pid, SIGKILL);
		while (waitpid(child->pid, &child->status, 0) < 0 &&
		       errno == EINTR)
			;
	}
	child->pid = 0;
}

void vmp_child_end(struct vmp_child *child)
{
	reap(child);
	if (child->shared)
		munmap(child->shared, child->shared_bytes);
	child->shared = NULL;
	if (child->socket >= 0)
		close(child->socket);
	if (child->file >= 0)
		close(child->file);
	child->socket = child->file = -1;
}
