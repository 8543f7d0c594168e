#pragma once

namespace corymb::tool {

/// The exit code after Ctrl-C.
inline constexpr int interrupted = 130;

/// From here on Ctrl-C (SIGINT) ends the program at once with that exit code, also where the shell started it with
/// SIGINT ignored (a job in the background of a script): who sends the signal wants it to stop.
void handle_interrupts();

/// From here on the first Ctrl-C is only noted; a second one ends the program at once.
void begin_fit();

/// Whether Ctrl-C was pressed since begin_fit().
bool stop_requested();

/// From here on Ctrl-C has no effect: what is left to do is to write the results, which must not be torn.
void end_fit();

}  // namespace corymb::tool
