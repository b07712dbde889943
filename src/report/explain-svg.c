// SPDX-License-Identifier: GPL-2.0-or-later
/* Draws an address space as a stand-alone SVG file: who fills it, and where. */
#include <string.h>

#include "report/explain-svg.h"

enum {
	TITLE = 360,
	LARGEST = 600,
	NEXT = 790,
	BAR = 960,
	BAR_HEIGHT = 260,
	LIMIT = 1400,
	OWNERS = 1520,
	OWNER_HEIGHT = 200,
	WHERE_HEIGHT = 300,
	TALLY = 100, /* bytes, beyond which it would meet the heading */
};

/*
 * The colours are those of Okabe and Ito, which the colour-blind tell apart,
 * the strongest for the largest owner.
 */
static const char style[] =
	".strong,.key{font-weight:600}\n"
	".strong{fill:#1f2328}\n"
	".key{fill:#000}.key.k5{fill:#fff}\n"
	"rect.k0,path.k0{fill:#d55e00}rect.k1,path.k1{fill:#56b4e9}\n"
	"rect.k2,path.k2{fill:#009e73}rect.k3,path.k3{fill:#e69f00}\n"
	"rect.k4,path.k4{fill:#cc79a7}rect.k5,path.k5{fill:#0072b2}\n"
	"rect.k6,path.k6{fill:#e3d400}rect.k7,path.k7{fill:#8c959f}\n"
	".seen,.frame{fill:none;stroke:#1f2328}\n"
	".seen{stroke-width:9}\n"
	".frame{stroke-width:1.5}.beam{fill:#e6ebf1}\n"
	"@media (prefers-color-scheme:dark){\n"
	".strong{fill:#e6edf3}\n"
	"rect.k6,path.k6{fill:#f0e442}\n"
	".seen,.frame{stroke:#e6edf3}.beam{fill:#1d2632}\n"
	"}\n";

char vmp_space_letter(unsigned int key)
{
	return key < SPACE_OTHER ? (char)('A' + key) : '*';
}

void vmp_space_box(const struct vmp_space *s, unsigned int key, int x, int y,
		   int width, int height)
{
	char class[] = { 'k', (char)('0' + key), '\0' };

	vmp_svg_rect(s->out, class, x, y, width, height);
}

void vmp_space_mark(const struct vmp_space *s, unsigned int key, int x, int y,
		    const char *name)
{
	char class[] = "middle key k0", text[48];

	class[sizeof(class) - 2] += (char)key;
	snprintf(text, sizeof(text), "%c%s%s", vmp_space_letter(key),
		 *name ? "\302\240\302\240" : "", name);
	vmp_svg_label(s->out, class, x, y, text, SVG_WHOLE);
}

void vmp_space_tally(const struct vmp_space *s,
		     const struct vmp_stretch *stretch, int y)
{
	char text[SPACE_KEYS * 32] = "";
	int n = 0;

	for (unsigned int key = 0; key < SPACE_KEYS; key++) {
		if (!stretch->owned[key])
			continue;
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s",
			      n ? "\302\240\302\240 " : "");
		if (n > TALLY) {
			strcat(text, "\342\200\246");
			break;
		}
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      "%c\302\240%s", vmp_space_letter(key),
			      vmp_digits(stretch->owned[key]));
	}
	vmp_svg_label(s->out, "end", SPACE_RIGHT, y, text, SVG_WHOLE);
}

/* "hold (process 12)", "core file" */
static void write_subject(const struct vmp_subject *s, FILE *out)
{
	vmp_svg_text(out, s->command, 24);
	fputs(s->command ? " (" : "", out);
	if (s->kind == VMP_KIND_PROCESS)
		fprintf(out, "process %d", (int)s->pid);
	else
		fprintf(out, "%s file", vmp_kind_name(s->kind));
	fputs(s->command ? ")" : "", out);
}

static void write_title(const struct vmp_subject *s, FILE *out)
{
	write_subject(s, out);
	fprintf(out, ": %s", vmp_digits(s->mappings));
	if (s->limit >= 0)
		fprintf(out, " of %s", vmp_digits((uint64_t)s->limit));
	fputs(s->limit == 1 || (s->limit < 0 && s->mappings == 1) ? " mapping"
								  : " mappings",
	      out);
	if (s->limit > 0)
		fprintf(out, ", %.1f %%",
			vmp_tenths(
				vmp_percent(s->mappings, (uint64_t)s->limit)));
}

/* A sentence of the text report, on one line. */
static void write_sentence(const struct vmp_space *s, bool next, char *text,
			   size_t size)
{
	static const struct vmp_style line = { .width = SVG_WHOLE };
	FILE *out = fmemopen(text, size, "w");

	*text = '\0';
	if (!out)
		return;
	if (next)
		vmp_explain_next(vmp_census_subject(s->census), &line, out);
	else
		vmp_explain_largest(s->census, &line, out);
	fclose(out);
	for (; *text; text++)
		if (*text == '\n')
			*text = text[1] ? ' ' : '\0';
}

static const char *name_of(const struct vmp_space *s, unsigned int key)
{
	return key < SPACE_OTHER ? vmp_owner_name(s->rows[key].owner) : "other";
}

/* For those who do not see the picture, and in it. */
static void draw_head(const struct vmp_space *s, int height)
{
	const struct vmp_subject *subject = vmp_census_subject(s->census);
	char largest[4600], next[400];

	write_sentence(s, false, largest, sizeof(largest));
	write_sentence(s, true, next, sizeof(next));
	vmp_svg_page(s->out, height);
	fputs("<title>", s->out);
	write_title(subject, s->out);
	fputs("</title>\n<desc>", s->out);
	vmp_svg_text(s->out, largest, 300);
	fprintf(s->out, " %s</desc>\n", next);
	vmp_svg_ground(s->out, height, style);
	fprintf(s->out, "<text class=\"name\" x=\"24\" y=\"%d\">", TITLE / 10);
	write_title(subject, s->out);
	fputs("</text>\n", s->out);
	vmp_svg_label(s->out, "summary", SPACE_LEFT, LARGEST, largest, 125);
	vmp_svg_label(s->out, "", SPACE_LEFT, NEXT, next, 145);
}

static void draw_part(const struct vmp_space *s, unsigned int key, int left,
		      int right)
{
	const char *name = name_of(s, key);
	int width = right - left;

	vmp_space_box(s, key, left, BAR, width > 30 ? width - 10 : width,
		      BAR_HEIGHT);
	fprintf(s->out, "<title>%s</title></rect>\n", name);
	if (width >= SPACE_LETTER_ROOM)
		vmp_space_mark(s, key, (left + right) / 2, BAR + 173,
			       width < ((int)strlen(name) + 6) * SVG_DIGIT
				       ? ""
				       : name);
}

static void draw_limit(const struct vmp_space *s, const struct vmp_subject *of,
		       int x)
{
	char text[96];

	fprintf(s->out, "<path class=\"limit\" d=\"M" SVG_PX " %dV%d\"/>\n",
		SVG_PX_OF(x), (BAR - 60) / 10, (BAR + BAR_HEIGHT + 60) / 10);
	snprintf(text, sizeof(text), "limit %s, %s left",
		 vmp_digits((uint64_t)of->limit),
		 (uint64_t)of->limit > of->mappings
			 ? vmp_digits((uint64_t)of->limit - of->mappings)
			 : "none");
	vmp_svg_label(s->out, x < SVG_RIGHT / 2 ? "limit" : "end limit", x,
		      LIMIT, text, SVG_WHOLE);
}

/* The limit, as far as it is used up, and by whom. */
static void draw_bar(const struct vmp_space *s)
{
	const struct vmp_subject *of = vmp_census_subject(s->census);
	uint64_t limit = of->limit > 0 ? (uint64_t)of->limit : 0;
	uint64_t most = limit > of->mappings ? limit : of->mappings;
	double each = SPACE_WIDTH / (most ? (double)most : 1);
	uint64_t sum = 0;
	int left = SPACE_LEFT;

	vmp_svg_rect(s->out, "shaded", SPACE_LEFT, BAR, SPACE_WIDTH,
		     BAR_HEIGHT);
	fputs("</rect>\n", s->out);
	for (unsigned int key = 0; key < SPACE_KEYS; key++) {
		int right;

		sum += s->owned[key];
		right = SPACE_LEFT + (int)((double)sum * each);
		if (right > left)
			draw_part(s, key, left, right);
		left = right;
	}
	if (limit)
		draw_limit(s, of, SPACE_LEFT + (int)((double)limit * each));
}

static void draw_owner(const struct vmp_space *s, unsigned int key, int y)
{
	const struct vmp_subject *of = vmp_census_subject(s->census);
	char share[32], others[64];
	const char *label = key < SPACE_OTHER ? s->rows[key].label : others;

	snprintf(share, sizeof(share), "%.1f %%",
		 vmp_percent(s->owned[key], of->mappings));
	snprintf(others, sizeof(others), "%s smaller owner%s",
		 vmp_digits(s->row_count - SPACE_NAMED),
		 s->row_count - SPACE_NAMED == 1 ? "" : "s");
	vmp_space_box(s, key, SPACE_LEFT, y, 180, 160);
	fputs("</rect>\n", s->out);
	vmp_space_mark(s, key, SPACE_LEFT + 90, y + 123, "");
	vmp_svg_label(s->out, "end strong", 1160, y + 123,
		      vmp_digits(s->owned[key]), SVG_WHOLE);
	vmp_svg_label(s->out, "end", 1700, y + 123, share, SVG_WHOLE);
	vmp_svg_label(s->out, "strong", 1860, y + 123, name_of(s, key),
		      SVG_WHOLE);
	vmp_svg_label(s->out, "", 2900, y + 123, label, 78);
}

static int draw_owners(const struct vmp_space *s, int y)
{
	for (unsigned int key = 0; key < SPACE_KEYS; key++) {
		if (!s->owned[key])
			continue;
		draw_owner(s, key, y);
		y += OWNER_HEIGHT;
	}
	return y;
}

/* A cluster; where it is dense, that part again; then the lens. */
static int draw_cluster(const struct vmp_space *s, size_t i, int y)
{
	static const struct vmp_stretch none = { .count = 0 };
	const struct vmp_stretch *c = &s->clusters[i];
	const struct vmp_stretch *part = s->dense.count ? &s->dense : &s->lens;

	vmp_space_sky(s, c, i == s->heavy ? part : &none, y);
	y += c->count > 1 ? SPACE_SKY_HEIGHT : SPACE_FLAT_HEIGHT;
	if (i != s->heavy || s->lens.count < 2)
		return y;
	if (part == &s->dense) {
		vmp_space_sky(s, &s->dense, &s->lens, y);
		y += SPACE_SKY_HEIGHT;
	}
	vmp_space_lens(s, y);
	return y + SPACE_LENS_HEIGHT;
}

static void draw_where(const struct vmp_space *s, int y)
{
	char text[128];

	if (!s->cluster_count)
		return;
	snprintf(text, sizeof(text),
		 "height: mappings in a column, logarithmic, up to %s",
		 vmp_digits(s->densest));
	vmp_svg_label(s->out, "summary strong", SPACE_LEFT, y + 220,
		      "Where they are", SVG_WHOLE);
	vmp_svg_label(s->out, "end", SPACE_RIGHT, y + 220, text, SVG_WHOLE);
	y += WHERE_HEIGHT;
	for (size_t i = 0; i < s->cluster_count; i++)
		y = draw_cluster(s, i, y);
}

static int height_of(const struct vmp_space *s)
{
	int height = OWNERS + WHERE_HEIGHT + SVG_MARGIN / 2;

	for (unsigned int key = 0; key < SPACE_KEYS; key++)
		height += s->owned[key] ? OWNER_HEIGHT : 0;
	for (size_t i = 0; i < s->cluster_count; i++)
		height += s->clusters[i].count > 1 ? SPACE_SKY_HEIGHT
						   : SPACE_FLAT_HEIGHT;
	height += s->dense.count ? SPACE_SKY_HEIGHT : 0;
	return height + (s->lens.count > 1 ? SPACE_LENS_HEIGHT : 0);
}

void vmp_explain_svg(const struct vmp_census *census, FILE *out)
{
	struct vmp_space space = { .census = census, .out = out };

	vmp_space_gather(&space);
	draw_head(&space, height_of(&space));
	draw_bar(&space);
	draw_where(&space, draw_owners(&space, OWNERS));
	fputs("</svg>\n", out);
}
