// SPDX-License-Identifier: GPL-2.0-or-later
/* `vmaprobe top` in a few sentences: the answer, a summary, what is unusual. */
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "lib/internal.h"
#include "report/top-inside.h"

char *vmp_top_shown(const struct vmp_style *style, const char *text, char *out,
		    size_t size)
{
	char escaped[VMP_TOP_SHOWN];
	size_t used = 0;

	vmp_escape(text, escaped, sizeof(escaped));
	for (const char *p = escaped; *p && used + 5 < size; p++)
		if (!style->unicode && (unsigned char)*p >= 0x80)
			used += (size_t)snprintf(out + used, size - used,
						 "\\%03o", (unsigned char)*p);
		else
			out[used++] = *p;
	out[used] = '\0';
	return out;
}

char *vmp_top_name(const struct vmp_style *style, const char *command,
		   char *out, size_t size)
{
	return vmp_top_shown(style, *command ? command : "(no name)", out,
			     size);
}

/* A paragraph that is made in pieces. */
struct words {
	char text[1600];
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void say(struct words *w,
						      const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(w->text + w->used, sizeof(w->text) - w->used, format,
			   args);
	va_end(args);
	w->used += length > 0 ? (size_t)length : 0;
	if (w->used >= sizeof(w->text))
		w->used = sizeof(w->text) - 1;
}

static void print_words(const struct words *w, const struct vmp_style *style,
			enum vmp_accent accent, FILE *out)
{
	fputs(vmp_accent(style, accent), out);
	vmp_print_wrapped(style, out, w->text, 0, 0);
	fputs(vmp_accent(style, VMP_PLAIN), out);
}

static const char *are(size_t count)
{
	return count == 1 ? "is" : "are";
}

static const char *processes(size_t count)
{
	return count == 1 ? "process" : "processes";
}

/* Those of which something is said, where there may be others. */
static const char *that_were_seen(const struct vmp_sample *s)
{
	if (s->unreadable)
		return s->backend == VMP_WATCH_BPF ? " that could be counted"
						   : " that could be read";
	return s->hides ? " that /proc shows" : "";
}

/* "Only 1 of 34 processes could be read" */
static void say_how_few(struct words *w, const struct vmp_sample *s)
{
	say(w, "Only %s of %s processes could be %s", vmp_digits(s->count),
	    vmp_digits(s->count + s->unreadable),
	    s->backend == VMP_WATCH_BPF ? "counted" : "read");
}

/*
 * "No process is near", "2 of 214 processes are at 80% or more of"; where most
 * were not seen: "Only 9 of 34 processes could be read, and none is near".
 */
static void say_how_many(struct words *w, const struct vmp_sample *s)
{
	size_t almost = s->over[VMP_TOP_ALMOST];
	int percent = vmp_over_percent[VMP_TOP_ALMOST];

	if (s->unreadable > s->count) {
		say_how_few(w, s);
		say(w, ", and %s %s ", almost ? vmp_digits(almost) : "none",
		    are(almost + !almost));
	} else if (almost) {
		say(w, "%s of %s %s%s %s ", vmp_digits(almost),
		    vmp_digits(s->count), processes(s->count),
		    that_were_seen(s), are(almost));
	} else {
		say(w, "No process%s is ", that_were_seen(s));
	}
	if (almost)
		say(w, "at %d%% or more of", percent);
	else if (s->over[VMP_TOP_HALF])
		say(w, "at %d%% of", percent);
	else
		say(w, "near");
	say(w, " vm.max_map_count (%s): ", vmp_digits((uint64_t)s->limit));
}

/* "java (16751) with 60,211, 91.8%." */
static void say_fullest(struct words *w, const struct vmp_sample *s,
			const struct vmp_style *style)
{
	const struct vmp_watched *p = s->processes;
	bool alone = s->over[VMP_TOP_ALMOST] == 1;
	char name[VMP_TOP_SHOWN];

	say(w, "%s%s (%d) %s %s, %.1f%%.", alone ? "" : "the fullest is ",
	    vmp_top_name(style, p->command, name, sizeof(name)), (int)p->pid,
	    alone ? "holds" : "with", vmp_digits((uint64_t)p->mappings),
	    vmp_tenths(vmp_map_percent(p->mappings, s->limit)));
}

/* "java (16751) holds 60,211 of 65,530 mappings, 91.8%: 5,319 left." */
static void say_one(struct words *w, const struct vmp_sample *s,
		    const struct vmp_style *style)
{
	const struct vmp_watched *p = s->processes;
	char name[VMP_TOP_SHOWN];

	if (s->unreadable > s->count) {
		say_how_few(w, s);
		say(w, ": ");
	}
	say(w, "%s (%d) holds %s of %s mappings, %.1f%%: %s left.",
	    vmp_top_name(style, p->command, name, sizeof(name)), (int)p->pid,
	    vmp_digits((uint64_t)p->mappings), vmp_digits((uint64_t)s->limit),
	    vmp_tenths(vmp_map_percent(p->mappings, s->limit)),
	    vmp_digits((uint64_t)(s->limit - p->mappings)));
}

static void print_answer(const struct vmp_sample *s,
			 const struct vmp_style *style, FILE *out)
{
	struct words w = { .used = 0 };

	if (!s->count) {
		say(&w, "No process%s is among those that were asked for.",
		    !s->unreadable		  ? ""
		    : s->backend == VMP_WATCH_BPF ? " that can be counted"
						  : " that can be read");
	} else if (s->count == 1) {
		say_one(&w, s, style);
	} else {
		say_how_many(&w, s);
		say_fullest(&w, s, style);
	}
	print_words(&w, style, s->over[VMP_TOP_FULL] ? VMP_BAD : VMP_STRONG,
		    out);
}

/* A line of its own, to be copied. */
static void print_what_next(const struct vmp_sample *s,
			    const struct vmp_style *style, FILE *out)
{
	struct words w = { .used = 0 };

	say(&w, "vmaprobe explain %d says who owns them.",
	    (int)s->processes->pid);
	print_words(&w, style, VMP_STRONG, out);
}

/*
 * What would show the others; said once. BPF asks for no permission of each:
 * what it could not count, root could not either.
 */
static const char *remedy(const struct vmp_sample *s)
{
	return geteuid() && s->backend != VMP_WATCH_BPF &&
			       !strstr(s->reason, "as root")
		       ? ": run it as root"
		       : "";
}

static const char *could_not(const struct vmp_sample *s)
{
	return s->backend == VMP_WATCH_BPF ? "could not be counted"
					   : "could not be read";
}

static void say_over(struct words *w, const struct vmp_sample *s)
{
	say(w, "%s %s, ", vmp_digits(s->count), processes(s->count));
	if (s->over[VMP_TOP_HALF])
		say(w, "%s at %d%% or more, %s at %d%%, %s at %d%%",
		    vmp_digits(s->over[VMP_TOP_HALF]),
		    vmp_over_percent[VMP_TOP_HALF],
		    vmp_digits(s->over[VMP_TOP_ALMOST]),
		    vmp_over_percent[VMP_TOP_ALMOST],
		    vmp_digits(s->over[VMP_TOP_FULL]),
		    vmp_over_percent[VMP_TOP_FULL]);
	else
		say(w, "none at %d%% or more", vmp_over_percent[VMP_TOP_HALF]);
	if (s->unreadable)
		say(w, "; %s more %s%s", vmp_digits(s->unreadable),
		    could_not(s), remedy(s));
	if (s->hides)
		say(w, "; /proc hides those of other users%s",
		    s->unreadable ? "" : remedy(s));
	say(w, ". ");
}

/* Where counts are from, and why not from the better source. */
static void say_source(struct words *w, const struct vmp_sample *s)
{
	char reason[300];

	if (s->backend == VMP_WATCH_BPF)
		say(w, "Counted by BPF.");
	else if (*s->reason)
		say(w, "Counted by the lines of maps, not by BPF: %s.",
		    vmp_escape(s->reason, reason, sizeof(reason)));
	else
		say(w, "Counted by the lines of maps.");
}

/* Who asks for twice a second, and gets less, reads growth wrongly. */
static void say_pace(struct words *w, const struct vmp_top_report *r)
{
	if (r->took > r->interval)
		say(w,
		    " A sample took %.1f s: one each %.1f s instead of %g s.",
		    r->took, r->every, r->interval);
}

static double oldest(const struct vmp_sample *s)
{
	double age = 0;

	for (size_t i = 0; i < s->count; i++)
		age = fmax(age, s->processes[i].age_seconds);
	return age;
}

static void print_notes(const struct vmp_sample *s,
			const struct vmp_style *style, FILE *out)
{
	struct words changed = { .used = 0 }, spaced = { .used = 0 };

	if (s->limit_before != s->limit) {
		say(&changed, "vm.max_map_count was changed: it was %s.",
		    vmp_digits((uint64_t)s->limit_before));
		print_words(&changed, style, VMP_STRONG, out);
	}
	if (!s->spaced)
		return;
	say(&spaced,
	    "%s %s %s from before (~), up to %.0f s old: to count so many "
	    "lines takes long, and a process is read no more often than costs "
	    "1%% of a processor.",
	    vmp_digits(s->spaced), s->spaced == 1 ? "count" : "counts",
	    are(s->spaced), ceil(oldest(s)));
	print_words(&spaced, style, VMP_PLAIN, out);
}

void vmp_top_words(const struct vmp_top_report *r,
		   const struct vmp_style *style, FILE *out)
{
	const struct vmp_sample *s = r->sample;
	struct words w = { .used = 0 };

	print_answer(s, style, out);
	if (r->brief)
		return;
	if (s->over[VMP_TOP_FULL])
		print_what_next(s, style, out);
	if (s->count || s->unreadable) {
		say_over(&w, s);
		say_source(&w, s);
		say_pace(&w, r);
		print_words(&w, style, VMP_PLAIN, out);
	}
	print_notes(s, style, out);
}
