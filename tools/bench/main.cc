#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "tools/bench/bench_error.h"
#include "tools/bench/comparison.h"
#include "tools/bench/interruption.h"
#include "tools/bench/options.h"

int main(int argc, char** argv) {
  using namespace respublica::bench;
  try {
    const Options options = parse_options(argc, argv);
    catch_interruptions();
    run_all(options);
    return EXIT_SUCCESS;
  } catch (const BenchError& error) {
    fmt::print(stderr, "respublica-bench: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
