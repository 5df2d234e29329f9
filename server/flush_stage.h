#pragma once
// When the sessions of an io thread send what is queued for them.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

namespace respublica {

/// What a session waits to be flushed for; a session is due for the greatest of what was added. A reply is awaited by a
/// client that sends little at once.
enum class FlushDue : std::uint8_t { nothing, messages, reply, awaited_reply };

/// The sessions that have something to send. Each is flushed once, however much was queued for it meanwhile:
///
/// - First all that got a reply: a publisher sends its next request while its message still goes out to the others. The
///   awaited ones can go out before the caller looks for more requests; others may grow meanwhile.
/// - Then those that got messages, in the order in which they were added, and only some of them when the caller wants
///   to look at its sockets in between. What is published then reaches the rest together with what already waits for
///   them: the more there is to send, the more goes out with one call.
///
/// Thread: its io thread.
class FlushStage {
 public:
  /// A send takes some 5 us: enough of them that a look at the sockets in between costs little, few enough that no
  /// request waits long.
  static constexpr std::size_t kFlushesPerTurn = 16;
  static constexpr std::size_t kAllFlushes = std::numeric_limits<std::size_t>::max();

  /// Adds the session of that number; `state` is what that session is due for.
  void add(std::uint64_t number, FlushDue& state, FlushDue due);

  /// Flushes all that got a reply that is awaited. `flush(number)` flushes that session if it is there and due, says
  /// whether it did, and adds none. Returns whether any was.
  template <typename Flush>
  bool run_awaited(Flush&& flush) {
    bool flushed = false;
    for (const std::uint64_t number : awaited_) flushed |= flush(number);
    awaited_.clear();
    return flushed;
  }

  /// Flushes all that got a reply, then up to `bound` that got messages.
  template <typename Flush>
  void run(std::size_t bound, Flush&& flush) {
    run_awaited(flush);
    for (const std::uint64_t number : replies_) flush(number);
    replies_.clear();
    for (std::size_t flushed = 0; flushed < bound && !messages_.empty(); messages_.pop_front()) {
      if (flush(messages_.front())) ++flushed;
    }
  }

  bool has_messages() const { return !messages_.empty(); }
  bool empty() const { return awaited_.empty() && replies_.empty() && messages_.empty(); }

 private:
  /// Numbers of sessions. One that is due no more, or gone, may still stand here.
  std::vector<std::uint64_t> awaited_;
  std::vector<std::uint64_t> replies_;
  std::deque<std::uint64_t> messages_;
};

}  // namespace respublica
