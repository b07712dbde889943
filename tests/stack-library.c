// SPDX-License-Identifier: GPL-2.0-or-later
/* A shared library with a known stack; see stack-held.c. */
__attribute__((noinline)) static void stack_library_hidden(void (*call)(void))
{
	call();
	__asm__ volatile("" ::: "memory");
}

void stack_library_enter(void (*call)(void));

void stack_library_enter(void (*call)(void))
{
	stack_library_hidden(call);
	__asm__ volatile("" ::: "memory");
}
