// SPDX-License-Identifier: GPL-2.0-or-later
/* The page that a picture is drawn on: its size, and colours by day and night. */
#include "report/svg-chart.h"

/*
 * Colours are written out for light and for dark: custom properties would turn
 * the picture black in viewers without var(), such as librsvg.
 */
static const char common[] =
	"svg{background:#fff;color-scheme:light dark}\n"
	"text{font:12px system-ui,'Segoe UI',Roboto,'Liberation Sans',"
	"Helvetica,Arial,sans-serif;font-variant-numeric:tabular-nums}\n"
	".name{font-size:20px;font-weight:600}\n"
	".summary{font-size:14px}\n"
	".middle{text-anchor:middle}\n"
	".end{text-anchor:end}\n"
	"path.limit{stroke-width:1.5}\n"
	".ground{fill:#fff}\n"
	"text{fill:#59636e}\n"
	".name,.summary{fill:#1f2328}\n"
	".shaded{fill:#f3f5f8}\n"
	"path.limit{stroke:#8a5a00}text.limit{fill:#8a5a00}\n"
	"@media (prefers-color-scheme:dark){\n"
	"svg{background:#0d1117}\n"
	".ground{fill:#0d1117}\n"
	"text{fill:#9aa4af}\n"
	".name,.summary{fill:#e6edf3}\n"
	".shaded{fill:#171d26}\n"
	"path.limit{stroke:#d9a032}text.limit{fill:#d9a032}\n"
	"}\n";

void vmp_svg_page(FILE *out, int height)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"960\" "
		"height=\"%d\" viewBox=\"0 0 960 %d\" role=\"img\">\n",
		height / 10, height / 10);
}

void vmp_svg_ground(FILE *out, int height, const char *style)
{
	fprintf(out, "<style>\n%s%s</style>\n", common, style);
	vmp_svg_rect(out, "ground", 0, 0, 9600, height);
	fputs("</rect>\n", out);
}

void vmp_svg_rect(FILE *out, const char *class, int x, int y, int width,
		  int height)
{
	fprintf(out,
		"<rect class=\"%s\" x=\"" SVG_PX "\" y=\"" SVG_PX
		"\" width=\"" SVG_PX "\" height=\"" SVG_PX "\">",
		class, SVG_PX_OF(x), SVG_PX_OF(y), SVG_PX_OF(width),
		SVG_PX_OF(height));
}
