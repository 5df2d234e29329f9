#pragma once
// Ctrl-C and SIGTERM: the run ends at its next check, and the servers it started are stopped on the way out.

namespace respublica::bench {

/// Catches SIGINT and SIGTERM from now on and ignores SIGPIPE. Call once, in main().
void catch_interruptions();

/// True once one of them came. Thread: any.
bool interrupted();

/// Throws BenchError once one of them came. Thread: any.
void throw_if_interrupted();

}  // namespace respublica::bench
