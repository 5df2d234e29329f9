#pragma once
// CLIENT PAUSE.

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace respublica {

/// Which commands CLIENT PAUSE holds back: those that write (PUBLISH is one, as in Redis), or all.
enum class PauseMode : std::uint8_t { off, write, all };

/// Whether clients are paused, and until when. A later pause never shortens an earlier one nor weakens its mode, as in
/// Redis.
/// Thread: any.
class ClientPause {
 public:
  void pause(PauseMode mode, SteadyTime until);
  void unpause();

  /// The mode in force at `now`. One relaxed load when nothing is paused. A pause that is over by then is forgotten.
  PauseMode mode(SteadyTime now) const;
  /// True when a pause was set; it may have run out, and nobody noticed yet.
  bool set() const { return word_.load(std::memory_order_relaxed) != kNothing; }

 private:
  /// The end of the pause in nanoseconds with the mode in the two lowest bits, so that nobody sees one without the
  /// other.
  using Word = SteadyTime::rep;
  static constexpr Word kNothing = 0;
  static constexpr Word kModeBits = 3;

  static constexpr Word to_word(PauseMode mode, SteadyTime until) {
    return (until.time_since_epoch().count() & ~kModeBits) | static_cast<Word>(mode);
  }
  static constexpr PauseMode mode_of(Word word) { return static_cast<PauseMode>(word & kModeBits); }
  static constexpr SteadyTime until_of(Word word) { return SteadyTime(SteadyTime::duration(word & ~kModeBits)); }

  mutable std::atomic<Word> word_{kNothing};
};

}  // namespace respublica
