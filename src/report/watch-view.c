// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines that stand on a terminal, in its usual screen, until others do. */
#include <string.h>
#include <sys/ioctl.h>

#include "report/watch.h"

/* What it really is: text is laid out for 40 columns at least. */
static void find_size(const struct vmp_watch_report *r, size_t *rows,
		      size_t *columns)
{
	struct winsize size = { 0 };

	*rows = VMP_VIEW_LINES + 1;
	*columns = r->style->width;
	if (ioctl(fileno(r->out), TIOCGWINSZ, &size) < 0)
		return;
	if (size.ws_row > 1)
		*rows = size.ws_row;
	if (size.ws_col)
		*columns = size.ws_col;
}

void vmp_view_put(struct vmp_watch_report *r, const char *text)
{
	size_t rows, columns, length, fitting;

	find_size(r, &rows, &columns);
	/* the cursor stands below, and what has scrolled out stays */
	for (; *text && r->lines < VMP_VIEW_LINES && r->lines < rows - 1;
	     text += length + 1) {
		length = strcspn(text, "\n");
		if (!text[length])
			break; /* an accent behind the last line */
		fitting = vmp_fitting(text, length, columns,
				      &r->line_columns[r->lines++]);
		fwrite(text, 1, fitting, r->out);
		if (fitting < length)
			fputs(vmp_accent(r->style, VMP_PLAIN), r->out);
		putc('\n', r->out);
	}
	fputs(vmp_accent(r->style, VMP_PLAIN), r->out);
}

/* A line that was wider than the terminal is now has been wrapped by it. */
void vmp_view_wipe(struct vmp_watch_report *r)
{
	size_t rows, columns, taken = 0;

	find_size(r, &rows, &columns);
	for (size_t i = 0; i < r->lines; i++) {
		size_t used = r->line_columns[i];

		taken += used > columns ? (used + columns - 1) / columns : 1;
	}
	if (taken)
		fprintf(r->out, "\r\033[%zuA\033[J", taken);
	r->lines = 0;
}
