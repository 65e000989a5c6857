#ifndef ECHO_UDP_SERVER_H
#define ECHO_UDP_SERVER_H

#include "wireladder/echo.h"

bool udp_server(const struct echo_server_config *config, struct err *err);

#endif
