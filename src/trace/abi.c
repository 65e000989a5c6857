#include "tracing.h"

#include <linux/audit.h>

#define NUMBER(name, number) [CALL_##name] = (number)

static const struct abi abis[] = {
	{
		.audit_arch = AUDIT_ARCH_X86_64,
		.io_uring_setup = 425,
		.close_range = 436,
		.restart_syscall = 219,
		.rt_sigreturn = 15,
		.numbers = {
			NUMBER(SOCKET, 41), NUMBER(BIND, 49), NUMBER(LISTEN, 50),
			NUMBER(ACCEPT, 43), NUMBER(ACCEPT4, 288), NUMBER(CONNECT, 42),
			NUMBER(SENDTO, 44), NUMBER(SENDMSG, 46), NUMBER(SENDMMSG, 307),
			NUMBER(SENDFILE, 40), NUMBER(SPLICE, 275), NUMBER(RECVFROM, 45),
			NUMBER(RECVMSG, 47), NUMBER(RECVMMSG, 299), NUMBER(SHUTDOWN, 48),
			NUMBER(CLOSE, 3), NUMBER(GETSOCKOPT, 55), NUMBER(SETSOCKOPT, 54),
			NUMBER(POLL, 7), NUMBER(PPOLL, 271), NUMBER(SELECT, 23),
			NUMBER(PSELECT6, 270), NUMBER(EPOLL_WAIT, 232),
			NUMBER(EPOLL_PWAIT, 281), NUMBER(EPOLL_PWAIT2, 441),
			NUMBER(DUP, 32), NUMBER(DUP2, 33), NUMBER(DUP3, 292),
			NUMBER(READ, 0), NUMBER(READV, 19), NUMBER(WRITE, 1),
			NUMBER(WRITEV, 20),
		},
	},
	{
		/* asm-generic/unistd.h, as every newer architecture has them. What is -1 has
		 * a younger call in its place: ppoll, pselect6, epoll_pwait, dup3. */
		.audit_arch = AUDIT_ARCH_AARCH64,
		.io_uring_setup = 425,
		.close_range = 436,
		.restart_syscall = 128,
		.rt_sigreturn = 139,
		.numbers = {
			NUMBER(SOCKET, 198), NUMBER(BIND, 200), NUMBER(LISTEN, 201),
			NUMBER(ACCEPT, 202), NUMBER(ACCEPT4, 242), NUMBER(CONNECT, 203),
			NUMBER(SENDTO, 206), NUMBER(SENDMSG, 211), NUMBER(SENDMMSG, 269),
			NUMBER(SENDFILE, 71), NUMBER(SPLICE, 76), NUMBER(RECVFROM, 207),
			NUMBER(RECVMSG, 212), NUMBER(RECVMMSG, 243), NUMBER(SHUTDOWN, 210),
			NUMBER(CLOSE, 57), NUMBER(GETSOCKOPT, 209), NUMBER(SETSOCKOPT, 208),
			NUMBER(POLL, -1), NUMBER(PPOLL, 73), NUMBER(SELECT, -1),
			NUMBER(PSELECT6, 72), NUMBER(EPOLL_WAIT, -1),
			NUMBER(EPOLL_PWAIT, 22), NUMBER(EPOLL_PWAIT2, 441),
			NUMBER(DUP, 23), NUMBER(DUP2, -1), NUMBER(DUP3, 24),
			NUMBER(READ, 63), NUMBER(READV, 65), NUMBER(WRITE, 64),
			NUMBER(WRITEV, 66),
		},
	},
};

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#define NATIVE_ARCH 0
#endif

const struct abi *abi_find(uint32_t audit_arch)
{
	for (size_t i = 0; i < ARRAY_COUNT(abis); i++) {
		if (abis[i].audit_arch == audit_arch)
			return &abis[i];
	}
	return NULL;
}

const struct abi *abi_native(void)
{
	return abi_find(NATIVE_ARCH);
}

bool abi_call(const struct abi *abi, uint64_t number, enum call_kind *kind)
{
	for (size_t i = 0; i < CALL_COUNT; i++) {
		if (abi->numbers[i] >= 0 && (uint64_t)abi->numbers[i] == number) {
			*kind = (enum call_kind)i;
			return true;
		}
	}
	return false;
}
