// SPDX-License-Identifier: GPL-2.0-or-later
/* `vmaprobe top` in a few sentences: the answer, a summary, what is unusual. */
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "lib/internal.h"
#include "report/top-inside.h"

enum { HALF, ALMOST, FULL }; /* of vmp_over_percent[] */

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

/* "No process is near", "2 of 214 processes are at 80% or more of" */
static void say_how_many(struct words *w, const struct vmp_sample *s)
{
	size_t almost = s->over[ALMOST];

	if (almost)
		say(w, "%s of %s %s %s at %d%% or more of", vmp_digits(almost),
		    vmp_digits(s->count), processes(s->count), are(almost),
		    vmp_over_percent[ALMOST]);
	else if (s->over[HALF])
		say(w, "No process is at %d%% of", vmp_over_percent[ALMOST]);
	else
		say(w, "No process is near");
	say(w, " vm.max_map_count (%s): ", vmp_digits((uint64_t)s->limit));
}

static void print_answer(const struct vmp_sample *s,
			 const struct vmp_style *style, FILE *out)
{
	const struct vmp_watched *p = s->processes;
	struct words w = { .used = 0 };
	char name[VMP_TOP_SHOWN];

	if (!s->count) {
		say(&w, "No process%s is among those that were asked for.",
		    s->unreadable ? " that may be read" : "");
		print_words(&w, style, VMP_STRONG, out);
		return;
	}
	say_how_many(&w, s);
	say(&w, "%s%s (%d) %s %s, %.1f%%.",
	    s->over[ALMOST] == 1 ? "" : "the fullest is ",
	    vmp_top_shown(style, p->command, name, sizeof(name)), (int)p->pid,
	    s->over[ALMOST] == 1 ? "holds" : "with",
	    vmp_digits((uint64_t)p->mappings),
	    vmp_tenths(vmp_map_percent(p->mappings, s->limit)));
	print_words(&w, style, s->over[FULL] ? VMP_BAD : VMP_STRONG, out);
}

/* What would show the others; said once. */
static const char *remedy(const struct vmp_sample *s)
{
	return geteuid() && !strstr(s->reason, "as root") ? ": run it as root"
							  : "";
}

static void say_over(struct words *w, const struct vmp_sample *s)
{
	say(w, "%s %s, ", vmp_digits(s->count), processes(s->count));
	if (s->over[HALF])
		say(w, "%s at %d%% or more, %s at %d%%, %s at %d%%",
		    vmp_digits(s->over[HALF]), vmp_over_percent[HALF],
		    vmp_digits(s->over[ALMOST]), vmp_over_percent[ALMOST],
		    vmp_digits(s->over[FULL]), vmp_over_percent[FULL]);
	else
		say(w, "none at %d%% or more", vmp_over_percent[HALF]);
	if (s->unreadable)
		say(w, "; %s more may not be read%s", vmp_digits(s->unreadable),
		    remedy(s));
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
	if (s->count || s->unreadable) {
		say_over(&w, s);
		say_source(&w, s);
		print_words(&w, style, VMP_PLAIN, out);
	}
	print_notes(s, style, out);
}
