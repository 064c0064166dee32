// What the port's mpconfigport.h leaves out and a dongle has: a file system, asyncio, time, select.
#include "mpconfigport.h"

#undef MICROPY_PY_SYS_STDIO_BUFFER
#undef MICROPY_PY_SELECT
#undef MICROPY_PY_TIME
#undef MICROPY_PY_ASYNCIO
#define MICROPY_PY_SYS_STDIO_BUFFER (1)
#define MICROPY_PY_SELECT (1)
#define MICROPY_PY_TIME (1)
#define MICROPY_PY_ASYNCIO (1)
#define MICROPY_PY_OS (1)
#define MICROPY_PY_OS_STATVFS (1)
#define MICROPY_PY_OS_URANDOM (0)

// Ctrl-C must reach a program that runs.
extern void keep_what_comes(void);
#define MICROPY_VM_HOOK_LOOP keep_what_comes();
#define MICROPY_VM_HOOK_RETURN keep_what_comes();
#define MICROPY_EVENT_POLL_HOOK \
    do { \
        keep_what_comes(); \
        extern void mp_handle_pending(bool); \
        mp_handle_pending(true); \
    } while (0);
