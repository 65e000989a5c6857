/* The filter runs in the kernel at every system call of the program. Those in its list stop for
 * the tracer; all others pass, and cost a program next to nothing. It is inherited by threads,
 * children and what they execute.
 *
 * Calls of another architecture (a 32-bit program on a 64-bit kernel) have other numbers: they
 * pass, and it is told as such a program is executed (image.c). */
#include "filter.h"

#include <assert.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct sock_filter load_arch =
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
static const struct sock_filter load_number =
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
static const struct sock_filter pass = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
static const struct sock_filter stop = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);

static struct sock_filter jump_equal(uint32_t value, size_t if_equal, size_t if_not)
{
	return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, (uint8_t)if_equal,
					    (uint8_t)if_not);
}

/* Jumps are relative and reach 255 instructions: the whole list. */
static_assert(FILTER_MAX < 255, "a jump must reach from the first comparison to the last");

size_t filter_build(const struct abi *abi, bool no_rw,
		    struct sock_filter code[static FILTER_MAX])
{
	uint32_t numbers[CALL_COUNT + 4];
	size_t count = 0, at = 0, kinds = no_rw ? CALL_READ : CALL_COUNT;
	for (size_t i = 0; i < kinds; i++) {
		if (abi->numbers[i] >= 0)
			numbers[count++] = (uint32_t)abi->numbers[i];
	}
	numbers[count++] = (uint32_t)abi->io_uring_setup;
	numbers[count++] = (uint32_t)abi->close_range;
	numbers[count++] = (uint32_t)abi->restart_syscall;
	numbers[count++] = (uint32_t)abi->rt_sigreturn;
	code[at++] = load_arch;
	code[at++] = jump_equal(abi->audit_arch, 0, count + 1); /* else to `pass` */
	code[at++] = load_number;
	for (size_t i = 0; i < count; i++)
		code[at++] = jump_equal(numbers[i], count - i, 0);
	code[at++] = pass;
	code[at++] = stop;
	return at;
}

/* Without NO_NEW_PRIVS only root may install one: a setuid program could be fooled by it
 * (seccomp(2)). */
bool filter_install(const struct abi *abi, bool no_rw, int *error)
{
	struct sock_filter code[FILTER_MAX];
	struct sock_fprog program = {.len = (unsigned short)filter_build(abi, no_rw, code),
				     .filter = code};
	bool done = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
	*error = done ? 0 : errno;
	return done;
}

bool filter_can(int *error)
{
	uint32_t action = SECCOMP_RET_TRACE;
	bool can = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
	*error = can ? 0 : errno;
	return can;
}
