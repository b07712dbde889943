// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operations that are about a forked child: one child for all cells of a row,
 * for at a limit of a million a fork takes a second. It has the mappings of
 * this process, ballast and all, and makes the cells in its place.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "worker/cell.h"

static struct {
	pid_t pid; /* 0: there is none */
	int socket;
} heir;

/* The scene is inherited and stays; what the call made is undone. */
static _Noreturn void serve(struct cell *c, struct room *r, int fd)
{
	int64_t level = vmp_room_level(r);
	int headroom;

	while (read(fd, &headroom, sizeof(headroom)) == sizeof(headroom)) {
		struct vmp_cell answer = { 0 };

		vmp_cell_call(c, r, headroom, &answer);
		vmp_room_bring(r, SLACK);
		if (c->row->attempt->undo)
			c->row->attempt->undo(c);
		answer.restored = vmp_room_level(r) == level;
		if (write(fd, &answer, sizeof(answer)) != sizeof(answer))
			break;
	}
	_exit(0);
}

static int start(struct cell *c, struct room *r)
{
	int ends[2], error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return errno;
	heir.pid = fork();
	error = errno; /* close() may write another one */
	if (heir.pid == 0) {
		close(ends[0]);
		close(VMP_WORKER_SOCKET);
		serve(c, r, ends[1]);
	}
	close(ends[1]);
	heir.socket = ends[0];
	if (heir.pid > 0)
		return 0;
	close(ends[0]);
	heir.pid = 0;
	return error;
}

static int end(void)
{
	int status = 0;

	close(heir.socket);
	while (waitpid(heir.pid, &status, 0) < 0 && errno == EINTR)
		;
	heir.pid = 0;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

void vmp_heir_call(struct cell *c, struct room *r, int headroom,
		   struct vmp_cell *answer)
{
	int error = heir.pid ? 0 : start(c, r);

	if (error) {
		answer->result = VMP_CELL_CANNOT;
		answer->error = error;
		return;
	}
	if (send(heir.socket, &headroom, sizeof(headroom), MSG_NOSIGNAL) ==
		    sizeof(headroom) &&
	    read(heir.socket, answer, sizeof(*answer)) == sizeof(*answer))
		return;
	*answer =
		(struct vmp_cell){ .result = VMP_CELL_KILLED, .error = end() };
}

void vmp_heir_end(void)
{
	if (heir.pid)
		end();
}
