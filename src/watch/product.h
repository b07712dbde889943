/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What products ask vm.max_map_count to be, in their own documents. */
#ifndef VMP_PRODUCT_H
#define VMP_PRODUCT_H

#include <stddef.h>
#include <stdint.h>

/* The product itself looks when it starts, or its documents recommend it. */
enum vmp_product_kind { VMP_ASKED_AT_START, VMP_RECOMMENDED };

/* A row of products.def. */
struct vmp_product {
	const char *name; /* "elasticsearch" */
	int64_t limit;	  /* at least */
	enum vmp_product_kind kind;
	const char *of;	    /* what that is for: "production" */
	const char *source; /* where the product says so: an address */
};

extern const struct vmp_product vmp_products[];
extern const size_t vmp_product_count;

/* "at start", "recommended" */
extern const char *const vmp_product_kinds[];

/* Returns: its row, NULL where there is none of that name. */
const struct vmp_product *vmp_product_find(const char *name);

#endif
