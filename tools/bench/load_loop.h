#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "tools/bench/latency_histogram.h"
#include "tools/bench/load_connections.h"
#include "tools/bench/load_progress.h"
#include "tools/bench/load_shape.h"

namespace respublica::bench {

/// One thread's share of the connections of a load, and the epoll loop that serves them.
///
/// Closed loop: a publisher sends its next batch when all replies to the last one are there and the deliveries under
/// way, of all publishers together, fit into the window. So the server always has work, and no subscriber falls so far
/// behind that an output limit could drop it. Open loop: a message is sent when its time has come, whether or not
/// earlier ones were answered; the stamp says when that was, so that a slow server cannot hide its queue.
///
/// Owner: LoadRun. Thread: connections are added by the owner's thread between phases, run_phase() on the loop's own.
class LoadLoop {
 public:
  LoadLoop(const LoadShape& shape, LoadProgress& progress);
  LoadLoop(const LoadLoop&) = delete;
  LoadLoop& operator=(const LoadLoop&) = delete;
  ~LoadLoop();

  void add(Subscriber subscriber);
  void add(Publisher publisher);

  /// Publishes until the phase's end, then waits for all deliveries of all loops. On a failure, here or in another
  /// loop, progress.failed() is true afterwards.
  void run_phase();

  const std::deque<Subscriber>& subscribers() const { return subscribers_; }
  /// Open loop: from the time at which a message was meant to be sent to its arrival, of all phases since reset.
  const LatencyHistogram& latencies() const { return latencies_; }
  void reset_latencies() { latencies_ = {}; }

 private:
  bool phase_is_over();
  void serve_events();
  void read_deliveries(Subscriber& subscriber);
  void read_replies(Publisher& publisher);
  void publish(Publisher& publisher);
  void publish_next_batch(Publisher& publisher);
  void publish_what_is_due(Publisher& publisher);
  void resume_waiting();
  void start_batch(Publisher& publisher, std::size_t count, std::int64_t sent_ns, std::int64_t step_ns);
  void continue_sending(Publisher& publisher);
  void watch_writability(Publisher& publisher, bool watch);
  void finish(Publisher& publisher);
  std::size_t deliveries_of(const Publisher& publisher, std::size_t count) const;
  std::int64_t due_ns(const Publisher& publisher) const;
  void watch(int fd, std::uint64_t tag);
  void fail(const std::string& who, const std::string& what);

  const LoadShape& shape_;
  LoadProgress& progress_;
  std::uint64_t window_;  ///< deliveries
  std::int64_t step_ns_;  ///< open loop: between two messages of one publisher
  int epoll_;
  std::deque<Subscriber> subscribers_;
  std::deque<Publisher> publishers_;
  std::deque<Publisher*> waiting_;  ///< for room in the window
  std::size_t unfinished_ = 0;      ///< publishers
  std::vector<char> buffer_;
  LatencyHistogram latencies_;
};

}  // namespace respublica::bench
