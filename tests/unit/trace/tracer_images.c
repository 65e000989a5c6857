/* What programs execute, and whom they make. */
#include "../../support/cm.h"

#include "../../support/session.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A file in memory that can be executed; its number stays open in what executes it. */
static const char *image_of(const void *bytes, size_t count, mode_t mode)
{
	static char path[40];
	int fd = memfd_create("image", 0);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, count), count);
	if (mode & S_ISUID)
		assert_int_equal(fchown(fd, geteuid() == 0 ? 65534 : geteuid(), (gid_t)-1), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

static void image_run(struct session *session, const char *path)
{
	const char *const argv[] = {path, NULL};
	const struct session_plan plan = {.argv = argv};
	session_run(session, &plan);
	close((int)strtol(strrchr(path, '/') + 1, NULL, 10));
}

static void test_a_32_bit_program_is_told_not_missed(void **state)
{
	static const struct {
		Elf32_Ehdr header;
		Elf32_Phdr segment;
		uint8_t code[8];
	} image = {
		{.e_ident = {0x7F, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
		 .e_type = ET_EXEC, .e_machine = EM_386, .e_version = EV_CURRENT,
		 .e_entry = 0x10000 + sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr),
		 .e_phoff = sizeof(Elf32_Ehdr), .e_ehsize = sizeof(Elf32_Ehdr),
		 .e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 1},
		{.p_type = PT_LOAD, .p_vaddr = 0x10000, .p_paddr = 0x10000,
		 .p_filesz = 92, .p_memsz = 92, .p_flags = PF_R | PF_X, .p_align = 0x1000},
		{0x31, 0xC0, 0x40, 0x31, 0xDB, 0xCD, 0x80, 0}, /* exit(0) */
	};
	struct session *session = session_new();
	(void)state;
	image_run(session, image_of(&image, sizeof(image), 0755));
	if (session->ends[0].status == 126) {
		free(session);
		print_message("skipped: this kernel runs no 32-bit programs\n");
		skip();
	}
	assert_int_equal(session->ends[0].status, 0);
	assert_non_null(strstr(session->note, "32-bit"));
	free(session);
}

static void test_a_setuid_program_is_told_that_it_gets_no_rights(void **state)
{
	static char self[1 << 20];
	struct session *session = session_new();
	int fd = open("/bin/true", O_RDONLY | O_CLOEXEC);
	ssize_t count = fd < 0 ? -1 : read(fd, self, sizeof(self));
	(void)state;
	close(fd);
	if (count <= 0 || geteuid() != 0) {
		free(session);
		print_message("skipped: only root can make a file that is another's\n");
		skip();
	}
	image_run(session, image_of(self, (size_t)count, 04755));
	assert_int_equal(session->ends[0].status, 0);
	assert_non_null(strstr(session->note, "setuid"));
	free(session);
}

static int program_uses_io_uring(void)
{
	syscall(SYS_io_uring_setup, 0, NULL);
	syscall(SYS_io_uring_setup, 0, NULL);
	return 0;
}

static void test_io_uring_is_told_once(void **state)
{
	const struct session_plan plan = {.programs = {program_uses_io_uring}};
	struct session *session = session_new();
	(void)state;
	session_run(session, &plan);
	assert_int_equal(session->notes, 1);
	assert_non_null(strstr(session->note, "io_uring"));
	free(session);
}

static void *thread_executes(void *unused)
{
	execl("/bin/sh", "sh", "-c", "exit 9", NULL);
	return unused;
}

static int program_executes_from_a_thread(void)
{
	struct sockaddr_in name;
	pthread_t thread;
	int listener = must_listen(&name);
	must(pthread_create(&thread, NULL, thread_executes, NULL) == 0);
	accept(listener, NULL, NULL);
	return 0;
}

static void test_a_thread_that_executes_takes_its_programs_place(void **state)
{
	const struct session_plan plan = {.programs = {program_executes_from_a_thread}};
	struct session *session = session_new();
	(void)state;
	session_run(session, &plan);
	assert_int_equal(session->ends[0].status, 9);
	for (size_t i = 0; i < session_count(session, "accept"); i++)
		assert_int_equal(session_call(session, "accept", i)->returned_ns, 0);
	free(session);
}

#define CROWD 300

static pid_t child_of(bool vforked)
{
	pid_t child = vforked ? vfork() : fork();
	if (child == 0)
		_exit(0);
	return child;
}

static int program_has_a_crowd(void)
{
	for (size_t i = 0; i < CROWD; i++)
		must(child_of(i % 2) > 0);
	while (wait(NULL) > 0)
		continue;
	return errno == ECHILD ? 0 : 1;
}

static void test_children_by_the_hundred_are_followed_to_their_ends(void **state)
{
	const struct session_plan plan = {.programs = {program_has_a_crowd}};
	struct session *session = session_new();
	(void)state;
	session_run(session, &plan);
	assert_int_equal(session->ends[0].status, 0);
	assert_int_equal(session->programs, 1); /* the others make no call */
	free(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_32_bit_program_is_told_not_missed),
		cmocka_unit_test(test_a_setuid_program_is_told_that_it_gets_no_rights),
		cmocka_unit_test(test_io_uring_is_told_once),
		cmocka_unit_test(test_a_thread_that_executes_takes_its_programs_place),
		cmocka_unit_test(test_children_by_the_hundred_are_followed_to_their_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
