// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe-worker: takes steps from the observer and carries them out. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#include "worker/cell.h"
#include "worker/worker.h"

static int (*const calls[VMP_VERBS])(struct worker *w,
				     const struct vmp_step_order *s,
				     struct target *t) = {
#define VERB(name, ...) [VMP_VERB_##name] = call_##name,
#include "engine/verbs.def"
#undef VERB
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Without an observer there is nothing left to do. */
static void tell(char message)
{
	if (write(VMP_WORKER_SOCKET, &message, 1) != 1)
		_exit(1);
}

static char next_message(void)
{
	char got = 0;
	ssize_t n;

	do {
		n = read(VMP_WORKER_SOCKET, &got, 1);
	} while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(n ? 1 : 0);
	return got;
}

static void wait_for(char message)
{
	if (next_message() != message)
		_exit(1);
}

/* Hold still until the observer has looked. */
static void stop(struct worker *w, char why)
{
	vmp_oracle_ask(&w->oracle, &w->shared->oracles);
	tell(why);
	if (why != 'd')
		wait_for('g');
}

static struct vmp_region *member(const struct worker *w,
				 const struct vmp_group_area *area, uint64_t i)
{
	char *file = (char *)w->shared;

	return (struct vmp_region *)(file + area->offset) + i;
}

/* Choose the part of the region that the step names. */
static void choose_part(const struct worker *w, const struct vmp_step_order *s,
			uint64_t part, struct target *t)
{
	uint64_t at = (uint64_t)s->key[VMP_KEY_at] +
		      part * (uint64_t)s->key[VMP_KEY_stride];
	uint64_t rest = at < t->region->length ? t->region->length - at : 0;

	t->address = t->region->address + at;
	t->length = s->has_length ? (uint64_t)s->key[VMP_KEY_length] : rest;
	t->whole = !s->in_area && at == 0 && t->length >= t->region->length;
	t->onto = t->region->address + (uint64_t)s->key[VMP_KEY_onto] +
		  part * (uint64_t)s->key[VMP_KEY_onto_stride];
	/* a region that was resized may be too short for the part */
	if (at >= t->region->length ||
	    t->length > vmp_whole_pages(t->region->length, w->page_bytes) - at)
		t->length = 0;
}

/* Returns: false where the member has no region (any more). */
static bool choose(const struct worker *w, const struct vmp_step_order *s,
		   uint64_t i, struct target *t)
{
	uint64_t index = s->first + i * s->every;

	*t = (struct target){ .index = i };
	if (!s->group.members)
		return true;
	t->region = member(w, &s->group, index / s->parts);
	if (s->to.members)
		t->to = member(w, &s->to, index / s->parts);
	if (s->verb == VMP_VERB_map || s->verb == VMP_VERB_malloc ||
	    s->verb == VMP_VERB_area) {
		t->length = (uint64_t)s->key[VMP_KEY_length];
		return true;
	}
	choose_part(w, s, index % s->parts, t);
	return t->region->address && t->length && (!t->to || t->to->address);
}

/* What this call asked to give back, in whole pages, is still there. */
static uint64_t leaked_bytes(const struct worker *w,
			     const struct vmp_step_order *s,
			     const struct target *t)
{
	if (s->verb != VMP_VERB_unmap && s->verb != VMP_VERB_free)
		return 0;
	return vmp_whole_pages(t->length, w->page_bytes);
}

/* A step that is under way: alone, or one of those that take turns. */
struct lane {
	struct vmp_step_order order; /* a copy: read before each call */
	struct vmp_step_progress *progress;
	struct vmp_call_failure *kept;
	uint64_t next_sample;
	struct vmp_claims before;
};

static void note_failure(struct worker *w, struct lane *l,
			 const struct target *t, int error)
{
	struct vmp_step_progress *p = l->progress;
	struct vmp_call_failure f = {
		.index = p->calls,
		.address = t->address,
		.length = t->length,
		.error = error,
	};

	if (p->failures < l->order.failures_kept)
		l->kept[p->failures++] = f;
	if (!p->failed)
		p->first = f;
	p->failed++;
	p->leaked_bytes += leaked_bytes(w, &l->order, t);
}

/* Call number i of a step. Returns: shall the observer look? */
static bool call_one(struct worker *w, struct lane *l, uint64_t i)
{
	struct vmp_step_progress *p = l->progress;
	struct target t;
	bool look;
	int error;

	if (!choose(w, &l->order, i, &t))
		return false;
	w->progress = p;
	error = calls[l->order.verb](w, &l->order, &t);
	look = error && !p->failed;
	if (error)
		note_failure(w, l, &t, error);
	p->calls++;
	return look || p->calls == l->next_sample;
}

static void run_calls(struct worker *w, struct lane *lanes, uint32_t count)
{
	uint64_t started = now(), most = 0;

	for (uint32_t j = 0; j < count; j++)
		if (lanes[j].order.calls > most)
			most = lanes[j].order.calls;
	for (uint64_t i = 0; i < most; i++)
		for (uint32_t j = 0; j < count; j++) {
			struct lane *l = &lanes[j];

			if (i >= l->order.calls || !call_one(w, l, i))
				continue;
			lanes->progress->nanoseconds += now() - started;
			if (l->progress->calls == l->next_sample)
				l->next_sample += l->order.sample_every;
			w->shared->current = j;
			stop(w, 's');
			started = now();
		}
	lanes->progress->nanoseconds += now() - started;
}

static void begin_lane(struct worker *w, struct lane *l, uint32_t j)
{
	char *kept = (char *)w->shared + w->shared->failures_offset;

	l->order = w->shared->steps[j];
	l->progress = &w->shared->progress[j];
	l->kept = (struct vmp_call_failure *)kept + j * l->order.failures_kept;
	l->next_sample = l->order.sample_every;
	l->before = (struct vmp_claims){ 0 };
	*l->progress = (struct vmp_step_progress){ 0 };
	if (l->order.verb == VMP_VERB_free)
		w->claims = l->before = vmp_read_claims();
}

static void run_steps(struct worker *w)
{
	struct lane lanes[VMP_MOST_TURNS];
	uint32_t count = w->shared->step_count;

	if (!count || count > VMP_MOST_TURNS)
		_exit(1);
	for (uint32_t j = 0; j < count; j++)
		begin_lane(w, &lanes[j], j);
	run_calls(w, lanes, count);
	for (uint32_t j = 0; j < count; j++) {
		struct lane *l = &lanes[j];

		l->progress->claims = l->before.known;
		if (l->before.known && l->before.bytes > w->claims.bytes)
			l->progress->claimed_bytes =
				l->before.bytes - w->claims.bytes;
	}
	stop(w, 'd');
}

static int map_file(struct worker *w)
{
	struct stat file;
	void *at;

	if (fstat(VMP_WORKER_FILE, &file))
		return -errno;
	at = mmap(NULL, (size_t)file.st_size, PROT_READ | PROT_WRITE,
		  MAP_SHARED, VMP_WORKER_FILE, 0);
	if (at == MAP_FAILED)
		return -errno;
	w->shared = at;
	if (memcmp(w->shared->magic, VMP_PROTOCOL_MAGIC, 8) ||
	    w->shared->version != VMP_PROTOCOL_VERSION ||
	    w->shared->size != sizeof(*w->shared) ||
	    w->shared->file_bytes != (uint64_t)file.st_size)
		return -EPROTO;
	return 0;
}

static void share_file(struct worker *w)
{
	if (w->shared || map_file(w) < 0)
		_exit(1);
	tell('d');
}

static void serve(struct worker *w)
{
	switch (next_message()) {
	case 'm':
		share_file(w);
		return;
	case 'g':
		if (!w->shared)
			break;
		run_steps(w);
		return;
	case 'c':
		vmp_serve_cell(w);
		return;
	}
	_exit(1);
}

static int say_hello(struct worker *w)
{
	struct vmp_hello hello = {
		.magic = VMP_PROTOCOL_MAGIC,
		.version = VMP_PROTOCOL_VERSION,
		.size = sizeof(struct vmp_shared),
		.page_bytes = (uint32_t)w->page_bytes,
		.operations = VMP_OPERATIONS,
		.operations_hash = vmp_operations_hash(),
	};

#ifdef __GLIBC__
	strcpy(hello.libc, "glibc");
	strncpy(hello.libc_version, gnu_get_libc_version(),
		sizeof(hello.libc_version) - 1);
#else
	strcpy(hello.libc, "libc");
#endif
	hello.error = -vmp_oracle_reserve(&w->oracle, VMP_WORKER_FILE);
	if (write(VMP_WORKER_SOCKET, &hello, sizeof(hello)) != sizeof(hello))
		return -EPIPE;
	return -hello.error;
}

/* Should memory run out, this program is the one to go, not its observer. */
static void offer_to_oom_killer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "1000", 4) != 4)
		errno = 0; /* the observer is as good a choice then */
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct worker w = {
		.page_bytes = (size_t)sysconf(_SC_PAGESIZE),
		.file = -1,
	};

	/* what the truth table's exec() starts */
	if (argc == 2 && !strcmp(argv[1], "--exit"))
		return 0;
	if (argc != 2 || strcmp(argv[1], "--from-vmaprobe")) {
		fputs("vmaprobe-worker: started by vmaprobe, not by hand\n",
		      stderr);
		return 2;
	}
	/* Ctrl-C is for the observer, which ends this program then. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	offer_to_oom_killer();
	if (say_hello(&w) < 0)
		return 1;
	for (;;)
		serve(&w);
}
