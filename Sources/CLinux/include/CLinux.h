#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>
#include <sys/types.h>

/// epoll without the pointer union that Swift calls unsafe.
typedef struct {
    uint32_t events;
    int32_t descriptor;
} clinux_epoll_event;

#endif
