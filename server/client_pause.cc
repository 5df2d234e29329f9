#include "server/client_pause.h"

#include <algorithm>

namespace respublica {

void ClientPause::pause(PauseMode mode, SteadyTime until) {
  const SteadyTime now = std::chrono::steady_clock::now();
  Word before = word_.load();
  Word after = kNothing;
  do {
    const bool over = until_of(before) <= now;
    after = over ? to_word(mode, until) : to_word(std::max(mode_of(before), mode), std::max(until_of(before), until));
  } while (!word_.compare_exchange_weak(before, after));
}

void ClientPause::unpause() { word_.store(kNothing); }

PauseMode ClientPause::mode(SteadyTime now) const {
  Word word = word_.load(std::memory_order_relaxed);
  if (word == kNothing) return PauseMode::off;
  if (now < until_of(word)) return mode_of(word);
  // Commands need not look at the clock any more. When somebody has just set another pause, that one stays.
  word_.compare_exchange_strong(word, kNothing);
  return PauseMode::off;
}

}  // namespace respublica
