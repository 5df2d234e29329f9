// The daemon: settings, log, server.

#include <fmt/format.h>
#include <unistd.h>

#include <boost/system/system_error.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>

#include "server/descriptor_limit.h"
#include "server/health_check.h"
#include "server/log.h"
#include "server/options.h"
#include "server/process.h"
#include "server/server.h"

namespace respublica {
namespace {

int fail(ExitCode code, const std::string& message) {
  fmt::print(stderr, "respublica: {}\n", message);
  return static_cast<int>(code);
}

int cannot_start(const Settings& settings, const std::string& reason) {
  // On standard output one line is enough.
  if (!settings.logfile.empty()) log_event(LogLevel::warning, "cannot start", {{"reason", reason}});
  return fail(ExitCode::cannot_start, reason);
}

/// A server that serves already.
Result<std::unique_ptr<Server>> start_server(const Settings& settings, const std::string& config_file) {
  // Where the system has no descriptor, thread or memory for it, an io_context or a listener cannot be made, and
  // throws.
  try {
    auto server = std::make_unique<Server>(settings, config_file);
    const Result<void> opened = server->open();
    if (!opened) return opened.error();
    return server;
  } catch (const boost::system::system_error& problem) {
    // Without the source line that Boost adds to what().
    return Error{fmt::format("cannot start: {}", problem.code().message())};
  } catch (const std::exception& problem) {
    return Error{fmt::format("cannot start: {}", problem.what())};
  }
}

int serve(Options options) {
  Settings settings = options.settings;
  if (!settings.dir.empty() && ::chdir(settings.dir.c_str()) != 0) {
    return fail(ExitCode::cannot_start,
                fmt::format("cannot change to the directory '{}': {}", settings.dir, std::strerror(errno)));
  }
  ::signal(SIGPIPE, SIG_IGN);
  // A limit on the size of files is an error of the write, which is then refused.
  ::signal(SIGXFSZ, SIG_IGN);
  Result<Background> background = settings.daemonize ? Background::enter() : Background();
  if (!background) return fail(ExitCode::cannot_start, background.error().message);
  const Result<void> log = open_log(settings.logfile, settings.loglevel, settings.log_format);
  if (!log) return fail(ExitCode::cannot_start, log.error().message);
  for (const std::string& warning : options.warnings) {
    log_event(LogLevel::warning, "settings", {{"warning", warning}});
  }
  const Result<void> fitted = fit_clients(settings);
  if (!fitted) return cannot_start(settings, fitted.error().message);
  const Result<std::unique_ptr<Server>> server = start_server(settings, options.config_file);
  if (!server) return cannot_start(settings, server.error().message);
  // Not earlier: a broker that cannot start must not touch the pid file of the one that runs.
  const Result<PidFile> pid_file = PidFile::write(settings.pidfile);
  if (!pid_file) return fail(ExitCode::cannot_start, pid_file.error().message);
  background.value().ready();
  server.value()->run();
  return static_cast<int>(ExitCode::ok);
}

}  // namespace
}  // namespace respublica

int main(int argc, char** argv) {
  using namespace respublica;
  Result<Options> options = parse_options(argc, argv);
  if (!options) return fail(ExitCode::bad_settings, options.error().message);
  switch (options.value().mode) {
    case Options::Mode::run:
      return serve(std::move(options.value()));
    case Options::Mode::ping:
      return check_health(options.value().settings);
    case Options::Mode::print:
      fmt::print("{}\n", options.value().text);
      return static_cast<int>(ExitCode::ok);
  }
}
