#include "server/server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <latch>
#include <system_error>

#include "server/durable_channels.h"
#include "server/log.h"
#include "server/service_manager.h"
#include "server/socket_options.h"
#include "server/stats_memory.h"

namespace respublica {
namespace {

/// Redis's spellings of "every address".
std::string plain_address(const std::string& address) {
  if (address == "*") return "0.0.0.0";
  if (address == "::*") return "::";
  return address;
}

/// As Redis at the second signal. The default action would spare the first process of a container.
void end_at_once(int) { std::_Exit(EXIT_FAILURE); }

}  // namespace

Server::Server(Settings settings, std::string config_file)
    : state_(std::move(settings), std::move(config_file)),
      context_(1),
      signals_(context_, SIGTERM, SIGINT, SIGHUP),
      watchdog_timer_(context_) {
  for (std::size_t i = 0; i < state_.counters().size(); ++i) {
    io_threads_.push_back(std::make_unique<IoThread>(state_, static_cast<std::uint8_t>(i)));
  }
  std::vector<IoThread*> threads;
  for (const auto& thread : io_threads_) threads.push_back(thread.get());
  state_.set_io_threads(std::move(threads));
  state_.set_shutdown_handler([this] { boost::asio::post(context_, [this] { context_.stop(); }); });
}

Server::~Server() {
  // After run() they have ended.
  for (const auto& thread : io_threads_) thread->shut_down(std::chrono::steady_clock::now());
  for (const auto& thread : io_threads_) thread->join();
  state_.durable().stop();
}

Result<void> Server::open() {
  open_resident_bytes();
  if (const Result<void> opened = state_.durable().open(); !opened) return opened;
  const auto settings = state_.settings();
  if (settings->port >= 0) {
    const Result<void> opened = open_tcp_listeners(*settings);
    if (!opened) return opened;
  }
  if (!settings->unixsocket.empty()) {
    const Result<void> opened = open_unix_listener(*settings);
    if (!opened) return opened;
  }
  for (const auto& listener : listeners_) listener->start();
  if (const Result<void> started = start_io_threads(); !started) return started;
  state_.durable().start();
  return {};
}

Result<void> Server::open_tcp_listeners(const Settings& settings) {
  state_.set_port(settings.port);
  std::size_t opened = 0;
  for (const std::string& entry : settings.bind) {
    const bool optional = entry.size() > 1 && entry.front() == '-';
    const std::string address = plain_address(optional ? entry.substr(1) : entry);
    const Result<void> result = open_address(address, state_.port(), settings.tcp_backlog);
    if (result) {
      ++opened;
    } else if (!optional) {
      return result.error();
    } else {
      log_event(LogLevel::verbose, "optional address left out", {{"reason", result.error().message}});
    }
  }
  if (opened == 0 && !settings.bind.empty()) return Error{"none of the bind addresses can be listened on"};
  return {};
}

Result<void> Server::open_address(const std::string& address, int port, int backlog) {
  if (port != 0) {
    const Result<void> is_free = check_port_free(address, port);
    if (!is_free) return is_free.error();
  }
  for (const auto& thread : io_threads_) {
    const Result<int> descriptor = listen_tcp(address, port, backlog);
    if (!descriptor) return descriptor.error();
    port = bound_port(descriptor.value());
    listeners_.push_back(std::make_unique<Listener>(*thread, descriptor.value(), Spread::own_thread));
  }
  state_.set_port(port);
  return {};
}

Result<void> Server::open_unix_listener(const Settings& settings) {
  const Result<int> descriptor =
      listen_unix(settings.unixsocket, static_cast<unsigned>(settings.unixsocketperm), settings.tcp_backlog);
  if (!descriptor) return descriptor.error();
  listeners_.push_back(std::make_unique<Listener>(*io_threads_.front(), descriptor.value(), Spread::all_threads));
  return {};
}

Result<void> Server::start_io_threads() {
  for (const auto& thread : io_threads_) {
    try {
      thread->start();
    } catch (const std::system_error& problem) {
      return Error{fmt::format("cannot start io thread {}: {}", thread->index(), problem.code().message())};
    }
  }
  return {};
}

void Server::run() {
  await_signals();
  watch_over_io_threads();
  log_event(LogLevel::notice, "Ready to accept connections",
            {{"port", state_.port()}, {"io_threads", io_threads_.size()}, {"pid", ::getpid()}});
  notify_service_manager("READY=1\nSTATUS=Ready to accept connections\n");
  context_.run();
  stop();
}

void Server::await_signals() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    on_signal(number);
  });
}

void Server::on_signal(int number) {
  if (number == SIGHUP) {
    const Result<void> reopened = reopen_log();
    if (!reopened) log_event(LogLevel::warning, "log file not reopened", {{"reason", reopened.error().message}});
    if (reopened) log_event(LogLevel::notice, "log file reopened");
    await_signals();
    return;
  }
  heed_impatience();
  log_event(LogLevel::notice, "signal received, shutting down", {{"signal", number == SIGINT ? "SIGINT" : "SIGTERM"}});
  context_.stop();
}

void Server::heed_impatience() {
  struct sigaction action {};
  action.sa_handler = end_at_once;
  for (const int number : {SIGTERM, SIGINT}) {
    boost::system::error_code ignored;
    signals_.remove(number, ignored);
    ::sigaction(number, &action, nullptr);
  }
}

void Server::watch_over_io_threads() {
  const std::chrono::microseconds interval = watchdog_interval();
  if (interval.count() == 0) return;
  // The service manager hears from us only while every io thread still runs what it is handed.
  auto missing = std::make_shared<std::atomic<std::size_t>>(io_threads_.size());
  for (const auto& thread : io_threads_) {
    thread->post([missing] {
      if (missing->fetch_sub(1) == 1) notify_service_manager("WATCHDOG=1\n");
    });
  }
  watchdog_timer_.expires_after(interval / 2);
  watchdog_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) watch_over_io_threads();
  });
}

void Server::stop() {
  heed_impatience();
  notify_service_manager("STOPPING=1\n");
  const auto settings = state_.settings();
  for (const auto& listener : listeners_) listener->close();
  const SteadyTime deadline = std::chrono::steady_clock::now() + std::chrono::seconds(settings->shutdown_timeout);
  // Once no thread serves requests any more, no message can be published to a session that is closing already.
  std::latch serving(static_cast<std::ptrdiff_t>(io_threads_.size()));
  for (const auto& thread : io_threads_) thread->stop_serving([&serving] { serving.count_down(); });
  serving.wait();
  // What was handed to the log is committed and answered.
  state_.durable().stop();
  for (const auto& thread : io_threads_) thread->shut_down(deadline);
  for (const auto& thread : io_threads_) thread->join();
  if (!settings->unixsocket.empty()) ::unlink(settings->unixsocket.c_str());
  log_event(LogLevel::notice, "bye");
}

}  // namespace respublica
