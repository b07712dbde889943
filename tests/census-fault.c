// SPDX-License-Identifier: GPL-2.0-or-later
/* Holds the rows of a census against its mappings, and its sums together. */
#include <string.h>

#include "lib/internal.h"
#include "census-fault.h"

static const char *fault_of_owner(const struct vmp_owner_row *row)
{
	if (row->owner >= VMP_OWNERS || !vmp_owner_name(row->owner))
		return "an owner without a name";
	if (!row->label || !*row->label)
		return "a row without a label";
	return NULL;
}

static const char *check_mappings(const struct vmp_census *c)
{
	const struct vmp_subject *subject = vmp_census_subject(c);
	uint64_t mappings = 0, bytes = 0, pairs = 0;
	struct vmp_mapping m, before = { 0 };
	const struct vmp_owner_row *row;
	size_t i;

	for (i = 0; vmp_census_mapping(c, i, &m, &row); i++) {
		if (m.end <= m.start || m.start < before.end)
			return "mappings out of order";
		if (fault_of_owner(row))
			return fault_of_owner(row);
		mappings += m.counted;
		bytes += m.counted ? m.end - m.start : 0;
		pairs += i && m.counted && before.counted &&
			 before.end == m.start;
		before = m;
	}
	if (!i || vmp_census_mapping(c, SIZE_MAX, &m, NULL))
		return "no mappings, or too many";
	if (mappings != subject->mappings || bytes != subject->bytes)
		return "the subject's mappings";
	return pairs == subject->pairs ? NULL : "the subject's pairs";
}

static const char *check_owners(const struct vmp_census *c)
{
	const struct vmp_subject *subject = vmp_census_subject(c);
	const struct vmp_owner_row *rows;
	size_t count = vmp_census_owners(c, &rows);
	uint64_t mappings = 0, bytes = 0;

	for (size_t i = 0; i < count; i++) {
		if (fault_of_owner(&rows[i]))
			return fault_of_owner(&rows[i]);
		if (!rows[i].mappings ||
		    (i && rows[i].mappings > rows[i - 1].mappings))
			return "rows of owners out of order";
		mappings += rows[i].mappings;
		bytes += rows[i].bytes;
	}
	if (mappings != subject->mappings || bytes != subject->bytes)
		return "sums of owners";
	return NULL;
}

static const char *check_reasons(const struct vmp_census *c)
{
	const struct vmp_reason_row *rows;
	size_t count = vmp_census_reasons(c, &rows);
	uint64_t pairs = 0;

	for (size_t i = 0; i < count; i++) {
		if (!vmp_reason_name(rows[i].reason) || !rows[i].detail ||
		    !*rows[i].detail)
			return "a reason without words";
		if (!vmp_owner_name(rows[i].first) ||
		    !vmp_owner_name(rows[i].second))
			return "a reason without owners";
		if (!rows[i].pairs || (i && rows[i].pairs > rows[i - 1].pairs))
			return "rows of reasons out of order";
		pairs += rows[i].pairs;
	}
	return pairs == vmp_census_subject(c)->pairs ? NULL : "sums of reasons";
}

static const char *check_advice(const struct vmp_census *c)
{
	const struct vmp_advice_row *rows;
	size_t count = vmp_census_advice(c, &rows);

	for (size_t i = 0; i < count; i++)
		if (!rows[i].id || !rows[i].text || strlen(rows[i].text) < 20 ||
		    !rows[i].reason || !*rows[i].reason)
			return "advice without words";
	return NULL;
}

const char *census_fault(const struct vmp_census *c)
{
	static const char *(*const checks[])(const struct vmp_census *c) = {
		check_mappings,
		check_owners,
		check_reasons,
		check_advice,
	};
	const char *fault = NULL;

	for (size_t i = 0; i < VMP_COUNT(checks) && !fault; i++)
		fault = checks[i](c);
	return fault;
}
