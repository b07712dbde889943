// SPDX-License-Identifier: GPL-2.0-or-later
/* The place in a scenario's text: words, messages, and names looked up. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/parser.h"
#include "lib/internal.h"

unsigned int vmp_parser_column(const struct vmp_parser *parser, const char *at)
{
	return (unsigned int)(at - parser->line) + 1;
}

int vmp_parser_fail(struct vmp_parser *parser, const char *at,
		    const char *format, ...)
{
	struct vmp_scenario_error *e = parser->error;
	size_t length = strcspn(parser->line, "\n");
	va_list args;

	e->line = parser->number;
	e->column = vmp_parser_column(parser, at);
	if (length < sizeof(e->excerpt))
		snprintf(e->excerpt, sizeof(e->excerpt), "%.*s", (int)length,
			 parser->line);
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	return -EINVAL;
}

bool vmp_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

const char *vmp_parser_found(const struct vmp_parser *parser, const char *at,
			     char *buffer, size_t size)
{
	size_t n = 0;

	if (at >= parser->end)
		return "the end of the line";
	while (at + n < parser->end && is_word_char(at[n]) && n < 30)
		n++;
	if (n)
		snprintf(buffer, size, "\"%.*s\"", (int)n, at);
	else if (*at > ' ' && *at < 0x7f)
		snprintf(buffer, size, "\"%c\"", *at);
	else
		snprintf(buffer, size, "the byte 0x%02x", (unsigned char)*at);
	return buffer;
}

void vmp_parser_skip_blanks(struct vmp_parser *parser)
{
	while (parser->p < parser->end && vmp_is_blank(*parser->p))
		parser->p++;
}

struct vmp_token vmp_parser_word(struct vmp_parser *parser)
{
	struct vmp_token word;

	vmp_parser_skip_blanks(parser);
	word.text = parser->p;
	while (parser->p < parser->end && is_word_char(*parser->p))
		parser->p++;
	word.length = (size_t)(parser->p - word.text);
	return word;
}

bool vmp_token_is(struct vmp_token token, const char *text)
{
	return token.length == strlen(text) &&
	       !memcmp(token.text, text, token.length);
}

const char *vmp_parser_line_text(struct vmp_parser *parser)
{
	char *text = vmp_arena_copy(parser->scenario->arena, parser->line,
				    (size_t)(parser->end - parser->line));
	size_t length = 0;

	if (!text)
		return NULL;
	for (const char *p = text; *p; p++)
		if (!vmp_is_blank(*p) || (length && text[length - 1] != ' '))
			text[length++] = vmp_is_blank(*p) ? ' ' : *p;
	while (length && text[length - 1] == ' ')
		length--;
	text[length] = '\0';
	return text;
}

static const char *verb_name(size_t i)
{
	return i < VMP_VERBS ? vmp_verbs[i].name : NULL;
}

/* " (did you mean \"unmap\"?)", or nothing */
const char *vmp_did_you_mean(struct vmp_token word,
			     const char *(*next)(size_t i), char *buffer,
			     size_t size)
{
	char text[40];
	const char *closest;

	snprintf(text, sizeof(text), "%.*s", (int)word.length, word.text);
	closest = word.length < sizeof(text) ? vmp_closest(text, next) : NULL;
	if (!closest)
		return "";
	snprintf(buffer, size, " (did you mean \"%s\"?)", closest);
	return buffer;
}

int vmp_parser_verb(struct vmp_parser *p, struct vmp_token word,
		    enum vmp_verb *verb)
{
	char found[48], hint[80], verbs[256] = "";

	for (size_t i = 0; i < VMP_VERBS; i++) {
		if (vmp_token_is(word, vmp_verbs[i].name)) {
			*verb = (enum vmp_verb)i;
			return 0;
		}
		strcat(strcat(verbs, i ? " " : ""), vmp_verbs[i].name);
	}
	return vmp_parser_fail(
		p, word.text, "found %s, which is no verb%s; verbs are: %s",
		vmp_parser_found(p, word.text, found, sizeof(found)),
		vmp_did_you_mean(word, verb_name, hint, sizeof(hint)), verbs);
}

int vmp_find_group(const struct vmp_parser *p, struct vmp_token word)
{
	for (size_t i = 0; i < p->scenario->group_count; i++)
		if (vmp_token_is(word, p->scenario->groups[i].name))
			return (int)i;
	return -1;
}

int vmp_parser_group(struct vmp_parser *p, struct vmp_token word, int *group)
{
	const struct vmp_scenario *s = p->scenario;
	char found[48];

	*group = word.length ? vmp_find_group(p, word) : -1;
	if (*group >= 0)
		return 0;
	return vmp_parser_fail(p, word.text,
			       "found %s; expected the name of a group that a "
			       "step above made%s%s",
			       vmp_parser_found(p, word.text, found,
						sizeof(found)),
			       s->group_count ? ", such as " : "",
			       s->group_count ? s->groups[0].name : "");
}
