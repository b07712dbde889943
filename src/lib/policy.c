// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Memory policies of mappings, from /proc/PID/numa_maps:
 *
 *   7f1c2e400000 bind:0 anon=1 dirty=1 N0=1 kernelpagesize_kB=4
 *
 * A mapping without a policy of its own shows that of its task, and neither
 * home node nor the nodes that were asked for are shown: equal words do not
 * mean equal policies, but different ones do.
 */
#include <errno.h>
#include <string.h>

#include "lib/census.h"

enum { MOST_POLICIES = 255, LONGEST = 64 };

struct policies {
	char word[MOST_POLICIES][LONGEST];
	size_t count;
};

/* The number of a policy's words, from 1; 0 when there are too many. */
static uint8_t number_of(struct policies *p, const char *word, size_t length)
{
	if (length >= LONGEST)
		length = LONGEST - 1;
	for (size_t i = 0; i < p->count; i++)
		if (strlen(p->word[i]) == length &&
		    !memcmp(p->word[i], word, length))
			return (uint8_t)(i + 1);
	if (p->count == MOST_POLICIES)
		return 0;
	memcpy(p->word[p->count], word, length);
	p->word[p->count][length] = '\0';
	return (uint8_t)++p->count;
}

/* Give the mapping that begins there its policy; both go up in addresses. */
static size_t set_policy(struct vmp_census *c, size_t at, uint64_t start,
			 uint8_t policy)
{
	while (at < c->count && c->entries[at].start < start)
		at++;
	if (at < c->count && c->entries[at].start == start)
		c->entries[at].policy = policy;
	return at;
}

size_t vmp_policies_read(struct vmp_ctx *ctx, struct vmp_census *c, pid_t pid)
{
	VMP_FREE char *line = NULL;
	struct policies policies = { .count = 0 };
	VMP_FCLOSE FILE *file = NULL;
	size_t room = 0, at = 0;
	char path[256], *word;
	uint64_t start;

	vmp_proc_path(ctx, pid, "numa_maps", path, sizeof(path));
	file = fopen(path, "re");
	while (file && getline(&line, &room, file) > 0) {
		start = strtoull(line, &word, 16);
		word += strspn(word, " ");
		at = set_policy(c, at, start,
				number_of(&policies, word,
					  strcspn(word, " \n")));
	}
	return policies.count;
}
