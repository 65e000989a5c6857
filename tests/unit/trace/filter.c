/* The filter, run by a few lines that do what the kernel does with it. */
#include "../../support/cm.h"

#include "../../../src/trace/filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

struct filtered {
	struct sock_filter code[FILTER_MAX];
	size_t count;
};

static struct filtered filter_of(uint32_t arch, bool no_rw)
{
	struct filtered filter;
	filter.count = filter_build(abi_find(arch), no_rw, filter.code);
	assert_in_range(filter.count, 1, FILTER_MAX);
	return filter;
}

static uint32_t filter_says(const struct filtered *filter, uint32_t arch, uint32_t number)
{
	uint32_t word = 0;
	for (size_t at = 0; at < filter->count; at++) {
		const struct sock_filter *op = &filter->code[at];
		switch (op->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(op->k == offsetof(struct seccomp_data, arch) ||
				    op->k == offsetof(struct seccomp_data, nr));
			word = op->k == offsetof(struct seccomp_data, nr) ? number : arch;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += word == op->k ? op->jt : op->jf;
			break;
		case BPF_RET | BPF_K:
			return op->k;
		default:
			fail_msg("no such instruction: %u", op->code);
		}
	}
	fail_msg("it runs off its end");
	return 0;
}

static void test_exactly_the_calls_of_the_list_stop(void **state)
{
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(archs); i++) {
		struct filtered filter = filter_of(archs[i], false);
		const struct abi *abi = abi_find(archs[i]);
		for (uint32_t number = 0; number < 600; number++) {
			enum call_kind kind;
			bool stops = abi_call(abi, number, &kind) ||
				     number == (uint32_t)abi->io_uring_setup ||
				     number == (uint32_t)abi->close_range ||
				     number == (uint32_t)abi->restart_syscall ||
				     number == (uint32_t)abi->rt_sigreturn;
			assert_int_equal(filter_says(&filter, archs[i], number),
					 stops ? SECCOMP_RET_TRACE : SECCOMP_RET_ALLOW);
		}
	}
}

static void test_without_rw_only_read_and_write_pass_more(void **state)
{
	struct filtered filter = filter_of(AUDIT_ARCH_X86_64, true);
	const struct abi *abi = abi_find(AUDIT_ARCH_X86_64);
	(void)state;
	for (size_t i = 0; i < CALL_COUNT; i++) {
		bool rw = i == CALL_READ || i == CALL_READV || i == CALL_WRITE ||
			  i == CALL_WRITEV;
		assert_int_equal(filter_says(&filter, AUDIT_ARCH_X86_64,
					     (uint32_t)abi->numbers[i]),
				 rw ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRACE);
	}
}

static void test_calls_of_another_architecture_pass(void **state)
{
	struct filtered filter = filter_of(AUDIT_ARCH_X86_64, false);
	(void)state;
	for (uint32_t number = 0; number < 600; number++)
		assert_int_equal(filter_says(&filter, AUDIT_ARCH_I386, number),
				 SECCOMP_RET_ALLOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exactly_the_calls_of_the_list_stop),
		cmocka_unit_test(test_without_rw_only_read_and_write_pass_more),
		cmocka_unit_test(test_calls_of_another_architecture_pass),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
