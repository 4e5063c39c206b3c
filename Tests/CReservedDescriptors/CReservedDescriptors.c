#define _GNU_SOURCE
#include "CReservedDescriptors.h"
#include <fcntl.h>
#include <unistd.h>

// A service manager passes its sockets at descriptor 3 and above. A test that does so must not find the runtime's own
// there, which it would take from under a thread at work; so they are taken before the runtime is there.
__attribute__((constructor)) static void reserve_passed_descriptors(void)
{
    for (int number = 3; number < 6; number++) {
        if (fcntl(number, F_GETFD) != -1)
            continue;
        int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (descriptor >= 0 && descriptor != number) {
            dup3(descriptor, number, O_CLOEXEC);
            close(descriptor);
        }
    }
}
