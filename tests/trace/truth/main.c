/* truth SCENARIO: makes its calls, and says what they were (tell.h). Without one: lists them. */
#include "tell.h"

#include <stdio.h>
#include <string.h>

static const struct scene {
	const char *name;
	void (*play)(void);
} scenes[] = {
	{"echo", scene_echo},
	{"threads", scene_threads},
	{"many", scene_many},
	{"big", scene_big},
	{"v6", scene_v6},
	{"udp", scene_udp},
	{"messages", scene_messages},
	{"vectors", scene_vectors},
	{"files", scene_files},
	{"dup", scene_dup},
	{"reused", scene_reused},
	{"fork", scene_fork},
	{"abandoned", scene_abandoned},
	{"exec", scene_exec},
	{"restart", scene_restart},
	{"eintr", scene_eintr},
	{"stopped", scene_stopped},
	{"timeout", scene_timeout},
	{"nonblocking", scene_nonblocking},
	{"full", scene_full},
	{"epoll", scene_epoll},
	{"select", scene_select},
	{"half-close", scene_half_close},
	{"refused", scene_refused},
	{"broken", scene_broken},
	{"closed", scene_closed},
	{"options", scene_options},
	{"unix", scene_unix},
	{"crash", scene_crash},
	{"endless", scene_endless},
	{"exits", scene_exits},
};

int main(int argc, char **argv)
{
	size_t count = sizeof(scenes) / sizeof(*scenes);
	for (size_t i = 0; i < count && argc == 2; i++) {
		if (strcmp(scenes[i].name, argv[1]) == 0) {
			scenes[i].play();
			return 0;
		}
	}
	if (argc == 3 && strcmp(argv[1], "inherited") == 0) {
		scene_inherited(argv[2]);
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		puts(scenes[i].name);
	return argc == 1 ? 0 : 1;
}
