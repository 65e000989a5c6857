/* The numbers of the calls: this machine's by its own header, arm64's by the kernel's generic
 * one (abi_generic.c). */
#include "../../support/cm.h"

#include "../../../src/trace/tracing.h"

#include <linux/audit.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define HERE "x86-64"
static const struct {
	enum call_kind kind;
	long number;
} expected[] = {
	{CALL_SOCKET, SYS_socket},           {CALL_BIND, SYS_bind},
	{CALL_LISTEN, SYS_listen},           {CALL_ACCEPT, SYS_accept},
	{CALL_ACCEPT4, SYS_accept4},         {CALL_CONNECT, SYS_connect},
	{CALL_SENDTO, SYS_sendto},           {CALL_SENDMSG, SYS_sendmsg},
	{CALL_SENDMMSG, SYS_sendmmsg},       {CALL_SENDFILE, SYS_sendfile},
	{CALL_SPLICE, SYS_splice},           {CALL_RECVFROM, SYS_recvfrom},
	{CALL_RECVMSG, SYS_recvmsg},         {CALL_RECVMMSG, SYS_recvmmsg},
	{CALL_SHUTDOWN, SYS_shutdown},       {CALL_CLOSE, SYS_close},
	{CALL_GETSOCKOPT, SYS_getsockopt},   {CALL_SETSOCKOPT, SYS_setsockopt},
	{CALL_POLL, SYS_poll},               {CALL_PPOLL, SYS_ppoll},
	{CALL_SELECT, SYS_select},           {CALL_PSELECT6, SYS_pselect6},
	{CALL_EPOLL_WAIT, SYS_epoll_wait},   {CALL_EPOLL_PWAIT, SYS_epoll_pwait},
	{CALL_EPOLL_PWAIT2, SYS_epoll_pwait2}, {CALL_DUP, SYS_dup},
	{CALL_DUP2, SYS_dup2},               {CALL_DUP3, SYS_dup3},
	{CALL_READ, SYS_read},               {CALL_READV, SYS_readv},
	{CALL_WRITE, SYS_write},             {CALL_WRITEV, SYS_writev},
};
#endif

static void test_this_machines_calls_have_the_numbers_of_its_header(void **state)
{
	(void)state;
#ifdef HERE
	const struct abi *abi = abi_native();
	assert_non_null(abi);
	assert_int_equal(ARRAY_COUNT(expected), CALL_COUNT);
	for (size_t i = 0; i < CALL_COUNT; i++)
		assert_int_equal(abi->numbers[expected[i].kind], expected[i].number);
	assert_int_equal(abi->io_uring_setup, SYS_io_uring_setup);
	assert_int_equal(abi->close_range, SYS_close_range);
	assert_int_equal(abi->restart_syscall, SYS_restart_syscall);
	assert_int_equal(abi->rt_sigreturn, SYS_rt_sigreturn);
#else
	skip(); /* not x86-64 */
#endif
}

static void test_a_number_is_found_again_as_its_call(void **state)
{
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(archs); i++) {
		const struct abi *abi = abi_find(archs[i]);
		enum call_kind kind = CALL_COUNT;
		for (size_t k = 0; k < CALL_COUNT; k++) {
			if (abi->numbers[k] < 0)
				continue;
			assert_true(abi_call(abi, (uint64_t)abi->numbers[k], &kind));
			assert_int_equal(kind, k);
		}
	}
}

static void test_other_calls_and_other_machines_are_not_known(void **state)
{
	const struct abi *abi = abi_find(AUDIT_ARCH_AARCH64);
	enum call_kind kind;
	(void)state;
	assert_null(abi_find(AUDIT_ARCH_I386));
	assert_false(abi_call(abi, 220, &kind)); /* clone */
	assert_false(abi_call(abi, UINT64_MAX, &kind)); /* what it has not is -1 in the table */
	assert_false(abi_call(abi_find(AUDIT_ARCH_X86_64), 0x40000000 + 42, &kind)); /* x32 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_this_machines_calls_have_the_numbers_of_its_header),
		cmocka_unit_test(test_a_number_is_found_again_as_its_call),
		cmocka_unit_test(test_other_calls_and_other_machines_are_not_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
