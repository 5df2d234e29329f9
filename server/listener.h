#pragma once
// Where clients come in.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>

namespace respublica {

class IoThread;

/// What a listener hands its clients to: the thread it runs on (TCP: each io thread has a listener of its own on the
/// same port, SO_REUSEPORT), or all io threads in turn (a unix socket has one listener).
enum class Spread : std::uint8_t { own_thread, all_threads };

/// A listening socket on one io thread. It accepts, refuses whom the limits and protected mode keep out, and gives the
/// rest to an io thread. When the process is out of descriptors it waits a moment instead of spinning.
/// Outlives the io threads' runs: what it hands to another thread comes back to it.
///
/// Thread: opened before the io thread runs; then that thread. close() from any.
class Listener {
 public:
  Listener(IoThread& io, int descriptor, Spread spread);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start();
  /// Stops accepting, on the io thread, soon.
  void close();

 private:
  void accept_next();
  void on_readable();
  void pause_accepting();
  void take(int descriptor);
  /// Thread: that of `io`.
  void adopt_on(IoThread& io, int descriptor);

  IoThread& io_;
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> socket_;
  boost::asio::steady_timer pause_;
  Spread spread_;
  std::size_t next_thread_ = 0;
  bool out_of_descriptors_ = false;
  /// The latest client could not be watched by its io thread. Any thread.
  std::atomic<bool> unwatched_{false};
};

}  // namespace respublica
