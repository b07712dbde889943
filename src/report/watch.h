/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One process over time: text, a view in place, JSON, CSV, a picture. */
#ifndef VMP_REPORT_WATCH_H
#define VMP_REPORT_WATCH_H

#include <stdio.h>
#include <sys/types.h>

#include "report/style.h"
#include "watch/series.h"

/* A forecast goes no further ahead than so many times what it is made of. */
enum { VMP_WATCH_AHEAD = 300 };

/* Why there are no more readings. */
enum vmp_watch_ended {
	VMP_WATCH_PROCESS_ENDED,
	VMP_WATCH_REACHED, /* --until */
	VMP_WATCH_DURATION,
	VMP_WATCH_INTERRUPTED,
	VMP_WATCH_QUIT, /* by a key, in the view */
	VMP_WATCH_FAILED,
};

enum { VMP_VIEW_LINES = 40 };

struct vmp_watch_report {
	const struct vmp_style *style;
	FILE *out;
	/* The last reading: */
	pid_t pid;
	char command[64]; /* any bytes */
	double unix_seconds;
	int64_t mappings, limit;
	int64_t highest;      /* since the reading before, at least mappings */
	int64_t limit_before; /* another one where it has changed */
	bool has_growth;
	int64_t growth; /* since the reading before */
	bool has_rate;
	double per_minute;
	bool exact;	      /* the peak: by BPF, not from readings alone */
	double every_seconds; /* it is read no more often; 0: each time */
	const char *backend;
	/* All of them: */
	double interval_seconds;
	double seconds; /* since the first, until now */
	double first_unix_seconds;
	const struct vmp_series *series;
	struct vmp_trend trend;
	const char *until;  /* as it was given, or NULL */
	bool gone;	    /* the process has ended */
	bool keys;	    /* are obeyed: q ends it */
	int64_t reached;    /* with VMP_WATCH_REACHED */
	const char *reason; /* of VMP_WATCH_FAILED */
	/* The format's own: */
	size_t lines; /* of the view, that stand on the terminal */
	size_t line_columns[VMP_VIEW_LINES];
	enum vmp_trend_kind said; /* the trend that was told last */
	bool said_met;		  /* ... or that the limit is met */
};

/* One format. Each writes to the report's stream and leaves errors to it. */
struct vmp_watch_format {
	void (*begin)(struct vmp_watch_report *r);
	void (*sample)(struct vmp_watch_report *r);
	/* Something happened, in words; no control characters. */
	void (*event)(struct vmp_watch_report *r, const char *text);
	void (*end)(struct vmp_watch_report *r, enum vmp_watch_ended how);
};

/*
 * A line a reading; a view in place, for terminals; vmaprobe.watch/1, an object
 * a line; a row a reading.
 */
extern const struct vmp_watch_format vmp_watch_text, vmp_watch_live,
	vmp_watch_json, vmp_watch_csv;

/*
 * Draw the counts over time. Returns: 0 or -errno of a write. Notes: valid XML
 * whatever the process is called.
 */
int vmp_watch_svg(const struct vmp_watch_report *r, FILE *out);

/*
 * watch-view.c: put lines on the terminal, cut to its width and height, and take
 * them away again, whatever its width is by then.
 */
void vmp_view_put(struct vmp_watch_report *r, const char *text);
void vmp_view_wipe(struct vmp_watch_report *r);

/* watch-words.c */
enum { VMP_WATCH_WORDS = 400 }; /* room for what these write */

/* Is there no headroom? */
bool vmp_watch_met(const struct vmp_watch_report *r);

/* Is the limit met soon enough to say when? Not where it is met already. */
bool vmp_watch_foreseen(const struct vmp_watch_report *r);

/* What will become of it, in a sentence or two. */
char *vmp_watch_outlook(const struct vmp_watch_report *r, char *text,
			size_t size);

/* "about 7 hours" without the about; "6 h 50 min". */
char *vmp_about(double seconds, char *text, size_t size);
char *vmp_duration(double seconds, char *text, size_t size);

/* "120 a minute", "2.5 an hour". */
char *vmp_rate(double per_minute, char *text, size_t size);

/*
 * A line of blocks as high as the counts, `columns` of them, and what its
 * height means. In: unicode, else ASCII.
 */
char *vmp_sparkline(const struct vmp_series *series, size_t columns,
		    bool unicode, char *text, size_t size);
char *vmp_sparkline_scale(const struct vmp_series *series, int64_t limit,
			  char *text, size_t size);

#endif
