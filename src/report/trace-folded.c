// SPDX-License-Identifier: GPL-2.0-or-later
/* Folded stacks: a line a site, outermost frame first, as flame graphs want. */
#include <inttypes.h>
#include <string.h>

#include "lib/internal.h"
#include "report/trace.h"

/* ";" parts frames, and the last blank is before the weight. */
static void print_part(const char *name, FILE *out)
{
	char text[VMP_FRAME_TEXT];

	for (char *p = vmp_escape(name, text, sizeof(text)); *p; p++)
		putc(*p == ';' ? ':' : *p == ' ' ? '_' : *p, out);
	putc(';', out);
}

static void print_frame(const struct vmp_frame *f, FILE *out)
{
	char text[VMP_FRAME_TEXT];

	if (f->function)
		print_part(f->function, out);
	else if (f->module)
		print_part(vmp_frame_location(f, 0, text, sizeof(text)), out);
	else
		print_part(vmp_frame_name(f, text, sizeof(text)), out);
}

/* Is the innermost frame the call itself: __mmap64, munmap? */
static bool is_call(const struct vmp_site *site)
{
	const char *name = site->frame_count ? site->frames[0].function : NULL;
	size_t length = strlen(site->row->name);

	if (!name)
		return false;
	name += strspn(name, "_");
	return !strncmp(name, site->row->name, length) &&
	       (!name[length] || !strcmp(name + length, "64"));
}

static void print_site(const struct vmp_site *site, uint64_t weight, FILE *out)
{
	print_part(*site->command ? site->command : "?", out);
	for (size_t i = site->frame_count; i-- > is_call(site);)
		print_frame(&site->frames[i], out);
	fprintf(out, "%s %" PRIu64 "\n", site->row->name, weight);
}

void vmp_trace_folded(struct vmp_tally *tally, FILE *out)
{
	bool counted = false;
	size_t count;
	const struct vmp_site *const *sites =
		vmp_tally_sites(tally, VMP_BY_MAPPINGS, &count);

	for (size_t i = 0; i < count; i++)
		counted |= sites[i]->counted;
	for (size_t i = 0; i < count; i++) {
		/* no picture has room for less than nothing */
		if (!counted && sites[i]->calls)
			print_site(sites[i], sites[i]->calls, out);
		else if (sites[i]->mappings > 0)
			print_site(sites[i], (uint64_t)sites[i]->mappings, out);
	}
}
