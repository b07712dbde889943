/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rows of the test program "hold" have at hand. */
#ifndef HOLD_H
#define HOLD_H

#include <stddef.h>
#include <sys/types.h>

extern size_t hold_page;

/* Ends the program where rc, of a system call, is below 0. Returns: rc. */
int hold_check(long rc, const char *call);

/*
 * Addresses that are free, as are the pages on both sides of them: what is
 * mapped there has no neighbours.
 */
char *hold_place(size_t pages);

void hold_map(char *at, size_t pages, int prot, int flags, int fd,
	      off_t offset);
void hold_map_anon(char *at, size_t pages, int prot);
void hold_touch(char *at);

/* Removes the files and exits. */
void hold_end(int status);

/* The rows: each maps count of something. */
void hold_alternating(size_t count);
void hold_arenas(size_t count);
void hold_deep_files(size_t count);
void hold_deleted_files(size_t count);
void hold_device(size_t count);
void hold_dontdump(size_t count);
void hold_dontfork(size_t count);
void hold_files(size_t count);
void hold_fork_heap(size_t count);
void hold_guardless_threads(size_t count);
void hold_guards(size_t count);
void hold_hostile_files(size_t count);
void hold_hugetlb(size_t count);
void hold_io_uring(size_t count);
void hold_isolated(size_t count);
void hold_jit(size_t count);
void hold_locked(size_t count);
void hold_memfd(size_t count);
void hold_name_diff(size_t count);
void hold_named(size_t count);
void hold_nohugepage(size_t count);
void hold_noreserve(size_t count);
void hold_nothing(size_t count);
void hold_offset_gap(size_t count);
void hold_policy(size_t count);
void hold_really_deleted_name(size_t count);
void hold_remapped(size_t count);
void hold_shared_anon(size_t count);
void hold_sharing(size_t count);
void hold_small_threads(size_t count);
void hold_special(size_t count);
void hold_sysv(size_t count);
void hold_threads(size_t count);
void hold_twins_faulted(size_t count);
void hold_twins_file(size_t count);
void hold_twins_moved(size_t count);
void hold_uffd(size_t count);

#endif
