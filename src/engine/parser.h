/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the scenario parser share: the place in the text. */
#ifndef VMP_PARSER_H
#define VMP_PARSER_H

#include "engine/arena.h"
#include "engine/scenario.h"

struct vmp_parser {
	struct vmp_scenario *scenario;
	struct vmp_scenario_error *error;
	const char *line, *end; /* of the line being read */
	const char *p;
	unsigned int number; /* of that line, from 1 */
	unsigned int depth;  /* of brackets */
};

/* A word in the line. */
struct vmp_token {
	const char *text;
	size_t length;
};

/* Where the parser looks, for messages: at the end of the line too. */
unsigned int vmp_parser_column(const struct vmp_parser *parser, const char *at);

/* Note an error at a place in the line. Returns: -EINVAL. */
int vmp_parser_fail(struct vmp_parser *parser, const char *at,
		    const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What stands at a place, as people read it: "end of line", "\"every\"". */
const char *vmp_parser_found(const struct vmp_parser *parser, const char *at,
			     char *buffer, size_t size);

void vmp_parser_skip_blanks(struct vmp_parser *parser);

/*
 * Parse an expression as far as it goes.
 * In: allow_headroom, false in parameters: headroom is read by steps.
 * Returns: 0, -EINVAL, -ENOMEM.
 */
int vmp_parse_expression(struct vmp_parser *parser,
			 struct vmp_expression *expression,
			 bool allow_headroom);

/*
 * Parse a line that begins with this word, which is to be a verb.
 * In: takes_turns, "and" is before it.
 */
int vmp_parse_step(struct vmp_parser *parser, struct vmp_token word,
		   bool takes_turns);

/* Parse the rest of an `expect` or `needs` line. */
int vmp_parse_expect(struct vmp_parser *parser);
int vmp_parse_needs(struct vmp_parser *parser);

/* Take a word of letters, digits, "-" and "_"; length 0 where there is none. */
struct vmp_token vmp_parser_word(struct vmp_parser *parser);
bool vmp_token_is(struct vmp_token token, const char *text);

/* "succeeds", "fails" or "leaks" */
bool vmp_is_outcome(struct vmp_token word);

/* The line without its comment, blanks folded to one; in the arena. */
const char *vmp_parser_line_text(struct vmp_parser *parser);

bool vmp_is_blank(char c);

/* " (did you mean \"unmap\"?)" in the buffer, or "". */
const char *vmp_did_you_mean(struct vmp_token word,
			     const char *(*next)(size_t i), char *buffer,
			     size_t size);

/* The index of a group; -1 where there is none of this name. */
int vmp_find_group(const struct vmp_parser *parser, struct vmp_token word);

/* Look up a verb or a group; fails with the nearest name. */
int vmp_parser_verb(struct vmp_parser *parser, struct vmp_token word,
		    enum vmp_verb *verb);
int vmp_parser_group(struct vmp_parser *parser, struct vmp_token word,
		     int *group);

#endif
