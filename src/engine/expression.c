// SPDX-License-Identifier: GPL-2.0-or-later
/* Expressions of the scenario language: parsed to postfix, then evaluated. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/parser.h"
#include "lib/internal.h"

enum { DEEPEST = 32, LONGEST = 256 };

static const char *const fact_names[VMP_FACTS] = {
	[VMP_FACT_LIMIT] = "limit",
	[VMP_FACT_START] = "start",
	[VMP_FACT_HEADROOM] = "headroom",
	[VMP_FACT_PAGE_BYTES] = "page_bytes",
};

struct context {
	struct vmp_parser *p;
	struct vmp_expression *e;
	bool allow_headroom;
};

static int parse_sum(struct context *c);

static int emit(struct context *c, enum vmp_operator op, int64_t value,
		const char *at)
{
	struct vmp_expression *e = c->e;

	if (e->count == LONGEST)
		return vmp_parser_fail(c->p, at,
				       "the expression has more "
				       "than %d parts",
				       LONGEST);
	e->nodes = vmp_arena_grow(c->p->scenario->arena, e->nodes, e->count,
				  sizeof(*e->nodes));
	if (!e->nodes)
		return -ENOMEM;
	e->nodes[e->count++] = (struct vmp_node){
		.op = op,
		.column = vmp_parser_column(c->p, at),
		.value = value,
	};
	return 0;
}

static bool take(struct vmp_parser *p, char c)
{
	vmp_parser_skip_blanks(p);
	if (p->p == p->end || *p->p != c)
		return false;
	p->p++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       is_digit(c);
}

static int64_t unit_factor(char c)
{
	switch (c) {
	case 'K':
		return 1LL << 10;
	case 'M':
		return 1LL << 20;
	case 'G':
		return 1LL << 30;
	default:
		return 0;
	}
}

/* "4096", "128K", "1p" */
static int parse_number(struct context *c)
{
	struct vmp_parser *p = c->p;
	const char *at = p->p;
	enum vmp_operator op = VMP_PUSH;
	int64_t value = 0, factor;

	while (p->p < p->end && is_digit(*p->p)) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *p->p - '0', &value))
			return vmp_parser_fail(p, at,
					       "the number does not fit "
					       "into 64 bits");
		p->p++;
	}
	factor = p->p < p->end ? unit_factor(*p->p) : 0;
	if (factor) {
		p->p++;
		if (__builtin_mul_overflow(value, factor, &value))
			return vmp_parser_fail(p, at,
					       "the number does not fit "
					       "into 64 bits");
	} else if (p->p < p->end && *p->p == 'p') {
		p->p++;
		op = VMP_PUSH_PAGES;
	}
	if (p->p < p->end && is_name(*p->p))
		return vmp_parser_fail(p, p->p,
				       "found \"%c\" behind a number; "
				       "its unit may be p (pages), K, M or G",
				       *p->p);
	return emit(c, op, value, at);
}

/* min(a, b) and max(a, b) */
static int parse_function(struct context *c, enum vmp_operator op,
			  const char *at)
{
	char found[48];
	int rc;

	c->p->p++;
	rc = parse_sum(c);
	if (rc < 0)
		return rc;
	if (!take(c->p, ','))
		return vmp_parser_fail(c->p, c->p->p,
				       "found %s; min and max take two "
				       "expressions with a comma between them",
				       vmp_parser_found(c->p, c->p->p, found,
							sizeof(found)));
	rc = parse_sum(c);
	if (rc < 0)
		return rc;
	if (!take(c->p, ')'))
		return vmp_parser_fail(
			c->p, c->p->p, "found %s; expected \")\"",
			vmp_parser_found(c->p, c->p->p, found, sizeof(found)));
	return emit(c, op, 0, at);
}

static int unknown_name(struct context *c, struct vmp_token name)
{
	const struct vmp_scenario *s = c->p->scenario;
	char names[256] = "limit, start, headroom, page_bytes";
	size_t length = strlen(names);

	for (size_t i = 0; i < s->parameter_count; i++) {
		int n = snprintf(names + length, sizeof(names) - length, ", %s",
				 s->parameters[i].name);

		if (n < 0 || (size_t)n >= sizeof(names) - length)
			break;
		length += (size_t)n;
	}
	return vmp_parser_fail(c->p, name.text,
			       "found \"%.*s\", which is no parameter defined "
			       "above; known here: %s",
			       (int)(name.length < 40 ? name.length : 40),
			       name.text, names);
}

static int push_name(struct context *c, struct vmp_token name)
{
	const struct vmp_scenario *s = c->p->scenario;

	for (int i = 0; i < VMP_FACTS; i++) {
		if (!vmp_token_is(name, fact_names[i]))
			continue;
		if (i == VMP_FACT_HEADROOM && !c->allow_headroom)
			return vmp_parser_fail(
				c->p, name.text,
				"headroom is read when a step "
				"begins: use it in a step, not in a parameter");
		return emit(c, VMP_PUSH_FACT, i, name.text);
	}
	for (size_t i = 0; i < s->parameter_count; i++)
		if (vmp_token_is(name, s->parameters[i].name))
			return emit(c, VMP_PUSH_PARAMETER, (int64_t)i,
				    name.text);
	return unknown_name(c, name);
}

static int parse_name(struct context *c)
{
	struct vmp_parser *p = c->p;
	struct vmp_token name = { p->p, 0 };

	while (p->p < p->end && is_name(*p->p))
		p->p++;
	name.length = (size_t)(p->p - name.text);
	vmp_parser_skip_blanks(p);
	if (p->p < p->end && *p->p == '(') {
		if (vmp_token_is(name, "min"))
			return parse_function(c, VMP_MINIMUM, name.text);
		if (vmp_token_is(name, "max"))
			return parse_function(c, VMP_MAXIMUM, name.text);
	}
	return push_name(c, name);
}

static int parse_brackets(struct context *c)
{
	char found[48];
	int rc = parse_sum(c);

	if (rc < 0)
		return rc;
	if (take(c->p, ')'))
		return 0;
	return vmp_parser_fail(
		c->p, c->p->p, "found %s; expected an operator or \")\"",
		vmp_parser_found(c->p, c->p->p, found, sizeof(found)));
}

static int parse_value(struct context *c)
{
	struct vmp_parser *p = c->p;
	const char *at;
	char found[48];
	int rc;

	vmp_parser_skip_blanks(p);
	at = p->p;
	if (++p->depth > DEEPEST)
		return vmp_parser_fail(p, at, "nested deeper than %d brackets",
				       DEEPEST);
	if (take(p, '-')) {
		rc = parse_value(c);
		rc = rc < 0 ? rc : emit(c, VMP_NEGATE, 0, at);
	} else if (take(p, '(')) {
		rc = parse_brackets(c);
	} else if (at < p->end && is_digit(*at)) {
		rc = parse_number(c);
	} else if (at < p->end && is_name(*at)) {
		rc = parse_name(c);
	} else {
		rc = vmp_parser_fail(
			p, at, "found %s; expected a number, a name or \"(\"",
			vmp_parser_found(p, at, found, sizeof(found)));
	}
	p->depth--;
	return rc;
}

static int parse_product(struct context *c)
{
	enum vmp_operator op;
	const char *at;
	int rc = parse_value(c);

	while (rc == 0) {
		vmp_parser_skip_blanks(c->p);
		at = c->p->p;
		if (take(c->p, '*'))
			op = VMP_MULTIPLY;
		else if (take(c->p, '/'))
			op = VMP_DIVIDE;
		else
			return 0;
		rc = parse_value(c);
		rc = rc < 0 ? rc : emit(c, op, 0, at);
	}
	return rc;
}

static int parse_sum(struct context *c)
{
	enum vmp_operator op;
	const char *at;
	int rc = parse_product(c);

	while (rc == 0) {
		vmp_parser_skip_blanks(c->p);
		at = c->p->p;
		if (take(c->p, '+'))
			op = VMP_ADD;
		else if (take(c->p, '-'))
			op = VMP_SUBTRACT;
		else
			return 0;
		rc = parse_product(c);
		rc = rc < 0 ? rc : emit(c, op, 0, at);
	}
	return rc;
}

int vmp_parse_expression(struct vmp_parser *parser,
			 struct vmp_expression *expression, bool allow_headroom)
{
	struct context c = { parser, expression, allow_headroom };

	*expression = (struct vmp_expression){ .line = parser->number };
	parser->depth = 0;
	return parse_sum(&c);
}

/* Returns: false on overflow. */
static bool apply(enum vmp_operator op, int64_t a, int64_t b, int64_t *value)
{
	switch (op) {
	case VMP_ADD:
		return !__builtin_add_overflow(a, b, value);
	case VMP_SUBTRACT:
		return !__builtin_sub_overflow(a, b, value);
	case VMP_MULTIPLY:
		return !__builtin_mul_overflow(a, b, value);
	case VMP_DIVIDE:
		if (b == 0 || (a == INT64_MIN && b == -1))
			return false;
		*value = a / b;
		return true;
	case VMP_MINIMUM:
		*value = a < b ? a : b;
		return true;
	default:
		*value = a > b ? a : b;
		return true;
	}
}

/* Returns: false on overflow, or for an operator that takes two values. */
static bool push(const struct vmp_node *n, const struct vmp_facts *facts,
		 int64_t *value)
{
	switch (n->op) {
	case VMP_PUSH:
		*value = n->value;
		return true;
	case VMP_PUSH_PAGES:
		return !__builtin_mul_overflow(
			n->value, facts->fact[VMP_FACT_PAGE_BYTES], value);
	case VMP_PUSH_FACT:
		*value = facts->fact[n->value];
		return true;
	default:
		*value = facts->parameters[n->value];
		return true;
	}
}

static int evaluation_error(const struct vmp_expression *e,
			    const struct vmp_node *n, const char *what,
			    struct vmp_scenario_error *error)
{
	error->line = e->line;
	error->column = n->column;
	snprintf(error->text, sizeof(error->text), "%s", what);
	return -EINVAL;
}

int vmp_evaluate(const struct vmp_expression *e, const struct vmp_facts *facts,
		 int64_t *value, struct vmp_scenario_error *error)
{
	int64_t stack[LONGEST] = { 0 };
	size_t depth = 0;
	bool fits;

	for (size_t i = 0; i < e->count; i++) {
		const struct vmp_node *n = &e->nodes[i];

		if (n->op <= VMP_PUSH_PARAMETER) {
			fits = push(n, facts, &stack[depth++]);
		} else if (n->op == VMP_NEGATE) {
			fits = apply(VMP_SUBTRACT, 0, stack[depth - 1],
				     &stack[depth - 1]);
		} else {
			depth--;
			if (n->op == VMP_DIVIDE && stack[depth] == 0)
				return evaluation_error(e, n,
							"division by "
							"zero",
							error);
			fits = apply(n->op, stack[depth - 1], stack[depth],
				     &stack[depth - 1]);
		}
		if (!fits)
			return evaluation_error(e, n,
						"the value does not fit "
						"into 64 bits",
						error);
	}
	*value = stack[0];
	return 0;
}
