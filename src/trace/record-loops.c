// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finds loops in a stream of calls, while it goes by: a round of up to 16
 * calls that comes again, each with addresses a constant stride further.
 *
 * Three rounds make a loop: two could have any stride. It lasts until a call
 * is not the one that comes next; the round that it breaks off stays part of
 * it, for the calls of a round are lines of their own, each with its count.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"
#include "trace/record-inside.h"

static bool is_same_kind(const struct vmp_op *a, const struct vmp_op *b)
{
	return a->verb == b->verb && a->backing == b->backing &&
	       a->prot == b->prot && a->flags == b->flags &&
	       a->advice == b->advice && a->length == b->length &&
	       a->size == b->size;
}

/* Does c follow b as b follows a? */
static bool goes_on(const struct vmp_op *a, const struct vmp_op *b,
		    const struct vmp_op *c)
{
	return is_same_kind(a, b) && is_same_kind(b, c) &&
	       b->address - a->address == c->address - b->address &&
	       b->onto - a->onto == c->onto - b->onto &&
	       b->file_offset - a->file_offset ==
		       c->file_offset - b->file_offset;
}

static void count_call(struct vmp_record_line *line, const struct vmp_op *op)
{
	if (op->error) {
		if (!line->failures++) {
			line->first_failure = line->count;
			line->op.error = op->error;
			line->op.cause = op->cause;
		}
	}
	line->count++;
}

static int add_line(struct vmp_loops *l, const struct vmp_record_line *line)
{
	size_t room = l->room ? 2 * l->room : 64;
	struct vmp_record_line *lines;

	if (l->count == l->room) {
		lines = reallocarray(l->lines, room, sizeof(*lines));
		if (!lines)
			return -ENOMEM;
		l->lines = lines;
		l->room = room;
	}
	l->lines[l->count++] = *line;
	return 0;
}

static struct vmp_record_line line_of(const struct vmp_op *op)
{
	struct vmp_record_line line = { .op = *op, .period = 1 };

	line.op.error = 0;
	count_call(&line, op);
	return line;
}

/* The oldest of the waiting calls are in no loop. */
static int let_go(struct vmp_loops *l, size_t count)
{
	struct vmp_record_line line;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		line = line_of(&l->waiting[i]);
		rc = add_line(l, &line);
	}
	l->waiting_count -= count;
	memmove(l->waiting, l->waiting + count,
		l->waiting_count * sizeof(*l->waiting));
	return rc;
}

static int end_loop(struct vmp_loops *l)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < l->period; i++) {
		l->round[i].takes_turns = i > 0;
		rc = add_line(l, &l->round[i]);
	}
	l->period = 0;
	return rc;
}

/* The last three times `period` of the waiting calls are a loop. */
static int begin_loop(struct vmp_loops *l, size_t period)
{
	int rc = let_go(l, l->waiting_count - 3 * period);
	const struct vmp_op *first = l->waiting;

	for (size_t i = 0; i < period; i++) {
		const struct vmp_op *second = &first[i + period];
		struct vmp_record_line *line = &l->round[i];

		*line = line_of(&first[i]);
		line->stride = (int64_t)(second->address - first[i].address);
		line->onto_stride = (int64_t)(second->onto - first[i].onto);
		line->period = period;
		line->file_stride =
			(int64_t)(second->file_offset - first[i].file_offset);
		count_call(line, second);
		count_call(line, &first[i + 2 * period]);
	}
	l->waiting_count = 0;
	memset(l->matches, 0, sizeof(l->matches));
	l->period = period;
	l->next = 0;
	return rc;
}

/* Returns: is it the call that the loop expects? */
static bool goes_round(struct vmp_loops *l, const struct vmp_op *op)
{
	struct vmp_record_line *line = &l->round[l->next];
	const struct vmp_op *first = &line->op;

	if (!is_same_kind(first, op) ||
	    op->address !=
		    first->address + line->count * (uint64_t)line->stride ||
	    op->onto !=
		    first->onto + line->count * (uint64_t)line->onto_stride ||
	    op->file_offset !=
		    first->file_offset +
			    line->count * (uint64_t)line->file_stride)
		return false;
	count_call(line, op);
	l->next = (l->next + 1) % l->period;
	return true;
}

/* Look whether the last call completes a third round. Returns: its length. */
static size_t find_period(struct vmp_loops *l)
{
	const struct vmp_op *last = &l->waiting[l->waiting_count - 1];
	size_t found = 0;

	for (size_t p = 1; p <= VMP_LONGEST_LOOP; p++) {
		if (l->waiting_count > 2 * p &&
		    goes_on(last - 2 * p, last - p, last))
			l->matches[p]++;
		else
			l->matches[p] = 0;
		if (!found && l->matches[p] >= p)
			found = p;
	}
	return found;
}

int vmp_loops_add(struct vmp_loops *l, const struct vmp_op *op)
{
	struct vmp_op numbered = *op;
	size_t period;
	int rc = 0;

	numbered.number = l->calls++;
	if (l->period) {
		if (goes_round(l, &numbered))
			return 0;
		rc = end_loop(l);
	}
	if (rc == 0 && l->waiting_count == VMP_LOOP_WINDOW)
		rc = let_go(l, 1);
	if (rc < 0)
		return rc;
	l->waiting[l->waiting_count++] = numbered;
	period = find_period(l);
	return period ? begin_loop(l, period) : 0;
}

int vmp_loops_end(struct vmp_loops *l)
{
	int rc = end_loop(l);

	memset(l->matches, 0, sizeof(l->matches));
	return rc < 0 ? rc : let_go(l, l->waiting_count);
}

/* Take the calls before one off a line. Returns: are any left? */
static bool cut(struct vmp_record_line *line, uint64_t number)
{
	uint64_t lost;

	if (number <= line->op.number)
		return true;
	lost = (number - line->op.number - 1) / line->period + 1;
	if (lost >= line->count)
		return false;
	line->count -= lost;
	line->op.number += lost * line->period;
	line->op.address += lost * (uint64_t)line->stride;
	line->op.onto += lost * (uint64_t)line->onto_stride;
	line->op.file_offset += lost * (uint64_t)line->file_stride;
	line->first_failure -= lost < line->first_failure ? lost
							  : line->first_failure;
	return true;
}

static int by_number(const void *a, const void *b)
{
	const struct vmp_record_line *x = a, *y = b;

	return x->op.number < y->op.number ? -1 : x->op.number > y->op.number;
}

int vmp_loops_from(const struct vmp_loops *l, uint64_t number,
		   struct vmp_record_line **lines, size_t *count)
{
	struct vmp_record_line *copy = calloc(l->count + 1, sizeof(*copy));
	size_t n = 0, first;

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < l->count; i++) {
		copy[n] = l->lines[i];
		n += cut(&copy[n], number);
	}
	/* a round that was cut begins in its middle, and goes on in a circle */
	for (size_t i = 0; i < n; i = first) {
		for (first = i + 1; first < n && copy[first].takes_turns;)
			first++;
		qsort(copy + i, first - i, sizeof(*copy), by_number);
		for (size_t j = i; j < first; j++)
			copy[j].takes_turns = j > i;
	}
	*lines = copy;
	*count = n;
	return 0;
}

void vmp_loops_clear(struct vmp_loops *l)
{
	free(l->lines);
	*l = (struct vmp_loops){ 0 };
}
