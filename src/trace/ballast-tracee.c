// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes a stopped thread do system calls and run code, and puts all back. */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/internal.h"
#include "trace/ballast-tracee.h"

enum { WORD = sizeof(long) };

static const uint64_t trap_bit = UINT64_C(1) << (SIGTRAP - 1);

static int peek_word(pid_t tid, uint64_t address, long *word)
{
	errno = 0;
	*word = ptrace(PTRACE_PEEKDATA, tid, (void *)(uintptr_t)address, NULL);
	return -errno;
}

/* By whole words, so that none reaches into a page that is not asked for. */
static int transfer(pid_t tid, uint64_t address, unsigned char *to,
		    const unsigned char *from, size_t bytes)
{
	uint64_t start = address - address % WORD;
	long word;
	int rc = 0;

	for (; rc == 0 && start < address + bytes; start += WORD) {
		unsigned char *p = (unsigned char *)&word;

		rc = peek_word(tid, start, &word);
		for (int i = 0; rc == 0 && i < WORD; i++) {
			if (start + i < address || start + i >= address + bytes)
				continue;
			if (to)
				to[start + i - address] = p[i];
			else
				p[i] = from[start + i - address];
		}
		if (rc == 0 && from &&
		    ptrace(PTRACE_POKEDATA, tid, (void *)(uintptr_t)start,
			   (void *)word))
			rc = -errno;
	}
	return rc;
}

int vmp_tracee_peek(pid_t tid, uint64_t address, void *to, size_t bytes)
{
	return transfer(tid, address, to, NULL, bytes);
}

int vmp_tracee_poke(pid_t tid, uint64_t address, const void *from, size_t bytes)
{
	return transfer(tid, address, NULL, from, bytes);
}

int vmp_tracee_registers(pid_t tid, uint64_t *words)
{
	struct iovec io = { words, VMP_USER_REGISTERS * sizeof(*words) };

	if (ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &io))
		return -errno;
	return io.iov_len == vmp_machine->words * sizeof(*words) ? 0 : -ENOTSUP;
}

int vmp_tracee_set_registers(pid_t tid, uint64_t *words)
{
	struct iovec io = { words, vmp_machine->words * sizeof(*words) };

	return ptrace(PTRACE_SETREGSET, tid, (void *)NT_PRSTATUS, &io) ? -errno
								       : 0;
}

int vmp_tracee_wait(pid_t tid, int *event, int *number)
{
	siginfo_t info;

	do {
		/* looks before it takes: an end is the caller's to see */
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)tid, &info,
			   WEXITED | WSTOPPED | WNOWAIT | __WALL)) {
			if (errno == EINTR)
				continue;
			return -ESRCH;
		}
		if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED)
			return -ESRCH;
		info.si_pid = 0;
		waitid(P_PID, (id_t)tid, &info, WSTOPPED | WNOHANG | __WALL);
	} while (!info.si_pid);
	*event = info.si_status >> 8;
	*number = info.si_status & 0xff;
	return 0;
}

static int resume(pid_t tid, int request, int number)
{
	return ptrace(request, tid, NULL, (void *)(uintptr_t)number) ? -errno
								     : 0;
}

static int set_mask(pid_t tid, uint64_t mask)
{
	return ptrace(PTRACE_SETSIGMASK, tid, (void *)sizeof(mask), &mask)
		       ? -errno
		       : 0;
}

static int get_mask(pid_t tid, uint64_t *mask)
{
	return ptrace(PTRACE_GETSIGMASK, tid, (void *)sizeof(*mask), mask)
		       ? -errno
		       : 0;
}

/* A set of signals in /proc/TID/status; none where it cannot be read. */
static uint64_t signal_set(pid_t tid, const char *label)
{
	char path[64], text[VMP_STATUS_WINDOW];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	if (vmp_read_file(path, text, sizeof(text)) <= 0)
		return 0;
	at = strstr(text, label);
	return at ? strtoull(at + strlen(label), NULL, 16) : 0;
}

/* How it goes on after a stop on its way that is not the place. */
static int go_on(pid_t tid, int event, int number)
{
	if (event == PTRACE_EVENT_STOP && number != SIGTRAP)
		return resume(tid, PTRACE_LISTEN, 0);
	if (event || number == (SIGTRAP | 0x80))
		number = 0;
	return resume(tid, PTRACE_CONT, number);
}

/* Is it stopped behind a trap at that place? Out: registers. */
static bool is_at(pid_t tid, uint64_t place, uint64_t *registers)
{
	return vmp_tracee_registers(tid, registers) == 0 &&
	       registers[vmp_machine->pc] == place + vmp_machine->trap_advance;
}

/* A new thread or child that is traced too: it stays stopped until we return. */
static bool is_birth(int event)
{
	return event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	       event == PTRACE_EVENT_CLONE;
}

static int run_to(pid_t tid, uint64_t place)
{
	uint64_t registers[VMP_USER_REGISTERS];
	int event = 0, number = 0, rc = go_on(tid, 0, 0);

	while (rc == 0) {
		rc = vmp_tracee_wait(tid, &event, &number);
		if (rc < 0)
			break;
		if (event == PTRACE_EVENT_EXEC)
			return 1;
		if (is_birth(event))
			return -EBUSY;
		if (!event && number == SIGTRAP &&
		    is_at(tid, place, registers)) {
			registers[vmp_machine->pc] = place;
			return vmp_tracee_set_registers(tid, registers);
		}
		rc = go_on(tid, event, number);
	}
	return rc;
}

int vmp_tracee_go_to(struct vmp_tracee *t, uint64_t place)
{
	size_t bytes = vmp_machine->trap_bytes;
	unsigned char code[4];
	uint64_t mask;
	int rc = get_mask(t->tid, &mask);

	t->trap_ignored |= (signal_set(t->tid, "\nSigIgn:") & trap_bit) != 0;
	t->trap_blocked |= rc == 0 && (mask & trap_bit);
	rc = rc ? rc : vmp_tracee_peek(t->tid, place, code, bytes);
	rc = rc ? rc : vmp_tracee_poke(t->tid, place, vmp_machine->trap, bytes);
	if (rc < 0)
		return rc;
	rc = run_to(t->tid, place);
	/* after another exec there is nothing to put back */
	if (rc != 1 && rc != -ESRCH)
		vmp_tracee_poke(t->tid, place, code, bytes);
	return rc;
}

/* Did a process send it, not the kernel? */
static bool is_sent(pid_t tid)
{
	siginfo_t info;

	return !ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) &&
	       info.si_code <= 0;
}

/*
 * Resume it until it stops for what was asked: a call's entry or end, a step,
 * a trap. What is sent and cannot be blocked waits until we are done.
 */
static int next_trap(struct vmp_tracee *t, int request)
{
	int event = 0, number = 0, rc;

	for (;;) {
		rc = resume(t->tid, request, 0);
		rc = rc ? rc : vmp_tracee_wait(t->tid, &event, &number);
		if (rc < 0)
			return rc;
		if (event)
			continue;
		if (number == (SIGTRAP | 0x80) ||
		    (number == SIGTRAP && !is_sent(t->tid)))
			return 0;
		/* a fault of ours, or of a filter that kills */
		if (number != SIGSTOP && number != SIGTRAP)
			return -EFAULT;
		t->stops += number == SIGSTOP;
		t->traps += number == SIGTRAP;
	}
}

static void send(pid_t tid, int number, int *count)
{
	for (; *count > 0; (*count)--)
		syscall(SYS_tgkill, tid, tid, number);
}

/* Signals may come again, those first that could not be made to wait. */
static int let_signals_in(struct vmp_tracee *t, uint64_t mask)
{
	int rc = set_mask(t->tid, mask | (t->trap_blocked ? trap_bit : 0));

	send(t->tid, SIGSTOP, &t->stops);
	send(t->tid, SIGTRAP, &t->traps);
	return rc;
}

int vmp_tracee_step(struct vmp_tracee *t, int most,
		    bool (*leads)(void *argument, uint64_t from,
				  const uint64_t *registers),
		    void *argument)
{
	uint64_t registers[VMP_USER_REGISTERS], mask, from;
	int rc = get_mask(t->tid, &mask), found = 0;

	/* a trap that is blocked would reset what SIGTRAP does */
	rc = rc ? rc : set_mask(t->tid, ~trap_bit);
	rc = rc ? rc : vmp_tracee_registers(t->tid, registers);
	while (rc == 0 && !found && most-- > 0) {
		from = registers[vmp_machine->pc];
		rc = next_trap(t, PTRACE_SINGLESTEP);
		rc = rc ? rc : vmp_tracee_registers(t->tid, registers);
		found = rc == 0 && leads(argument, from, registers);
	}
	rc = rc ? rc : let_signals_in(t, mask);
	return rc ? rc : found;
}

int64_t vmp_tracee_call(struct vmp_tracee *t, long number,
			const uint64_t *arguments)
{
	const struct vmp_machine *m = vmp_machine;
	uint64_t registers[VMP_USER_REGISTERS];
	int rc;

	memcpy(registers, t->saved, sizeof(registers));
	registers[m->number] = (uint64_t)number;
	for (int i = 0; i < 6; i++)
		registers[m->argument[i]] = arguments[i];
	rc = vmp_tracee_set_registers(t->tid, registers);
	rc = rc ? rc : next_trap(t, PTRACE_SYSCALL);
	rc = rc ? rc : next_trap(t, PTRACE_SYSCALL);
	rc = rc ? rc : vmp_tracee_registers(t->tid, registers);
	return rc ? rc : (int64_t)registers[m->result];
}

int vmp_tracee_run(struct vmp_tracee *t, uint64_t *registers, uint64_t trap)
{
	int rc = vmp_tracee_set_registers(t->tid, registers);

	rc = rc ? rc : set_mask(t->tid, ~trap_bit);
	rc = rc ? rc : next_trap(t, PTRACE_CONT);
	if (rc == 0 && !is_at(t->tid, trap, registers))
		rc = -EFAULT;
	return rc ? rc : set_mask(t->tid, UINT64_MAX);
}

int vmp_tracee_hold(struct vmp_tracee *t)
{
	const struct vmp_machine *m = vmp_machine;
	int rc = vmp_tracee_registers(t->tid, t->saved);
	uint64_t pc = t->saved[m->pc];

	if (m->restart >= 0)
		t->saved[m->restart] = UINT64_MAX;
	rc = rc ? rc : get_mask(t->tid, &t->mask);
	rc = rc ? rc : set_mask(t->tid, UINT64_MAX);
	rc = rc ? rc : vmp_tracee_peek(t->tid, pc, t->bytes, m->call_bytes);
	return rc ? rc : vmp_tracee_poke(t->tid, pc, m->call, m->call_bytes);
}

/*
 * The kernel makes SIGTRAP fatal again when a trap meets it ignored or blocked
 * (force_sig_info_to_task() in kernel/signal.c): ignore it again.
 */
static int ignore_traps(struct vmp_tracee *t)
{
	/* struct sigaction of the kernel, below what the stack holds */
	const uint64_t ignore[4] = { (uintptr_t)SIG_IGN, 0, 0, 0 };
	uint64_t at = (t->saved[vmp_machine->sp] - 1024) & ~UINT64_C(15);
	uint64_t before[4];
	int64_t rc;

	if (!t->trap_ignored || (signal_set(t->tid, "\nSigCgt:") & trap_bit))
		return 0;
	rc = vmp_tracee_peek(t->tid, at, before, sizeof(before));
	rc = rc ? rc : vmp_tracee_poke(t->tid, at, ignore, sizeof(ignore));
	if (rc < 0)
		return (int)rc;
	rc = vmp_tracee_call(t, SYS_rt_sigaction,
			     (uint64_t[6]){ SIGTRAP, at, 0, sizeof(uint64_t) });
	vmp_tracee_poke(t->tid, at, before, sizeof(before));
	return (int)rc;
}

int vmp_tracee_release(struct vmp_tracee *t)
{
	uint64_t pc = t->saved[vmp_machine->pc];
	int rc = ignore_traps(t), failed;

	failed = vmp_tracee_poke(t->tid, pc, t->bytes, vmp_machine->call_bytes);
	rc = rc ? rc : failed;
	failed = vmp_tracee_set_registers(t->tid, t->saved);
	rc = rc ? rc : failed;
	failed = let_signals_in(t, t->mask);
	return rc ? rc : failed;
}

int vmp_tracee_mend(struct vmp_tracee *t)
{
	int rc;

	if (!t->trap_ignored)
		return 0;
	rc = vmp_tracee_hold(t);
	return rc ? rc : vmp_tracee_release(t);
}
