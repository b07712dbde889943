// SPDX-License-Identifier: GPL-2.0-or-later
/* Takes the registers of a thread, in the order of DWARF, and its stack. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include "lib/internal.h"
#include "trace/unwind.h"
#include "trace/memory.h"

/*
 * Where the kernel keeps each register of DWARF, in words. The same in struct
 * pt_regs and in what ptrace hands out (struct user_regs_struct, struct
 * user_pt_regs).
 * Source: System V ABI for x86-64, figure 3.36; DWARF for the Arm 64-bit
 *   Architecture, table 2.
 */
#if defined(__x86_64__) && defined(__LP64__)
enum { PC = 16, SP = 19, CODE_SEGMENT = 17, USER32_CS = 0x23, WORDS = 21 };
static const unsigned char word_of[] = {
	10, 12, 11, 5, 13, 14, 4, SP, /* rax rdx rcx rbx rsi rdi rbp rsp */
	9,  8,	7,  6, 3,  2,  1, 0,  /* r8 to r15 */
	PC,
};
#elif defined(__aarch64__)
enum { PC = 32, SP = 31, WORDS = 34 };
static const unsigned char word_of[] = {
	0,  1,	2,  3,	4,  5,	6,  7,	8,  9,	10, 11, 12, 13, 14, 15,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, SP,
};
#endif

#if defined(__x86_64__) && defined(__LP64__) || defined(__aarch64__)

static bool is_narrow(const uint64_t *words)
{
#ifdef __x86_64__
	return words[CODE_SEGMENT] == USER32_CS;
#else
	/* PSR_MODE32_BIT of pstate */
	return words[WORDS - 1] & 0x10;
#endif
}

int vmp_snapshot_registers(const void *user_regs, size_t size,
			   struct vmp_snapshot *snapshot)
{
	uint64_t words[WORDS];

	/* a process of 32 bits has fewer, of 4 bytes */
	if (size < sizeof(words))
		return -ENOTSUP;
	memcpy(words, user_regs, sizeof(words));
	if (is_narrow(words))
		return -ENOTSUP;
	for (size_t i = 0; i < VMP_COUNT(word_of); i++)
		snapshot->registers[i] = words[word_of[i]];
	snapshot->pc = words[PC];
	snapshot->sp = words[SP];
	return 0;
}

#else

int vmp_snapshot_registers(const void *user_regs, size_t size,
			   struct vmp_snapshot *snapshot)
{
	(void)user_regs, (void)size, (void)snapshot;
	return -ENOTSUP;
}

#endif

/* Where process_vm_readv() is forbidden (seccomp in containers). */
static ssize_t read_file(pid_t tid, uint64_t address, void *buffer, size_t size)
{
	char path[32];
	VMP_CLOSE int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = pread(fd, buffer, size, (off_t)address);
	return n < 0 ? -errno : n;
}

/*
 * Pages are named one by one: a read that meets the end of the stack is cut
 * where one of them begins, nowhere else (process_vm_readv(2)).
 */
ssize_t vmp_memory_read(pid_t tid, uint64_t address, void *buffer, size_t size)
{
	enum { MOST_PAGES = VMP_STACK_BYTES / 4096 + 1 };
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE), part;
	struct iovec local = { buffer, 0 }, pages[MOST_PAGES];
	unsigned int count = 0;
	uint64_t at = address;
	ssize_t n;

	while (local.iov_len < size && count < MOST_PAGES) {
		part = page_bytes - at % page_bytes;
		if (part > size - local.iov_len)
			part = size - local.iov_len;
		pages[count++] = (struct iovec){ (void *)(uintptr_t)at, part };
		local.iov_len += part;
		at += part;
	}
	n = process_vm_readv(tid, &local, 1, pages, count, 0);
	if (n >= 0)
		return n;
	return errno == EPERM || errno == ENOSYS
		       ? read_file(tid, address, buffer, local.iov_len)
		       : -errno;
}

int vmp_snapshot_take(pid_t pid, pid_t tid, unsigned char *buffer,
		      struct vmp_snapshot *snapshot)
{
	/* larger than any machine's, so that a whole set is told from a part */
	uint64_t words[64];
	struct iovec registers = { words, sizeof(words) };
	ssize_t n;
	int rc;

	*snapshot = (struct vmp_snapshot){
		.pid = pid, .tid = tid, .stack = buffer, .held = true
	};
	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &registers) < 0)
		return -errno;
	rc = vmp_snapshot_registers(words, registers.iov_len, snapshot);
	if (rc < 0)
		return rc;
	n = vmp_memory_read(tid, snapshot->sp, buffer, VMP_STACK_BYTES);
	if (n == -ESRCH)
		return -ESRCH;
	/* without a stack, the registers still say where it is */
	snapshot->stack_bytes = n > 0 ? (size_t)n : 0;
	return 0;
}
