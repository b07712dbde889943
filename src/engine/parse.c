// SPDX-License-Identifier: GPL-2.0-or-later
/* Parses a scenario, line by line: comments and parameters. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/parser.h"
#include "lib/internal.h"

/* Each is looked up by name among those above it: few enough for that. */
enum { MOST_PARAMETERS = 1000 };

static int add_parameter(struct vmp_parser *p, struct vmp_token name)
{
	static const char *const facts =
		" limit start headroom page_bytes min max ";
	struct vmp_scenario *s = p->scenario;
	struct vmp_parameter parameter = { 0 };
	char padded[40];

	if (s->parameter_count == MOST_PARAMETERS)
		return vmp_parser_fail(p, name.text, "more than %d parameters",
				       MOST_PARAMETERS);
	for (size_t i = 0; i < s->parameter_count; i++)
		if (vmp_token_is(name, s->parameters[i].name))
			return vmp_parser_fail(
				p, name.text,
				"the parameter "
				"\"%s\" is defined above already",
				s->parameters[i].name);
	snprintf(padded, sizeof(padded), " %.*s ",
		 (int)(name.length < 32 ? name.length : 32), name.text);
	if (strstr(facts, padded) || memchr(name.text, '-', name.length) ||
	    (name.text[0] >= '0' && name.text[0] <= '9'))
		return vmp_parser_fail(
			p, name.text,
			"\"%.*s\" cannot name a parameter: a name "
			"has letters, digits and \"_\", and is no fact (limit, "
			"start, headroom, page_bytes)",
			(int)(name.length < 32 ? name.length : 32), name.text);
	parameter.name = vmp_arena_copy(s->arena, name.text, name.length);
	s->parameters = vmp_arena_grow(s->arena, s->parameters,
				       s->parameter_count,
				       sizeof(*s->parameters));
	if (!parameter.name || !s->parameters)
		return -ENOMEM;
	s->parameters[s->parameter_count] = parameter;
	return 0;
}

/* The rest of a line is one expression, and its text is kept. */
static int parse_value_of(struct vmp_parser *p, struct vmp_parameter *parameter)
{
	const char *start;
	char found[48];
	int rc;

	vmp_parser_skip_blanks(p);
	start = p->p;
	rc = vmp_parse_expression(p, &parameter->expression, false);
	if (rc < 0)
		return rc;
	vmp_parser_skip_blanks(p);
	if (p->p < p->end)
		return vmp_parser_fail(
			p, p->p,
			"found %s; expected an operator or the end of "
			"the line",
			vmp_parser_found(p, p->p, found, sizeof(found)));
	while (p->p > start && vmp_is_blank(p->p[-1]))
		p->p--;
	parameter->text = vmp_arena_copy(p->scenario->arena, start,
					 (size_t)(p->p - start));
	return parameter->text ? 0 : -ENOMEM;
}

static int parse_parameter(struct vmp_parser *p, struct vmp_token name)
{
	struct vmp_scenario *s = p->scenario;
	int rc = add_parameter(p, name);

	if (rc < 0)
		return rc;
	p->p++;
	rc = parse_value_of(p, &s->parameters[s->parameter_count]);
	if (rc == 0)
		s->parameter_count++;
	return rc;
}

static int parse_line(struct vmp_parser *p)
{
	struct vmp_token word = vmp_parser_word(p);
	char found[48];

	if (!word.length && p->p == p->end)
		return 0;
	if (!word.length)
		return vmp_parser_fail(
			p, p->p,
			"found %s; expected a verb, NAME = EXPRESSION, "
			"expect, needs or a comment (#)",
			vmp_parser_found(p, p->p, found, sizeof(found)));
	vmp_parser_skip_blanks(p);
	if (p->p < p->end && *p->p == '=')
		return parse_parameter(p, word);
	if (vmp_token_is(word, "expect"))
		return vmp_parse_expect(p);
	if (vmp_token_is(word, "needs"))
		return vmp_parse_needs(p);
	if (vmp_token_is(word, "and"))
		return vmp_parse_step(p, vmp_parser_word(p), true);
	return vmp_parse_step(p, word, false);
}

/* The first comment line that says something is the summary. */
static int take_summary(struct vmp_parser *p, const char *comment,
			const char *end)
{
	struct vmp_scenario *s = p->scenario;

	while (comment < end && (*comment == '#' || vmp_is_blank(*comment)))
		comment++;
	while (end > comment && (vmp_is_blank(end[-1]) || end[-1] == '.'))
		end--;
	if (s->summary || comment == end || !strncmp(comment, "SPDX-", 5))
		return 0;
	s->summary = vmp_arena_copy(s->arena, comment, (size_t)(end - comment));
	return s->summary ? 0 : -ENOMEM;
}

static int check_bytes(struct vmp_parser *p)
{
	for (const char *c = p->line; c < p->end; c++)
		if ((unsigned char)*c < ' ' && !vmp_is_blank(*c))
			return vmp_parser_fail(
				p, c,
				"found the control character 0x%02x; a "
				"scenario is plain text",
				(unsigned char)*c);
	return 0;
}

/* Set the parser on the line that begins here. Returns: the next one. */
static const char *begin_line(struct vmp_parser *p, const char *text,
			      const char *text_end)
{
	size_t length = (size_t)(text_end - text);
	const char *newline = memchr(text, '\n', length);

	p->line = p->p = text;
	p->end = newline ? newline : text_end;
	p->number++;
	return newline ? newline + 1 : text_end;
}

/* Take a comment off the line; the first one is the summary. */
static int take_comment(struct vmp_parser *p)
{
	const char *end = p->end;

	p->end = p->line;
	while (p->end < end && *p->end != '#')
		p->end++;
	return p->end == p->line && p->end < end ? take_summary(p, p->end, end)
						 : 0;
}

static int parse_lines(struct vmp_parser *p, const char *text,
		       const char *text_end)
{
	int rc = 0;

	while (rc == 0 && text < text_end) {
		text = begin_line(p, text, text_end);
		rc = check_bytes(p);
		rc = rc < 0 ? rc : take_comment(p);
		rc = rc < 0 ? rc : parse_line(p);
	}
	return rc;
}

static int parse_all(struct vmp_parser *p, size_t length)
{
	struct vmp_scenario *s = p->scenario;
	int rc = parse_lines(p, s->source, s->source + length);

	if (rc < 0)
		return rc;
	if (!s->step_count) {
		p->line = p->p = p->end = "";
		p->number = p->number ? p->number : 1;
		return vmp_parser_fail(p, p->p,
				       "the scenario has no step; the "
				       "shortest one is: map page");
	}
	if (!s->summary)
		s->summary = "";
	return 0;
}

int vmp_scenario_parse(const char *name, const char *text, size_t length,
		       struct vmp_scenario **scenario,
		       struct vmp_scenario_error *error)
{
	struct vmp_arena *arena = vmp_arena_new();
	struct vmp_scenario *s = arena ? vmp_arena_alloc(arena, sizeof(*s))
				       : NULL;
	struct vmp_parser parser = { .scenario = s, .error = error };
	int rc = -ENOMEM;

	*error = (struct vmp_scenario_error){ .text = "out of memory" };
	if (s) {
		s->arena = arena;
		s->name = vmp_arena_copy(arena, name, strlen(name));
		s->source = vmp_arena_copy(arena, text, length);
		if (s->name && s->source)
			rc = parse_all(&parser, length);
	}
	if (rc < 0) {
		vmp_arena_free(arena);
		return rc;
	}
	*scenario = s;
	return 0;
}

void vmp_scenario_free(struct vmp_scenario *scenario)
{
	if (scenario)
		vmp_arena_free(scenario->arena);
}

static struct vmp_parameter *find_parameter(struct vmp_scenario *s,
					    struct vmp_token name)
{
	for (size_t i = 0; i < s->parameter_count; i++)
		if (vmp_token_is(name, s->parameters[i].name))
			return &s->parameters[i];
	return NULL;
}

static int unknown_parameter(struct vmp_parser *p, struct vmp_token name)
{
	const struct vmp_scenario *s = p->scenario;
	char names[200] = "none";
	size_t length = 0;

	for (size_t i = 0; i < s->parameter_count; i++) {
		int n = snprintf(names + length, sizeof(names) - length, "%s%s",
				 i ? ", " : "", s->parameters[i].name);

		if (n < 0 || (size_t)n >= sizeof(names) - length)
			break;
		length += (size_t)n;
	}
	return vmp_parser_fail(p, name.text,
			       "%s has no parameter \"%.*s\"; its "
			       "parameters: %s",
			       s->name,
			       (int)(name.length < 40 ? name.length : 40),
			       name.text, names);
}

int vmp_scenario_set(struct vmp_scenario *s, const char *assignment,
		     struct vmp_scenario_error *error)
{
	struct vmp_parser p = { .scenario = s, .error = error };
	struct vmp_parameter *parameter, changed;
	struct vmp_token name;
	size_t count = s->parameter_count;
	int rc;

	p.line = p.p = vmp_arena_copy(s->arena, assignment, strlen(assignment));
	if (!p.line)
		return -ENOMEM;
	p.end = p.line + strlen(p.line);
	name = vmp_parser_word(&p);
	vmp_parser_skip_blanks(&p);
	parameter = find_parameter(s, name);
	if (p.p == p.end || *p.p != '=' || !name.length)
		return vmp_parser_fail(&p, p.p, "expected NAME=EXPRESSION");
	if (!parameter)
		return unknown_parameter(&p, name);
	p.p++;
	/* only the parameters above it may be named, as in the text */
	s->parameter_count = (size_t)(parameter - s->parameters);
	changed = *parameter;
	rc = parse_value_of(&p, &changed);
	if (rc == 0)
		*parameter = changed;
	s->parameter_count = count;
	return rc;
}
