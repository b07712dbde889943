/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scenario: text in, parameters, steps and expectations out.
 *
 *   text -> vmp_scenario_parse() -> struct vmp_scenario
 *        -> vmp_scenario_set() for each --set
 *        -> vmp_evaluate() with this machine's facts, step by step
 *
 * The parser reads nothing but the text, allocates from one arena that
 * vmp_scenario_free() gives back, and names the place of each error.
 */
#ifndef VMP_SCENARIO_H
#define VMP_SCENARIO_H

#include "engine/verb.h"

/* An error with its place. Its texts may hold bytes from outside. */
struct vmp_scenario_error {
	unsigned int line, column; /* from 1; 0: no place */
	char text[512];
	char excerpt[120]; /* the line; "" where it is too long */
};

/* Facts that an expression may name beside the parameters. */
enum vmp_fact {
	VMP_FACT_LIMIT,
	VMP_FACT_START,
	VMP_FACT_HEADROOM,
	VMP_FACT_PAGE_BYTES,
	VMP_FACTS
};

enum vmp_operator {
	VMP_PUSH,	    /* value */
	VMP_PUSH_PAGES,	    /* value * page_bytes */
	VMP_PUSH_FACT,	    /* value: enum vmp_fact */
	VMP_PUSH_PARAMETER, /* value: its index */
	VMP_ADD,
	VMP_SUBTRACT,
	VMP_MULTIPLY,
	VMP_DIVIDE,
	VMP_MINIMUM,
	VMP_MAXIMUM,
	VMP_NEGATE
};

/* An expression in postfix order. */
struct vmp_expression {
	struct vmp_node {
		enum vmp_operator op;
		unsigned int column;
		int64_t value;
	} * nodes;
	size_t count;
	unsigned int line;
};

struct vmp_parameter {
	const char *name;
	const char *text; /* the expression, as written */
	struct vmp_expression expression;
};

struct vmp_step {
	enum vmp_verb verb;
	const char *text; /* the line, blanks folded */
	unsigned int line;
	int group, to;		/* indices into groups; -1: none */
	bool takes_turns;	/* with the step above: a line with "and" */
	uint32_t given;		/* keys that it gives: 1 << enum vmp_key */
	int64_t word[VMP_KEYS]; /* for keys that take a word */
	struct vmp_expression number[VMP_KEYS];
};

struct vmp_group {
	const char *name;
	size_t made_by; /* index of its step */
};

enum vmp_outcome { VMP_SUCCEEDS, VMP_FAILS, VMP_LEAKS };

enum { VMP_MOST_ERRNOS = 4 };

struct vmp_expectation {
	const char *text;
	enum vmp_verb verb;
	int group;    /* -1: of any */
	ssize_t step; /* "it", the step above; -1: all that fit */
	enum vmp_outcome outcome;
	int errnos[VMP_MOST_ERRNOS]; /* 0 behind the last */
	enum vmp_cause cause;	     /* VMP_CAUSES: any */
};

/* What the kernel must have; `needs NAME` in a scenario. */
struct vmp_feature {
	const char *name;
	const char *missing; /* "this kernel has no ..." */
	bool (*probe)(void); /* changes nothing */
};

extern const struct vmp_feature vmp_features[];
extern const size_t vmp_feature_count;

struct vmp_scenario {
	const char *name;    /* built-in name, or the file's */
	const char *summary; /* first comment line, no full stop */
	const char *source;  /* the text that was parsed */
	struct vmp_parameter *parameters;
	struct vmp_group *groups;
	struct vmp_step *steps;
	struct vmp_expectation *expectations;
	const struct vmp_feature **needs;
	size_t parameter_count, group_count, step_count;
	size_t expectation_count, need_count;
	struct vmp_arena *arena;
};

/*
 * Parse a scenario.
 * In: name, for messages; text of `length` bytes, any bytes at all.
 * Out: *scenario on success, *error otherwise.
 * Returns: 0, -EINVAL (see *error), -ENOMEM.
 * Owns: the caller; name and text are copied.
 */
int vmp_scenario_parse(const char *name, const char *text, size_t length,
		       struct vmp_scenario **scenario,
		       struct vmp_scenario_error *error);
void vmp_scenario_free(struct vmp_scenario *scenario);

/* How many steps take turns, this one first; 1 where none does. */
size_t vmp_scenario_turns(const struct vmp_scenario *scenario, size_t step);

/*
 * Give a parameter another default: --set NAME=EXPRESSION.
 * Returns: 0, -EINVAL (see *error), -ENOMEM.
 */
int vmp_scenario_set(struct vmp_scenario *scenario, const char *assignment,
		     struct vmp_scenario_error *error);

struct vmp_facts {
	int64_t fact[VMP_FACTS];
	const int64_t *parameters; /* by index */
};

/*
 * Evaluate an expression: 64-bit, signed; division truncates.
 * Returns: 0, or -EINVAL with *error: overflow, or a division by zero.
 */
int vmp_evaluate(const struct vmp_expression *expression,
		 const struct vmp_facts *facts, int64_t *value,
		 struct vmp_scenario_error *error);

/* A built-in scenario, embedded when the program was built. */
struct vmp_builtin {
	const char *name, *text;
};

extern const struct vmp_builtin vmp_builtins[];
extern const size_t vmp_builtin_count;

/*
 * Load a scenario: a file where the value holds a "/" or ends in ".vma", else
 * a built-in one.
 * Returns: 0, -ENOENT (no such name), another -errno (the file), -EINVAL (an
 *   error in the text); *error has the words for each.
 */
int vmp_scenario_load(const char *value, struct vmp_scenario **scenario,
		      struct vmp_scenario_error *error);

#endif
