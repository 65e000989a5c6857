#include "wireladder/echo.h"

#include "tcp_server.h"
#include "udp_server.h"

bool echo_server(const struct echo_server_config *config, struct err *err)
{
	return config->udp ? udp_server(config, err) : tcp_server(config, err);
}
