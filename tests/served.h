/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child that does what it is told by a number, and says when it has. */
#ifndef VMP_TESTS_SERVED_H
#define VMP_TESTS_SERVED_H

#include "unit.h"

struct served {
	pid_t pid;
	int to, from; /* our ends of two pipes */
};

/* What a child does with a number; its answer goes back. */
typedef int serve(int number);

/* The child ends with its parent, and when it is told nothing any more. */
struct served served_start(serve *act);
void served_tell(const struct served *child, int number);
/* Returns: what the child has answered. */
int served_wait(const struct served *child);
int served_ask(const struct served *child, int number);
/* Returns: has it answered? */
bool served_answers(const struct served *child);
/* It is killed, and buried. */
void served_stop(struct served *child);

/*
 * Run a function as PID 1 of a PID namespace, in a child: it asserts nothing,
 * and answers 0 or which step failed. Nothing is done where none can be made.
 */
void served_in_namespace(int (*body)(void));

/* Places for mappings that never merge with others; forked with the rest. */
void served_reserve(size_t pages);
/* Two mappings more for each; and all of them less again. */
int served_cut(int count);
int served_mend(int count);

/*
 * The lines of a process's maps but [vsyscall], without the library. In: pid; 0
 * is this process, also in a PID namespace without a /proc of its own.
 */
int64_t served_count_lines(pid_t pid);

#endif
