/* A TCP echo server of a few lines, for one client: pair PORT */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	char bytes[1024];
	ssize_t count;
	int listener = socket(AF_INET, SOCK_STREAM, 0), client;
	if (argc != 2)
		return 2;
	address.sin_port = htons((unsigned short)atoi(argv[1]));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(listener, 5) != 0)
		return 1;
	client = accept(listener, NULL, NULL);
	while ((count = recv(client, bytes, sizeof(bytes), 0)) > 0)
		send(client, bytes, (size_t)count, 0);
	close(client);
	close(listener);
	return 0;
}
