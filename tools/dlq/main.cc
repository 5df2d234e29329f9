#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <memory>

#include "tools/dlq/broker.h"
#include "tools/dlq/commands.h"
#include "tools/dlq/options.h"

namespace respublica::dlqtool {
namespace {

int end(const Error& error) {
  fmt::print(stderr, "respublica-dlq: {}\n", error.message);
  return static_cast<int>(ExitCode::failure);
}

Result<ExitCode> run(Broker& broker, const Options& options, Dialogue& console) {
  switch (options.command) {
    case Options::Command::list:
      return list(broker, options, console);
    case Options::Command::stats:
      return stats(broker, options, console);
    case Options::Command::show:
      return show(broker, options, console);
    case Options::Command::watch:
      return watch(broker, options, console);
    case Options::Command::redrive:
    case Options::Command::discard:
      break;
  }
  return move(broker, options, console);
}

int run(const Options& options) {
  const Result<std::unique_ptr<Broker>> broker = connect(options.endpoint);
  if (!broker) return end(broker.error());
  ProgressLine progress(options.progress);
  const auto input = ::isatty(STDIN_FILENO) == 1 ? Dialogue::Input::asks : Dialogue::Input::nobody;
  Dialogue console(std::cin, input, std::cout, std::cerr, progress);
  const Result<ExitCode> code = run(*broker.value(), options, console);
  progress.clear();
  if (!code) return end(code.error());
  if (!console.is_written()) return end({"cannot write to standard output"});
  return static_cast<int>(code.value());
}

}  // namespace
}  // namespace respublica::dlqtool

int main(int argc, char** argv) { return respublica::dlqtool::run(respublica::dlqtool::parse_options(argc, argv)); }
