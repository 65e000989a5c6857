/* cmocka wants these before itself. */
#ifndef WIRELADDER_TESTS_CM_H
#define WIRELADDER_TESTS_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
