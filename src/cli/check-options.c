// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of `vmaprobe check`, and what follows from them. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check-options.h"
#include "engine/verb.h"
#include "lib/internal.h"
#include "report/style.h"

static const char *const formats[] = { "text", "json", NULL };

#define OPTION(...) VMP_OPTION(vmp_check_values, __VA_ARGS__)

const struct vmp_option vmp_check_options[VMP_CHECK_OPTIONS] = {
	OPTION("warning", "RANGE", TEXT, warning,
	       "80%, 5000:, @0:5000, ~:80%: what is fine; 80%", .letter = 'w'),
	OPTION("critical", "RANGE", TEXT, critical, "the same; 95%",
	       .letter = 'c'),
	OPTION("all", NULL, FLAG, all, "all processes, which is the default",
	       .letter = 'a'),
	VMP_PROCESS_OPTIONS(vmp_check_values, processes),
	OPTION("min-limit", "N", TEXT, min_limit,
	       "vm.max_map_count is to be at least so high"),
	OPTION("for", "PRODUCT", LIST, products,
	       "the same, as this product asks for; may be given often"),
	OPTION("list-products", NULL, FLAG, list_products,
	       "print the products, their figures and sources"),
	OPTION("rows", "N", COUNT, rows, "lines below the first; 5",
	       .letter = 'n'),
	OPTION("timeout", "TIME", SECONDS, timeout,
	       "UNKNOWN when it takes longer; 10 s", .letter = 't'),
	OPTION("verbose", NULL, FLAG, verbose, "say how it was counted",
	       .letter = 'v'),
	OPTION("format", "FORMAT", CHOICE, format, "text or json",
	       .choices = formats),
};

static const char *product_name(size_t i)
{
	return i < vmp_product_count ? vmp_products[i].name : NULL;
}

static int no_product(const struct vmp_command *self, const char *name)
{
	const char *closest = vmp_closest(name, product_name);
	char known[600] = "", shown[100], more[100] = "";

	for (size_t i = 0; i < vmp_product_count; i++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known),
			 "%s%s", i ? ", " : "", vmp_products[i].name);
	if (closest)
		snprintf(more, sizeof(more), " (did you mean \"%s\"?)",
			 closest);
	return vmp_usage_error(self,
			       "there is no product \"%s\"%s; there are: %s",
			       vmp_escape(name, shown, sizeof(shown)), more,
			       known);
}

/* None is lower than 1, which would not be judged; the sysctl is an int. */
static int read_limit(const struct vmp_command *self, const char *text,
		      int64_t *limit)
{
	unsigned long long value;
	char *end, shown[100];

	errno = 0;
	value = strtoull(text, &end, 10);
	*limit = (int64_t)value;
	if (*text >= '0' && *text <= '9' && !*end && !errno && value &&
	    value <= INT_MAX)
		return VMP_EXIT_OK;
	return vmp_usage_error(self,
			       "--min-limit=%s: expected a number from 1 to %s",
			       vmp_escape(text, shown, sizeof(shown)),
			       vmp_digits(INT_MAX));
}

/* The strictest of --min-limit and all of --for. */
static int choose_limit(const struct vmp_command *self,
			struct vmp_check_order *order)
{
	const struct vmp_check_values *v = order->values;
	int rc = VMP_EXIT_OK;

	order->wanted = 0;
	order->wanted_by = NULL;
	if (v->min_limit)
		rc = read_limit(self, v->min_limit, &order->wanted);
	if (rc != VMP_EXIT_OK)
		return rc;
	for (size_t i = 0; i < v->products.count; i++) {
		const struct vmp_product *p =
			vmp_product_find(v->products.item[i]);

		if (!p)
			return no_product(self, v->products.item[i]);
		if (p->limit <= order->wanted)
			continue;
		order->wanted = p->limit;
		order->wanted_by = p;
	}
	return VMP_EXIT_OK;
}

static int read_range(const struct vmp_command *self, const char *option,
		      const char *text, struct vmp_threshold *threshold)
{
	char reason[100], shown[100];

	if (vmp_threshold_parse(text, threshold, reason, sizeof(reason)) == 0)
		return VMP_EXIT_OK;
	return vmp_usage_error(self, "--%s=\"%s\": %s", option,
			       vmp_escape(text, shown, sizeof(shown)), reason);
}

/* With a limit to check, processes are looked at where an option is of them. */
static int choose_processes(const struct vmp_command *self,
			    struct vmp_check_order *order)
{
	const struct vmp_check_values *v = order->values;
	const struct vmp_process_values *p = &v->processes;
	bool some = p->pids.count || p->users.count || p->command;
	int rc;

	if (v->all && some)
		return vmp_usage_error(self,
				       "either --all, or -p, -u and --comm");
	order->processes = !order->wanted || some || v->all || v->warning ||
			   v->critical;
	rc = read_range(self, "warning", v->warning ? v->warning : "80%",
			&order->thresholds.warning);
	if (rc == VMP_EXIT_OK)
		rc = read_range(self, "critical",
				v->critical ? v->critical : "95%",
				&order->thresholds.critical);
	return rc == VMP_EXIT_OK ? vmp_processes_read(self, p, &order->choice)
				 : rc;
}

int vmp_check_options_read(const struct vmp_command *self,
			   const struct vmp_check_values *values,
			   struct vmp_check_order *order)
{
	int rc;

	*order = (struct vmp_check_order){ .values = values };
	rc = choose_limit(self, order);
	return rc == VMP_EXIT_OK ? choose_processes(self, order) : rc;
}
