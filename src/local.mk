# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LTLIBRARIES += libvmp.la

# LGPL: observes and explains, needs nothing but libc
libvmp_la_SOURCES = \
	src/lib/cause.c \
	src/lib/cgroup.c \
	src/lib/ctx.c \
	src/lib/internal.h \
	src/lib/limits.c \
	src/lib/maps.c \
	src/lib/vmaprobe.h

