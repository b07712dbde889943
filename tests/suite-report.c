// SPDX-License-Identifier: GPL-2.0-or-later
/* The reports for people, CSV and SVG; escaping, and numbers as words. */
#include <string.h>

#include "report/style.h"
#include "sample.h"
#include "unit.h"

static const struct {
	const char *text, *escaped;
} escapes[] = {
	{ "", "" },
	{ "plain ~ text", "plain ~ text" },
	{ "a\nb\tc\r", "a\\012b\\011c\\015" },
	{ "\x1b[31m", "\\033[31m" },
	{ "\x01\x1f\x7f", "\\001\\037\\177" },
	{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
	  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "\xff", "\\377" },
	{ "\xc3", "\\303" },
	{ "\xc3(", "\\303(" },
	{ "\xe2\x82", "\\342\\202" },
	{ "\xc0\x80", "\\300\\200" },
	{ "\xed\xa0\x80", "\\355\\240\\200" },
	/* CSI as one character, and its neighbours */
	{ "\xc2\x9b", "\\302\\233" },
	{ "\xc2\x80\xc2\x9f\xc2\xa0", "\\302\\200\\302\\237\xc2\xa0" },
	/* marks that turn the direction of what follows */
	{ "a\xe2\x80\xae"
	  "b",
	  "a\\342\\200\\256b" },
};

START_TEST(escapes_text)
{
	char buffer[64];

	ck_assert_ptr_eq(vmp_escape(escapes[_i].text, buffer, sizeof(buffer)),
			 buffer);
	ck_assert_str_eq(buffer, escapes[_i].escaped);
}
END_TEST

/* However small the buffer: terminated, within it, no character cut. */
START_TEST(escapes_within_buffer)
{
	static const char text[] = "ab\xc3\xa9\x1b\xf0\x9f\x98\x80\xff"
				   "cd";
	char *buffer;

	for (size_t size = 1; size < 40; size++) {
		buffer = malloc(size);
		ck_assert_ptr_nonnull(buffer);
		memset(buffer, 0x5a, size);
		vmp_escape(text, buffer, size);
		ck_assert_ptr_nonnull(memchr(buffer, '\0', size));
		assert_clean(buffer, "");
		free(buffer);
	}
}
END_TEST

static const struct {
	const char *text;
	size_t length;
} characters[] = {
	{ "a", 1 },
	{ "\x7f", 1 },
	{ "\x80", 0 },
	{ "\xbf", 0 },
	{ "\xc0\xaf", 0 },
	{ "\xc1\xbf", 0 },
	{ "\xc2\x80", 2 },
	{ "\xdf\xbf", 2 },
	{ "\xdf\xc0", 0 },
	{ "\xc2", 0 },
	{ "\xe0\x9f\xbf", 0 },
	{ "\xe0\xa0\x80", 3 },
	{ "\xed\x9f\xbf", 3 },
	{ "\xed\xa0\x80", 0 },
	{ "\xee\x80\x80", 3 },
	{ "\xef\xbf\xbf", 3 },
	{ "\xe2\x82", 0 },
	{ "\xe2\x82(", 0 },
	{ "\xf0\x8f\xbf\xbf", 0 },
	{ "\xf0\x90\x80\x80", 4 },
	{ "\xf3\xbf\xbf\xbf", 4 },
	{ "\xf4\x8f\xbf\xbf", 4 },
	{ "\xf4\x90\x80\x80", 0 },
	{ "\xf0\x9f\x98", 0 },
	{ "\xf5\x80\x80\x80", 0 },
	{ "\xfe", 0 },
	{ "\xff", 0 },
};

START_TEST(measures_character)
{
	size_t length = strlen(characters[_i].text);
	char *exact = malloc(length + 1);

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, characters[_i].text, length + 1);
	ck_assert_uint_eq(vmp_utf8_length(exact), characters[_i].length);
	free(exact);
}
END_TEST

static const struct {
	int64_t value;
	const char *digits;
} digits[] = {
	{ 0, "0" },
	{ 999, "999" },
	{ 1000, "1,000" },
	{ -1, "-1" },
	{ -999, "-999" },
	{ -1000, "-1,000" },
	{ 65530, "65,530" },
	{ 999999, "999,999" },
	{ 1000000, "1,000,000" },
	{ INT64_MAX, "9,223,372,036,854,775,807" },
	{ INT64_MIN, "-9,223,372,036,854,775,808" },
};

START_TEST(groups_digits)
{
	char buffer[32];

	ck_assert_ptr_eq(vmp_group_digits(digits[_i].value, buffer), buffer);
	ck_assert_str_eq(buffer, digits[_i].digits);
}
END_TEST

static const struct {
	uint64_t bytes;
	const char *words;
} sizes[] = {
	{ 0, "0 bytes" },
	{ 1023, "1023 bytes" },
	{ 1024, "1 KiB" },
	{ 4096, "4 KiB" },
	{ 1536, "1.5 KiB" },
	{ 1048576, "1 MiB" },
	{ 1048575, "1.0 MiB" }, /* KNOWN BUG */
	{ 281436160, "268.4 MiB" },
	{ (uint64_t)5 << 30, "5 GiB" },
	{ (uint64_t)3 << 40, "3 TiB" },
	{ (uint64_t)7 << 50, "7 PiB" },
	{ (uint64_t)1 << 60, "1 EiB" },
	{ UINT64_MAX, "16 EiB" },
};

START_TEST(words_bytes)
{
	char buffer[32];

	ck_assert_ptr_eq(vmp_human_bytes(sizes[_i].bytes, buffer), buffer);
	ck_assert_str_eq(buffer, sizes[_i].words);
}
END_TEST

/* One field of CSV, unquoted. Returns: what is behind its comma or CRLF. */
static const char *take_field(const char *p, char *field, size_t size)
{
	bool quoted = *p == '"';
	size_t used = 0;

	for (p += quoted; quoted || (*p != ',' && *p != '\r'); p++) {
		if (!*p || used == size - 1)
			ck_abort_msg("a field without an end");
		if (quoted && *p == '"' && *++p != '"')
			break;
		field[used++] = *p;
	}
	field[used] = '\0';
	return p;
}

/* Each row has as many fields as the header; field `n` of row `row` is kept. */
static void read_csv(const char *text, int row, int n, char *kept, size_t size)
{
	int fields = 0, wanted = 0, line = 0;
	char field[512];

	while (*text) {
		text = take_field(text, field, sizeof(field));
		if (line == row && fields == n)
			snprintf(kept, size, "%s", field);
		fields++;
		if (*text == ',') {
			text++;
			continue;
		}
		ck_assert_msg(text[0] == '\r' && text[1] == '\n',
			      "a row ends in CRLF");
		text += 2;
		wanted = line++ ? wanted : fields;
		ck_assert_int_eq(fields, wanted);
		fields = 0;
	}
}

static const struct {
	int row, field;
	const char *text;
} fields[] = {
	{ 0, 0, "number" },	{ 0, 14, "first_cause" },
	{ 1, 0, "1" },		{ 1, 1, NASTY },
	{ 1, 2, "malloc" },	{ 1, 3, "a \"group\"" },
	{ 1, 4, "2000" },	{ 1, 6, "0.125000000" },
	{ 1, 10, "" },		{ 1, 14, "" },
	{ 2, 5, "30" },		{ 2, 9, "122880" },
	{ 2, 10, "970" },	{ 2, 11, "0x7f0012345000" },
	{ 2, 12, "4096" },	{ 2, 13, "ENOMEM" },
	{ 2, 14, "map-count" }, { 3, 13, "" },
	{ 4, 3, "" },		{ 4, 0, "4" },
};

START_TEST(prints_csv)
{
	struct sample sample;
	char kept[512] = "(no such field)", *text;

	sample_begin(&sample);
	sample.scenario->steps[0].text = NASTY;
	sample.scenario->groups[0].name = "a \"group\"";
	text = sample_print(&sample.run, SAMPLE_CSV);
	read_csv(text, fields[_i].row, fields[_i].field, kept, sizeof(kept));
	ck_assert_str_eq(kept, fields[_i].text);
	free(text);
	sample_end(&sample);
}
END_TEST

START_TEST(prints_list_as_csv)
{
	struct sample sample;
	struct vmp_listed list[2] = { { .available = true },
				      { .reason = "no, \"not\" here" } };
	char *text = NULL, kept[512] = "";
	size_t size;
	FILE *out = open_memstream(&text, &size);

	sample_begin(&sample);
	list[0].scenario = list[1].scenario = sample.scenario;
	vmp_report_list_csv(list, 2, out);
	ck_assert_int_eq(fclose(out), 0);
	read_csv(text, 1, 1, kept, sizeof(kept));
	ck_assert_str_eq(kept, "It's \"A\" <b>&\xff");
	read_csv(text, 1, 2, kept, sizeof(kept));
	ck_assert_str_eq(kept, "true");
	read_csv(text, 2, 3, kept, sizeof(kept));
	ck_assert_str_eq(kept, "no, \"not\" here");
	free(text);
	sample_end(&sample);
}
END_TEST

START_TEST(prints_text)
{
	static const char *const pieces[] = {
		"munmap() failed with ENOMEM: the limit of mappings is reached",
		"The range lies inside.",
		"Scenario test, Linux 6.1.0-test, vm.max_map_count 1,000",
		"not run",
		"munmap(0x7f0012345000, 4,096) ENOMEM, call 971 of 1,000",
		"1,000 of 1,000, headroom 0",
		"map-count (certain)",
		"malloc says that it gave back 5 MiB",
		"\xe2\x9c\x93  unmap page fails ENOMEM because map-count",
		"\xe2\x9c\x97  fork succeeds",
		"not reproduced",
	};
	struct sample sample;
	char *text;

	sample_begin(&sample);
	text = sample_print(&sample.run, SAMPLE_TEXT);
	for (size_t i = 0; i < VMP_COUNT(pieces); i++)
		assert_holds(text, pieces[i]);
	assert_clean(text, "\n");
	free(text);
	sample_end(&sample);
}
END_TEST

/* Text from outside does not reach the terminal as it is. */
START_TEST(prints_nasty_text)
{
	struct sample sample;
	char *text;

	sample_begin(&sample);
	sample.scenario->name = NASTY;
	sample.scenario->steps[0].text = NASTY;
	sample.scenario->steps[1].text = NASTY;
	sample.scenario->expectations[0].text = NASTY;
	strcpy(sample.run.allocator, NASTY);
	sample.run.ended = VMP_TIMED_OUT; /* KNOWN BUG: the reason is raw */
	strcpy(sample.run.reason, NASTY);
	text = sample_print(&sample.run, SAMPLE_TEXT);
	assert_clean(text, "\n");
	free(text);
	sample_end(&sample);
}
END_TEST

Suite *suite_report(void)
{
	Suite *suite = suite_create("report");
	TCase *words = tcase_create("words");
	TCase *report = tcase_create("report");

	tcase_add_loop_test(words, escapes_text, 0, VMP_COUNT(escapes));
	tcase_add_test(words, escapes_within_buffer);
	tcase_add_loop_test(words, measures_character, 0,
			    VMP_COUNT(characters));
	tcase_add_loop_test(words, groups_digits, 0, VMP_COUNT(digits));
	tcase_add_loop_test(words, words_bytes, 0, VMP_COUNT(sizes));
	suite_add_tcase(suite, words);
	tcase_add_loop_test(report, prints_csv, 0, VMP_COUNT(fields));
	tcase_add_test(report, prints_list_as_csv);
	tcase_add_test(report, prints_text);
	tcase_add_test(report, prints_nasty_text);
	suite_add_tcase(suite, report);
	return suite;
}
