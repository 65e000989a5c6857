#include "tell.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "truth: %s: %s\n", what, strerror(errno));
	_exit(99);
}

static void number_text(char text[24], int64_t number, bool has)
{
	snprintf(text, 24, has ? "%" PRId64 : "-", number);
}

static uint64_t inode_of(int fd)
{
	struct stat stat;
	return fd >= 0 && fstat(fd, &stat) == 0 && S_ISSOCK(stat.st_mode) ? stat.st_ino : 0;
}

/* One write: lines of several threads and processes do not mix. */
static void line_write(const struct line *line, uint64_t inode, uint64_t born, const char *ret,
		       const char *error)
{
	char text[256], bytes[24], inodes[2][24];
	int length;
	number_text(bytes, line->bytes, line->bytes >= 0);
	number_text(inodes[0], (int64_t)inode, inode > 0);
	number_text(inodes[1], (int64_t)born, born > 0);
	length = snprintf(text, sizeof(text), "%ld %s %d %s %s %s %s %s %s\n",
			  syscall(SYS_gettid), line->call, line->fd, ret, error, bytes, inodes[0],
			  inodes[1], line->flags && line->flags[0] ? line->flags : "-");
	if (write(STDOUT_FILENO, text, (size_t)length) != length)
		_exit(98);
}

static int line_tell(const struct line *line, uint64_t inode, int64_t ret)
{
	int error = errno;
	bool accepts = strncmp(line->call, "accept", 6) == 0;
	bool makes = strcmp(line->call, "socket") == 0;
	uint64_t born = accepts && ret >= 0 ? inode_of((int)ret) : 0;
	char value[24];
	if (makes && ret >= 0)
		inode = inode_of((int)ret);
	number_text(value, ret < 0 ? -1 : ret, true);
	line_write(line, inode, born, value, ret < 0 ? strerrorname_np(error) : "-");
	errno = error;
	return (int)ret;
}

int told_line(struct line line, int64_t ret)
{
	int error = errno;
	uint64_t inode = inode_of(line.fd);
	errno = error;
	return line_tell(&line, inode, ret);
}

int told_with(const char *call, const char *flags, int fd, int64_t ret)
{
	return told_line((struct line){call, fd, -1, flags}, ret);
}

int told(const char *call, int fd, int64_t ret)
{
	return told_with(call, NULL, fd, ret);
}

int moved_with(const char *call, const char *flags, int fd, int64_t ret)
{
	return told_line((struct line){call, fd, ret < 0 ? 0 : ret, flags}, ret);
}

int moved(const char *call, int fd, int64_t ret)
{
	return moved_with(call, NULL, fd, ret);
}

void begins(const char *call, int fd)
{
	struct line line = {call, fd, -1, "open,blocked"};
	line_write(&line, inode_of(fd), 0, "-", "-");
}

int shuts(int fd, const char *flags)
{
	struct line line = {"close", fd, -1, flags};
	uint64_t inode = inode_of(fd);
	return line_tell(&line, inode, close(fd));
}

static void address_get(int fd, struct sockaddr_in *address)
{
	socklen_t size = sizeof(*address);
	must(getsockname(fd, (struct sockaddr *)address, &size) == 0, "getsockname");
}

int listens(struct sockaddr_in *address)
{
	int fd = told("socket", -1, socket(AF_INET, SOCK_STREAM, 0));
	*address = (struct sockaddr_in){.sin_family = AF_INET};
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(told("bind", fd, bind(fd, (struct sockaddr *)address, sizeof(*address))) == 0,
	     "bind");
	must(told("listen", fd, listen(fd, 64)) == 0, "listen");
	address_get(fd, address);
	return fd;
}

int calls(const struct sockaddr_in *address)
{
	int fd = told("socket", -1, socket(AF_INET, SOCK_STREAM, 0));
	must(told_with("connect", "syn", fd,
		       connect(fd, (const struct sockaddr *)address, sizeof(*address))) == 0,
	     "connect");
	return fd;
}

int takes(int listener)
{
	int fd = told("accept", listener, accept(listener, NULL, NULL));
	must(fd >= 0, "accept");
	return fd;
}

struct connection connected(void)
{
	struct connection made;
	made.listener = listens(&made.address);
	made.client = calls(&made.address);
	made.server = takes(made.listener);
	return made;
}

int makes_udp(void)
{
	return told("socket", -1, socket(AF_INET, SOCK_DGRAM, 0));
}

int binds_udp(struct sockaddr_in *address)
{
	int fd = makes_udp();
	*address = (struct sockaddr_in){.sin_family = AF_INET};
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(told("bind", fd, bind(fd, (struct sockaddr *)address, sizeof(*address))) == 0,
	     "bind");
	address_get(fd, address);
	return fd;
}

void starts(void *(*run)(void *context), void *context, void *thread)
{
	errno = pthread_create(thread, NULL, run, context);
	must(errno == 0, "pthread_create");
}

void joins(void *thread)
{
	errno = pthread_join(*(pthread_t *)thread, NULL);
	must(errno == 0, "pthread_join");
}
