#pragma once
// The daemon: builds its parts in order, runs them, and ends them in reverse.

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/io_thread.h"
#include "server/listener.h"
#include "server/server_state.h"

namespace respublica {

/// Owns the shared state, the io threads and the listeners. The main thread opens them, then waits for signals. An
/// object that goes without run() ends the io threads at once.
///
/// Thread: main.
class Server {
 public:
  Server(Settings settings, std::string config_file);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Opens every listener, starts the io threads, and says what could not be opened or started. Throws what Asio
  /// throws.
  Result<void> open();

  /// Watches over the io threads until SIGTERM, SIGINT or SHUTDOWN; then ends in order: no new clients, what is queued
  /// is sent (for shutdown-timeout at most), connections are closed. A signal meanwhile ends the process at once.
  void run();

 private:
  Result<void> open_tcp_listeners(const Settings& settings);
  Result<void> open_address(const std::string& address, int port, int backlog);
  Result<void> open_unix_listener(const Settings& settings);
  Result<void> start_io_threads();
  void await_signals();
  void on_signal(int number);
  /// From now on SIGTERM and SIGINT end the process at once: whoever sends a second one will not wait.
  void heed_impatience();
  void watch_over_io_threads();
  void stop();

  ServerState state_;
  boost::asio::io_context context_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer watchdog_timer_;
  std::vector<std::unique_ptr<IoThread>> io_threads_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace respublica
