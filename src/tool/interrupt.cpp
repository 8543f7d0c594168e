#include "interrupt.hpp"

#include <unistd.h>
#include <atomic>
#include <csignal>

namespace corymb::tool {
namespace {

enum Phase : int { before_fit, fitting, stopping, after_fit };

std::atomic<int> phase{before_fit};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch lock-free atomics only");

extern "C" void on_interrupt(int) {
  int expected = fitting;
  if (phase.compare_exchange_strong(expected, stopping)) return;
  if (expected != after_fit) _exit(interrupted);
}

}  // namespace

void handle_interrupts() {
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
}

void begin_fit() { phase = fitting; }
bool stop_requested() { return phase == stopping; }
void end_fit() { phase = after_fit; }

}  // namespace corymb::tool
