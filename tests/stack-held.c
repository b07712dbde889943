// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program with a known stack: for each word that it is given it makes one
 * call of munmap() with a length that nobody else uses, in a way of its own.
 * Where stack-probe traces it, it is held there.
 */
#include <dlfcn.h>
#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "stack.h"

/* A frame of its own: not inlined, and what it calls last comes back to it. */
#define FRAME __attribute__((noinline))
#define COME_BACK __asm__ volatile("" ::: "memory")

static const char *library = "";
static char *address; /* of what is unmapped, and was never mapped */

FRAME static void stack_inner(void)
{
	munmap(address, STACK_MARK);
	COME_BACK;
}

FRAME static void stack_middle(void)
{
	stack_inner();
	COME_BACK;
}

FRAME static void stack_outer(void)
{
	stack_middle();
	COME_BACK;
}

FRAME static void stack_free(void)
{
	char *volatile memory = malloc(STACK_MARK - 4096);

	free(memory);
	COME_BACK;
}

FRAME static void stack_into_library(void)
{
	void *handle = dlopen(library, RTLD_NOW);
	void (*enter)(void (*)(void)) = NULL;

	if (handle)
		*(void **)&enter = dlsym(handle, "stack_library_enter");
	if (!enter)
		errx(1, "%s", dlerror());
	enter(stack_inner);
	COME_BACK;
}

/* With a frame pointer, as most JITs make code. */
static const unsigned char code[] = {
#if defined(__x86_64__)
	0x55,			      /* push %rbp */
	0x48, 0x89, 0xe5,	      /* mov %rsp, %rbp */
	0xb8, 0x0b, 0x00, 0x00, 0x00, /* mov $SYS_munmap, %eax */
	0x0f, 0x05,		      /* syscall */
	0x5d,			      /* pop %rbp */
	0xc3,			      /* ret */
#elif defined(__aarch64__)
	0xfd, 0x7b, 0xbf, 0xa9, /* stp x29, x30, [sp, #-16]! */
	0xfd, 0x03, 0x00, 0x91, /* mov x29, sp */
	0xe8, 0x1a, 0x80, 0xd2, /* mov x8, #SYS_munmap */
	0x01, 0x00, 0x00, 0xd4, /* svc #0 */
	0xfd, 0x7b, 0xc1, 0xa8, /* ldp x29, x30, [sp], #16 */
	0xc0, 0x03, 0x5f, 0xd6, /* ret */
#else
	0,
#endif
};

static void *make_code(void)
{
	char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		err(1, "mmap");
	memcpy(memory + STACK_CODE_AT, code, sizeof(code));
	__builtin___clear_cache(memory, memory + 4096);
	return memory + STACK_CODE_AT;
}

static void call_code(void *at)
{
	void (*function)(void *, size_t);

	*(void **)&function = at;
	function(address, STACK_MARK);
}

FRAME static void stack_jit(void)
{
	call_code(make_code());
	COME_BACK;
}

/* Says where the names are, as JITs do it for perf. */
FRAME static void stack_jit_named(void)
{
	void *at = make_code();
	char path[64];
	FILE *map;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	map = fopen(path, "w");
	if (!map)
		err(1, "%s", path);
	fprintf(map,
		"nonsense\n%llx 10 LazyCompile:old\n%llx %zx "
		"LazyCompile:*made it.js:1\n",
		(unsigned long long)(uintptr_t)at,
		(unsigned long long)(uintptr_t)at, sizeof(code));
	fclose(map);
	call_code(at);
	COME_BACK;
	unlink(path);
}

FRAME static void stack_handler(int number)
{
	(void)number;
	stack_inner();
	COME_BACK;
}

static void handle(int flags)
{
	struct sigaction action = { .sa_flags = flags };

	action.sa_handler = stack_handler;
	sigaction(SIGUSR1, &action, NULL);
}

FRAME static void stack_signal(void)
{
	handle(0);
	raise(SIGUSR1);
	COME_BACK;
}

FRAME static void stack_alternate(void)
{
	stack_t other = { .ss_size = 1 << 20 };

	other.ss_sp = malloc(other.ss_size);
	sigaltstack(&other, NULL);
	handle(SA_ONSTACK);
	raise(SIGUSR1);
	COME_BACK;
}

FRAME static void stack_large(void)
{
	volatile char large[1 << 20];

	large[0] = 1;
	stack_inner();
	COME_BACK;
	large[1] = large[0];
}

FRAME static void stack_deep(void)
{
	static volatile int depth = 300;

	if (depth--)
		stack_deep();
	else
		stack_inner();
	COME_BACK;
}

FRAME static void *stack_start(void *unused)
{
	stack_outer();
	COME_BACK;
	return unused;
}

static void in_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, stack_start, NULL))
		errx(1, "no thread");
	pthread_join(thread, NULL);
}

/* The first thread ends: what /proc/PID tells is empty from there. */
static void *outlive(void *first)
{
	pthread_join(*(pthread_t *)first, NULL);
	stack_outer();
	exit(0);
}

static void leader_ends(void)
{
	static pthread_t self;
	pthread_t thread;

	self = pthread_self();
	if (pthread_create(&thread, NULL, outlive, &self))
		errx(1, "no thread");
	pthread_exit(NULL);
}

FRAME static void gone(void)
{
	char path[4096] = "";

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0 ||
	    unlink(path))
		err(1, "unlink %s", path);
	stack_outer();
	COME_BACK;
}

/* stack-probe goes on by single steps until it is in the vdso. */
FRAME static void stack_clock(void)
{
	struct timespec now;

	stack_inner();
	clock_gettime(CLOCK_MONOTONIC, &now);
	COME_BACK;
}

/* A stack that leads nowhere: its return addresses are overwritten. */
FRAME static void stack_smashed(void)
{
#if defined(__x86_64__)
	static char other[4096];

	memset(other, 0x5a, sizeof(other));
	__asm__ volatile("lea %0, %%rsp\n"
			 "syscall\n"
			 "mov $60, %%eax\n"
			 "syscall\n"
			 :
			 : "m"(other[2048]), "a"(11), "D"(address),
			   "S"((long)STACK_MARK)
			 : "rcx", "r11", "memory");
#else
	exit(77);
#endif
}

static const struct way {
	const char *name;
	void (*go)(void);
} ways[] = {
	{ "plain", stack_outer },   { "free", stack_free },
	{ "jit", stack_jit },	    { "jit-named", stack_jit_named },
	{ "signal", stack_signal }, { "alternate", stack_alternate },
	{ "large", stack_large },   { "deep", stack_deep },
	{ "thread", in_thread },    { "leader-ends", leader_ends },
	{ "gone", gone },	    { "library", stack_into_library },
	{ "clock", stack_clock },   { "smashed", stack_smashed },
};

static void go(const char *name)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(ways[i].name, name))
			ways[i].go();
}

/* In: ways; what holds a slash is the library. */
int main(int argc, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	address = mmap(NULL, STACK_MARK, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (address == MAP_FAILED || mprotect(address, 4096, PROT_READ))
		err(1, "mmap");
	for (int i = 1; i < argc; i++) {
		if (strchr(argv[i], '/'))
			library = argv[i];
		else
			go(argv[i]);
	}
	return 0;
}
