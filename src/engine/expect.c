// SPDX-License-Identifier: GPL-2.0-or-later
/* Parses what a scenario expects and what it needs of the kernel. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/parser.h"
#include "lib/internal.h"

static int expected(struct vmp_parser *p, const char *at, const char *what)
{
	char found[48];

	return vmp_parser_fail(p, at, "found %s; expected %s",
			       vmp_parser_found(p, at, found, sizeof(found)),
			       what);
}

static int parse_errno(struct vmp_parser *p, struct vmp_expectation *e,
		       size_t i)
{
	struct vmp_token word = vmp_parser_word(p);

	if (i == VMP_MOST_ERRNOS)
		return vmp_parser_fail(p, word.text, "more than %d errnos",
				       VMP_MOST_ERRNOS);
	/* numbers differ between architectures: a scenario has names */
	if (!word.length || *word.text < '0' || *word.text > '9')
		e->errnos[i] = vmp_errno_number(word.text, word.length);
	if (!e->errnos[i])
		return expected(p, word.text,
				"the name of an errno, such as ENOMEM");
	return 0;
}

static int parse_cause(struct vmp_parser *p, struct vmp_expectation *e)
{
	struct vmp_token word = vmp_parser_word(p);
	char causes[256] = "a cause:";

	for (int i = 0; i < VMP_CAUSES; i++) {
		const char *name = vmp_cause_name((enum vmp_cause)i);

		if (vmp_token_is(word, name)) {
			e->cause = (enum vmp_cause)i;
			return 0;
		}
		strcat(strcat(causes, " "), name);
	}
	return expected(p, word.text, causes);
}

/* "ENOMEM or EAGAIN because map-count", behind "fails" */
static int parse_failure(struct vmp_parser *p, struct vmp_expectation *e)
{
	struct vmp_token word = { 0 };
	size_t i = 0;
	int rc;

	do {
		rc = parse_errno(p, e, i++);
		if (rc == 0)
			word = vmp_parser_word(p);
	} while (rc == 0 && vmp_token_is(word, "or"));
	if (rc == 0 && vmp_token_is(word, "because"))
		return parse_cause(p, e);
	if (rc == 0 && word.length)
		return expected(p, word.text,
				"\"or\", \"because\" or the end of the line");
	return rc;
}

static int parse_outcome(struct vmp_parser *p, struct vmp_token word,
			 struct vmp_expectation *e)
{
	if (vmp_token_is(word, "fails")) {
		e->outcome = VMP_FAILS;
		return parse_failure(p, e);
	}
	e->outcome = VMP_LEAKS;
	if (vmp_token_is(word, "leaks"))
		return 0;
	e->outcome = VMP_SUCCEEDS;
	if (vmp_token_is(word, "succeeds"))
		return 0;
	return expected(p, word.text, "succeeds, leaks or fails ERRNO");
}

bool vmp_is_outcome(struct vmp_token word)
{
	return vmp_token_is(word, "fails") || vmp_token_is(word, "leaks") ||
	       vmp_token_is(word, "succeeds");
}

/* An expectation of a step that does not exist can never be met. */
static int check_step(struct vmp_parser *p, const struct vmp_expectation *e,
		      const char *at)
{
	const struct vmp_scenario *s = p->scenario;

	for (size_t i = 0; i < s->step_count; i++)
		if (s->steps[i].verb == e->verb &&
		    (e->group < 0 || s->steps[i].group == e->group))
			return 0;
	return vmp_parser_fail(p, at, "no step above is \"%s%s%s\"",
			       vmp_verbs[e->verb].name, e->group < 0 ? "" : " ",
			       e->group < 0 ? "" : s->groups[e->group].name);
}

/* Each is held against every step. */
enum { MOST_EXPECTATIONS = 1000 };

/* "expect unmap memory in line 12 fails ENOMEM": which step "it" is. */
static const char *text_of_it(struct vmp_parser *p,
			      const struct vmp_expectation *e)
{
	const struct vmp_scenario *s = p->scenario;
	const char *line = vmp_parser_line_text(p);
	char text[400];

	if (!line)
		return NULL;
	snprintf(text, sizeof(text), "expect %s%s%.60s in line %u%s",
		 vmp_verbs[e->verb].name, e->group < 0 ? "" : " ",
		 e->group < 0 ? "" : s->groups[e->group].name,
		 s->steps[e->step].line, line + strlen("expect it"));
	return vmp_arena_copy(s->arena, text, strlen(text));
}

static int add_expectation(struct vmp_parser *p, struct vmp_expectation *e)
{
	struct vmp_scenario *s = p->scenario;

	if (s->expectation_count == MOST_EXPECTATIONS)
		return vmp_parser_fail(p, p->line, "more than %d expectations",
				       MOST_EXPECTATIONS);
	/* without the leading "expect " */
	e->text = e->step < 0 ? vmp_parser_line_text(p) : text_of_it(p, e);
	s->expectations = vmp_arena_grow(s->arena, s->expectations,
					 s->expectation_count,
					 sizeof(*s->expectations));
	if (!e->text || !s->expectations)
		return -ENOMEM;
	e->text += strlen("expect ");
	s->expectations[s->expectation_count++] = *e;
	return 0;
}

/* "expect it": the step above alone, whatever others do like it. */
static int take_step_above(struct vmp_parser *p, const char *at,
			   struct vmp_expectation *e)
{
	const struct vmp_scenario *s = p->scenario;

	if (!s->step_count)
		return vmp_parser_fail(p, at,
				       "no step is above: \"it\" is "
				       "the last one");
	e->step = (ssize_t)s->step_count - 1;
	e->verb = s->steps[e->step].verb;
	e->group = s->steps[e->step].group;
	return 0;
}

int vmp_parse_expect(struct vmp_parser *p)
{
	struct vmp_expectation e = { .group = -1,
				     .step = -1,
				     .cause = VMP_CAUSES };
	struct vmp_token verb = vmp_parser_word(p), word;
	int rc = vmp_token_is(verb, "it") ? take_step_above(p, verb.text, &e)
					  : vmp_parser_verb(p, verb, &e.verb);

	if (rc < 0)
		return rc;
	word = vmp_parser_word(p);
	if (word.length && !vmp_is_outcome(word) && e.step < 0) {
		rc = vmp_parser_group(p, word, &e.group);
		word = vmp_parser_word(p);
	}
	rc = rc < 0 ? rc : parse_outcome(p, word, &e);
	rc = rc < 0 ? rc : check_step(p, &e, verb.text);
	vmp_parser_skip_blanks(p);
	if (rc == 0 && p->p < p->end)
		rc = expected(p, p->p, "the end of the line");
	return rc < 0 ? rc : add_expectation(p, &e);
}

int vmp_parse_needs(struct vmp_parser *p)
{
	struct vmp_scenario *s = p->scenario;
	struct vmp_token word = vmp_parser_word(p);
	char features[128] = "a feature:";

	for (size_t i = 0; i < vmp_feature_count; i++) {
		strcat(strcat(features, " "), vmp_features[i].name);
		if (!vmp_token_is(word, vmp_features[i].name))
			continue;
		vmp_parser_skip_blanks(p);
		if (p->p < p->end)
			return expected(p, p->p, "the end of the line");
		s->needs = vmp_arena_grow(s->arena, s->needs, s->need_count,
					  sizeof(*s->needs));
		if (!s->needs)
			return -ENOMEM;
		s->needs[s->need_count++] = &vmp_features[i];
		return 0;
	}
	return expected(p, word.text, features);
}
