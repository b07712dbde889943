// SPDX-License-Identifier: GPL-2.0-or-later
/* Parses a step: a verb, its group, and its keys. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/parser.h"

static const char *key_name(size_t i)
{
	return i < VMP_KEYS ? vmp_keys[i].name : NULL;
}

/* Looked up by name in each step: few enough for that. */
enum { MOST_GROUPS = 10000 };

static int add_group(struct vmp_parser *p, struct vmp_token word, int *group)
{
	struct vmp_scenario *s = p->scenario;
	char found[48];

	if (!word.length)
		return vmp_parser_fail(
			p, word.text,
			"found %s; expected a name for the group "
			"of regions that this step makes",
			vmp_parser_found(p, word.text, found, sizeof(found)));
	if (p->scenario->group_count == MOST_GROUPS)
		return vmp_parser_fail(p, word.text, "more than %d groups",
				       MOST_GROUPS);
	if (vmp_is_outcome(word))
		return vmp_parser_fail(p, word.text,
				       "\"%.*s\" cannot name a group: it is "
				       "what follows one behind expect",
				       (int)word.length, word.text);
	if (vmp_find_group(p, word) >= 0)
		return vmp_parser_fail(
			p, word.text,
			"the group \"%.*s\" is "
			"made by a step above already",
			(int)(word.length < 40 ? word.length : 40), word.text);
	s->groups = vmp_arena_grow(s->arena, s->groups, s->group_count,
				   sizeof(*s->groups));
	if (!s->groups)
		return -ENOMEM;
	*group = (int)s->group_count;
	s->groups[s->group_count++] = (struct vmp_group){
		.name = vmp_arena_copy(s->arena, word.text, word.length),
		.made_by = s->step_count,
	};
	return s->groups[*group].name ? 0 : -ENOMEM;
}

static int unknown_key(struct vmp_parser *p, struct vmp_token word,
		       const struct vmp_verb_row *verb)
{
	char found[48], hint[80], keys[256] = "";

	for (size_t i = 0; i < VMP_KEYS; i++)
		if (verb->keys & 1U << i)
			strcat(strcat(keys, " "), vmp_keys[i].name);
	return vmp_parser_fail(
		p, word.text,
		"found %s, which is no key of %s%s; its keys "
		"are:%s",
		vmp_parser_found(p, word.text, found, sizeof(found)),
		verb->name,
		vmp_did_you_mean(word, key_name, hint, sizeof(hint)), keys);
}

static int find_key(struct vmp_parser *p, struct vmp_token word,
		    const struct vmp_verb_row *verb)
{
	for (int i = 0; i < VMP_KEYS; i++)
		if (vmp_token_is(word, vmp_keys[i].name) &&
		    verb->keys & 1U << i)
			return i;
	return unknown_key(p, word, verb);
}

static int parse_word_value(struct vmp_parser *p, enum vmp_key_kind kind,
			    int64_t *value)
{
	struct vmp_token word = vmp_parser_word(p);
	char found[48], list[400] = "";

	for (size_t i = 0; i < vmp_word_count; i++) {
		if (vmp_words[i].kind != kind)
			continue;
		if (vmp_token_is(word, vmp_words[i].name)) {
			*value = vmp_words[i].value;
			return 0;
		}
		strcat(strcat(list, " "), vmp_words[i].name);
	}
	return vmp_parser_fail(
		p, word.text, "found %s; expected one of:%s",
		vmp_parser_found(p, word.text, found, sizeof(found)), list);
}

static int parse_key_value(struct vmp_parser *p, struct vmp_step *step, int key)
{
	enum vmp_key_kind kind = vmp_keys[key].kind;

	step->given |= 1U << key;
	if (kind == VMP_KEY_KIND_NUMBER)
		return vmp_parse_expression(p, &step->number[key], true);
	if (kind == VMP_KEY_KIND_GROUP)
		return vmp_parser_group(p, vmp_parser_word(p), &step->to);
	return parse_word_value(p, kind, &step->word[key]);
}

/* One "key=value". */
static int parse_key(struct vmp_parser *p, struct vmp_step *step)
{
	struct vmp_token word = vmp_parser_word(p);
	char found[48];
	int key;

	if (!word.length)
		return vmp_parser_fail(p, p->p, "found %s; expected key=value",
				       vmp_parser_found(p, p->p, found,
							sizeof(found)));
	key = find_key(p, word, &vmp_verbs[step->verb]);
	if (key < 0)
		return key;
	if (step->given & 1U << key)
		return vmp_parser_fail(p, word.text,
				       "the key \"%s\" is given "
				       "twice",
				       vmp_keys[key].name);
	vmp_parser_skip_blanks(p);
	if (p->p == p->end || *p->p != '=')
		return vmp_parser_fail(
			p, p->p, "found %s; expected \"=\" behind \"%s\"",
			vmp_parser_found(p, p->p, found, sizeof(found)),
			vmp_keys[key].name);
	p->p++;
	return parse_key_value(p, step, key);
}

/* Give a key its default: the text in its row, parsed like any other. */
static int default_key(struct vmp_parser *p, struct vmp_step *step, int key)
{
	const char *text = vmp_keys[key].default_text;
	struct vmp_parser row = {
		.scenario = p->scenario,
		.error = p->error,
		.line = text,
		.p = text,
		.end = text + strlen(text),
		.number = p->number,
	};

	if (*text == '-')
		return 0;
	if (!*text)
		return vmp_parser_fail(p, p->end, "%s needs %s=: %s",
				       vmp_verbs[step->verb].name,
				       vmp_keys[key].name,
				       vmp_keys[key].summary);
	if (vmp_keys[key].kind == VMP_KEY_KIND_NUMBER)
		return vmp_parse_expression(&row, &step->number[key], true);
	return parse_word_value(&row, vmp_keys[key].kind, &step->word[key]);
}

static int parse_keys(struct vmp_parser *p, struct vmp_step *step)
{
	int rc = 0;

	vmp_parser_skip_blanks(p);
	while (rc == 0 && p->p < p->end) {
		rc = parse_key(p, step);
		vmp_parser_skip_blanks(p);
	}
	for (int i = 0; rc == 0 && i < VMP_KEYS; i++)
		if (vmp_verbs[step->verb].keys & 1U << i &&
		    !(step->given & 1U << i))
			rc = default_key(p, step, i);
	return rc;
}

/* free() of anything but a block of malloc() ends the worker. */
static int use_group(struct vmp_parser *p, struct vmp_step *step)
{
	const struct vmp_scenario *s = p->scenario;
	struct vmp_token word = vmp_parser_word(p);
	int rc = vmp_parser_group(p, word, &step->group);

	if (rc == 0 && vmp_verbs[step->verb].group == VMP_GROUP_BLOCKS &&
	    s->steps[s->groups[step->group].made_by].verb != VMP_VERB_malloc)
		return vmp_parser_fail(p, word.text,
				       "%s takes blocks of malloc; this group "
				       "was made by another verb",
				       vmp_verbs[step->verb].name);
	return rc;
}

/* Steps that choose their calls while they run cannot take turns. */
static bool runs_alone(enum vmp_verb verb)
{
	return verb == VMP_VERB_fill || verb == VMP_VERB_area;
}

/* "and" makes a step take turns with the one above. */
static int check_turns(struct vmp_parser *p, const char *at, enum vmp_verb verb)
{
	const struct vmp_scenario *s = p->scenario;
	size_t head = s->step_count;

	if (!head)
		return vmp_parser_fail(p, at,
				       "there is no step above that "
				       "this one could take turns with");
	while (--head && s->steps[head].takes_turns)
		;
	if (runs_alone(verb) || runs_alone(s->steps[s->step_count - 1].verb))
		return vmp_parser_fail(p, at, "%s takes no turns",
				       runs_alone(verb) ? vmp_verbs[verb].name
							: "the step above");
	if (s->step_count - head == VMP_MOST_TURNS)
		return vmp_parser_fail(p, at, "more than %d steps take turns",
				       VMP_MOST_TURNS);
	return 0;
}

size_t vmp_scenario_turns(const struct vmp_scenario *s, size_t step)
{
	size_t end = step + 1;

	while (end < s->step_count && s->steps[end].takes_turns)
		end++;
	return end - step;
}

int vmp_parse_step(struct vmp_parser *p, struct vmp_token word,
		   bool takes_turns)
{
	struct vmp_scenario *s = p->scenario;
	struct vmp_step step = { .group = -1,
				 .to = -1,
				 .line = p->number,
				 .takes_turns = takes_turns };
	int rc = vmp_parser_verb(p, word, &step.verb);

	if (rc == 0 && takes_turns)
		rc = check_turns(p, word.text, step.verb);
	if (rc == 0 && vmp_verbs[step.verb].group == VMP_GROUP_MAKES)
		rc = add_group(p, vmp_parser_word(p), &step.group);
	else if (rc == 0 && vmp_verbs[step.verb].group != VMP_GROUP_NONE)
		rc = use_group(p, &step);
	if (rc == 0)
		rc = parse_keys(p, &step);
	if (rc < 0)
		return rc;
	step.text = vmp_parser_line_text(p);
	s->steps = vmp_arena_grow(s->arena, s->steps, s->step_count,
				  sizeof(*s->steps));
	if (!s->steps || !step.text)
		return -ENOMEM;
	s->steps[s->step_count++] = step;
	return 0;
}
