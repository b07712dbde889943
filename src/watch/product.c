// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of products, and its rows by name. */
#include <string.h>

#include "watch/product.h"

const struct vmp_product vmp_products[] = {
#define PRODUCT(name_, limit_, kind_, of_, source_) \
	{ .name = name_,                            \
	  .limit = limit_,                          \
	  .kind = VMP_##kind_,                      \
	  .of = of_,                                \
	  .source = source_ },
#include "watch/products.def"
#undef PRODUCT
};

const size_t vmp_product_count = sizeof(vmp_products) / sizeof(vmp_products[0]);

const char *const vmp_product_kinds[] = {
	[VMP_ASKED_AT_START] = "at start",
	[VMP_RECOMMENDED] = "recommended",
};

const struct vmp_product *vmp_product_find(const char *name)
{
	for (size_t i = 0; i < vmp_product_count; i++)
		if (!strcmp(name, vmp_products[i].name))
			return &vmp_products[i];
	return NULL;
}
