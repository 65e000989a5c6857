/* arm64's numbers are the generic ones, which every machine's kernel headers bring along. Nothing
 * here may include <sys/syscall.h>: it has this machine's under the same names. */
#include "../../support/cm.h"

#include "../../../src/trace/tracing.h"

#include <linux/audit.h>
#include <asm-generic/unistd.h>

static const struct {
	enum call_kind kind;
	int number;
} expected[] = {
	{CALL_SOCKET, __NR_socket},           {CALL_BIND, __NR_bind},
	{CALL_LISTEN, __NR_listen},           {CALL_ACCEPT, __NR_accept},
	{CALL_ACCEPT4, __NR_accept4},         {CALL_CONNECT, __NR_connect},
	{CALL_SENDTO, __NR_sendto},           {CALL_SENDMSG, __NR_sendmsg},
	{CALL_SENDMMSG, __NR_sendmmsg},       {CALL_SENDFILE, __NR3264_sendfile},
	{CALL_SPLICE, __NR_splice},           {CALL_RECVFROM, __NR_recvfrom},
	{CALL_RECVMSG, __NR_recvmsg},         {CALL_RECVMMSG, __NR_recvmmsg},
	{CALL_SHUTDOWN, __NR_shutdown},       {CALL_CLOSE, __NR_close},
	{CALL_GETSOCKOPT, __NR_getsockopt},   {CALL_SETSOCKOPT, __NR_setsockopt},
	{CALL_PPOLL, __NR_ppoll},             {CALL_PSELECT6, __NR_pselect6},
	{CALL_EPOLL_PWAIT, __NR_epoll_pwait}, {CALL_EPOLL_PWAIT2, __NR_epoll_pwait2},
	{CALL_DUP, __NR_dup},                 {CALL_DUP3, __NR_dup3},
	{CALL_READ, __NR_read},               {CALL_READV, __NR_readv},
	{CALL_WRITE, __NR_write},             {CALL_WRITEV, __NR_writev},
	/* Younger ones stand in their place. */
	{CALL_POLL, -1}, {CALL_SELECT, -1}, {CALL_EPOLL_WAIT, -1}, {CALL_DUP2, -1},
};

static void test_arm64s_calls_have_the_generic_numbers(void **state)
{
	const struct abi *abi = abi_find(AUDIT_ARCH_AARCH64);
	(void)state;
	assert_int_equal(ARRAY_COUNT(expected), CALL_COUNT);
	for (size_t i = 0; i < CALL_COUNT; i++)
		assert_int_equal(abi->numbers[expected[i].kind], expected[i].number);
	assert_int_equal(abi->io_uring_setup, __NR_io_uring_setup);
	assert_int_equal(abi->close_range, __NR_close_range);
	assert_int_equal(abi->restart_syscall, __NR_restart_syscall);
	assert_int_equal(abi->rt_sigreturn, __NR_rt_sigreturn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arm64s_calls_have_the_generic_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
