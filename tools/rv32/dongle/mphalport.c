// Console and time of the machine as a dongle, in place of the port's own mphalport.c: what comes while a program runs
// is kept, Ctrl-C ends that program, and there is a clock.

#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "uart.h"

#define KEPT (1024)

// QEMU's "virt" machine counts 10 MHz (hw/riscv/virt.c); its two words are read until the upper one stays.
static uint64_t ticks(void) {
    volatile uint32_t *clint = (volatile uint32_t *)0x0200bff8;
    uint32_t high, low;
    do {
        high = clint[1];
        low = clint[0];
    } while (high != clint[1]);
    return (uint64_t)high << 32 | low;
}

// Half a millisecond in which the host's processor is free: until the timer would interrupt, which is switched off.
static void rest(void) {
    volatile uint32_t *compare = (volatile uint32_t *)0x02004000;
    uint64_t end = ticks() + 5000;
    compare[1] = 0xffffffff;
    compare[0] = end;
    compare[1] = end >> 32;
    __asm volatile ("csrci mstatus, 8\n csrs mie, %0\n wfi" : : "r" (1 << 7));
}

static uint8_t kept[KEPT];
static size_t first, last;

void keep_what_comes(void) {
    while ((last + 1) % KEPT != first) {
        int octet = uart_rx_chr();
        if (octet < 0) {
            return;
        }
        if (octet == mp_interrupt_char) {
            first = last;
            mp_sched_keyboard_interrupt();
        } else {
            kept[last] = octet;
            last = (last + 1) % KEPT;
        }
    }
}

uintptr_t mp_hal_stdio_poll(uintptr_t poll_flags) {
    keep_what_comes();
    uintptr_t found = poll_flags & MP_STREAM_POLL_WR;
    return first == last ? found : found | (poll_flags & MP_STREAM_POLL_RD);
}

int mp_hal_stdin_rx_chr(void) {
    for (int tries = 0; first == last; tries++) {
        MICROPY_EVENT_POLL_HOOK
        if (tries > 2000) {
            rest();
        }
    }
    int octet = kept[first];
    first = (first + 1) % KEPT;
    return octet;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t length) {
    uart_tx_strn(text, length);
    return length;
}

mp_uint_t mp_hal_ticks_ms(void) {
    return ticks() / 10000;
}

mp_uint_t mp_hal_ticks_us(void) {
    return ticks() / 10;
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return ticks();
}

uint64_t mp_hal_time_ns(void) {
    return ticks() * 100;
}

void mp_hal_delay_us(mp_uint_t us) {
    uint64_t end = ticks() + (uint64_t)us * 10;
    while (ticks() < end) {
        MICROPY_EVENT_POLL_HOOK
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    uint64_t end = ticks() + (uint64_t)ms * 10000;
    while (ticks() < end) {
        MICROPY_EVENT_POLL_HOOK
        rest();
    }
}
