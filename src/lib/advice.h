/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Advice: rows of a table (advice-rows.c), asked one by one (advice.c). */
#ifndef VMP_ADVICE_H
#define VMP_ADVICE_H

#include "lib/census.h"

/* What the rows look at. */
struct vmp_facts {
	const struct vmp_census *c;
	uint64_t owner[VMP_OWNERS];   /* mappings */
	uint64_t reason[VMP_REASONS]; /* pairs */
	uint64_t anonymous;   /* writable mappings that are nothing special */
	uint64_t rights_none; /* anonymous mappings without access rights */
	uint64_t files;	      /* distinct ones, of owner file */
	bool glibc, jemalloc, jvm, guard_install;
};

/*
 * A piece of advice. It applies where what `count` counts is a tenth of the
 * mappings; a row without it has an `applies`.
 */
struct vmp_advice {
	const char *id;
	uint64_t (*count)(const struct vmp_facts *f,
			  const struct vmp_advice *row);
	bool (*applies)(const struct vmp_facts *f); /* NULL: always */
	enum vmp_owner owner;			    /* of rows that count one */
	enum vmp_reason reason;			    /* of rows that count one */
	const char *key, *second; /* in the detail of pairs that are counted */
	bool pairs;		  /* not mappings are counted */
	const char *text;	  /* what to do, and what it costs */
	const char *why;	  /* ends "N of M mappings are" */
	void (*add)(const struct vmp_facts *f, FILE *text);	 /* or NULL */
	void (*reason_of)(const struct vmp_facts *f, FILE *why); /* or NULL */
};

extern const struct vmp_advice vmp_advice_rows[];
extern const size_t vmp_advice_count;

#endif
