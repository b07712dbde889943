// SPDX-License-Identifier: GPL-2.0-or-later
/* The columns of `vmaprobe top`: what they are called, what they say. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"
#include "report/top-inside.h"

enum { USERS = 4096 }; /* whose names are kept */

static void integer(struct vmp_top_cell *cell, int64_t value)
{
	cell->kind = VMP_TOP_INTEGER;
	cell->integer = value;
}

static void real(struct vmp_top_cell *cell, double value)
{
	cell->kind = VMP_TOP_REAL;
	cell->real = value;
}

/* What was written to cell->text; empty is not known. */
static void text(struct vmp_top_cell *cell)
{
	cell->kind = *cell->text ? VMP_TOP_TEXT : VMP_TOP_UNKNOWN;
}

static void read_pid(const struct vmp_top_report *r,
		     const struct vmp_watched *p, struct vmp_top_cell *cell)
{
	(void)r;
	integer(cell, p->pid);
}

/*
 * The name of a user, or its number where it has none. Names may be looked up
 * over a network: each is asked for once, as long as its place is not taken.
 */
static const char *user_name(uid_t uid)
{
	static struct {
		bool known;
		uid_t uid;
		char name[33]; /* useradd(8) takes up to 32 bytes */
	} users[USERS], *u;
	const struct passwd *entry;

	u = &users[uid % USERS];
	if (u->known && u->uid == uid)
		return u->name;
	entry = getpwuid(uid);
	if (entry)
		snprintf(u->name, sizeof(u->name), "%s", entry->pw_name);
	else
		snprintf(u->name, sizeof(u->name), "%u", uid);
	u->uid = uid;
	u->known = true;
	return u->name;
}

static void read_user(const struct vmp_top_report *r,
		      const struct vmp_watched *p, struct vmp_top_cell *cell)
{
	(void)r;
	snprintf(cell->text, sizeof(cell->text), "%s", user_name(p->user));
	text(cell);
}

static void read_uid(const struct vmp_top_report *r,
		     const struct vmp_watched *p, struct vmp_top_cell *cell)
{
	(void)r;
	integer(cell, p->user);
}

static void read_mappings(const struct vmp_top_report *r,
			  const struct vmp_watched *p,
			  struct vmp_top_cell *cell)
{
	(void)r;
	integer(cell, p->mappings);
}

static void read_percent(const struct vmp_top_report *r,
			 const struct vmp_watched *p, struct vmp_top_cell *cell)
{
	real(cell, vmp_map_percent(p->mappings, r->sample->limit));
}

static void read_headroom(const struct vmp_top_report *r,
			  const struct vmp_watched *p,
			  struct vmp_top_cell *cell)
{
	integer(cell, r->sample->limit - p->mappings);
}

static void read_growth(const struct vmp_top_report *r,
			const struct vmp_watched *p, struct vmp_top_cell *cell)
{
	(void)r;
	if (p->seen_before)
		integer(cell, p->growth);
}

static void read_rate(const struct vmp_top_report *r,
		      const struct vmp_watched *p, struct vmp_top_cell *cell)
{
	(void)r;
	if (p->has_rate)
		real(cell, p->per_minute);
}

/* Of a single sample it would say no more than the count. */
static void read_peak(const struct vmp_top_report *r,
		      const struct vmp_watched *p, struct vmp_top_cell *cell)
{
	(void)r;
	if (p->seen_before)
		integer(cell, p->peak);
}

static void read_command(const struct vmp_top_report *r,
			 const struct vmp_watched *p, struct vmp_top_cell *cell)
{
	(void)r;
	snprintf(cell->text, sizeof(cell->text), "%s", p->command);
	cell->kind = VMP_TOP_TEXT;
}

static void read_cgroup(const struct vmp_top_report *r,
			const struct vmp_watched *p, struct vmp_top_cell *cell)
{
	vmp_watched_cgroup(r->ctx, p, cell->text, sizeof(cell->text));
	text(cell);
}

static void read_container(const struct vmp_top_report *r,
			   const struct vmp_watched *p,
			   struct vmp_top_cell *cell)
{
	char path[VMP_NAME_SIZE];

	vmp_watched_cgroup(r->ctx, p, path, sizeof(path));
	vmp_container_name(path, cell->text, sizeof(cell->text));
	text(cell);
}

static void read_arguments(const struct vmp_top_report *r,
			   const struct vmp_watched *p,
			   struct vmp_top_cell *cell)
{
	vmp_watched_arguments(r->ctx, p, cell->text, sizeof(cell->text));
	text(cell);
}

static void read_age(const struct vmp_top_report *r,
		     const struct vmp_watched *p, struct vmp_top_cell *cell)
{
	(void)r;
	real(cell, p->age_seconds);
}

#define ROW(column, name_, heading_, key_, ...)       \
	[VMP_TOP_##column] = { .name = (name_),       \
			       .heading = (heading_), \
			       .key = (key_),         \
			       __VA_ARGS__ }
#define ASCENDING .ascending = true
#define TEXT .text = true, ASCENDING

/* clang-format off */
const struct vmp_top_column_row vmp_top_columns[VMP_TOP_COLUMNS] = {
	ROW(PID, "pid", "PID", "pid",
	    .read = read_pid, ASCENDING),
	ROW(USER, "user", "USER", "user",
	    .read = read_user, TEXT),
	ROW(MAPPINGS, "mappings", "MAPPINGS", "mappings",
	    .read = read_mappings),
	ROW(PERCENT, "percent", "%LIMIT", "limit_percent",
	    .read = read_percent, .digits = 2),
	ROW(HEADROOM, "headroom", "HEADROOM", "headroom",
	    .read = read_headroom, ASCENDING),
	ROW(GROWTH, "growth", "GROWTH", "growth",
	    .read = read_growth, .change = true),
	ROW(RATE, "rate", "/MIN", "growth_per_minute",
	    .read = read_rate, .change = true, .digits = 2),
	ROW(PEAK, "peak", "PEAK", "peak",
	    .read = read_peak),
	ROW(COMMAND, "command", "COMMAND", "command",
	    .read = read_command, TEXT),
	ROW(CONTAINER, "container", "CONTAINER", "container",
	    .read = read_container, TEXT, .costly = true),
	ROW(CGROUP, "cgroup", "CGROUP", "cgroup",
	    .read = read_cgroup, TEXT, .costly = true),
	ROW(ARGUMENTS, "arguments", "ARGUMENTS", "arguments",
	    .read = read_arguments, TEXT, .costly = true),
	ROW(UID, "uid", "UID", "uid",
	    .read = read_uid, ASCENDING),
	ROW(AGE, "age", "AGE", "age_seconds",
	    .read = read_age, .digits = 1),
};
/* clang-format on */

const char *vmp_top_column_name(size_t column)
{
	return column < VMP_TOP_COLUMNS ? vmp_top_columns[column].name : NULL;
}

bool vmp_top_shows(const struct vmp_top_report *r, enum vmp_top_column column)
{
	for (size_t i = 0; i < r->column_count; i++)
		if (r->columns[i] == column)
			return true;
	return false;
}

void vmp_top_read(const struct vmp_top_report *r, const struct vmp_watched *p,
		  enum vmp_top_column column, struct vmp_top_cell *cell)
{
	cell->kind = VMP_TOP_UNKNOWN;
	cell->integer = 0;
	cell->real = 0;
	cell->text[0] = '\0';
	vmp_top_columns[column].read(r, p, cell);
}
