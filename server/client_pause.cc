#include "server/client_pause.h"

#include <algorithm>

namespace respublica {

void ClientPause::pause(PauseMode mode, SteadyTime until) {
  const bool over = this->mode(std::chrono::steady_clock::now()) == PauseMode::off;
  until_.store(over ? until.time_since_epoch().count() : std::max(until_.load(), until.time_since_epoch().count()));
  mode_.store(over ? mode : std::max(mode_.load(), mode));
}

void ClientPause::unpause() {
  mode_.store(PauseMode::off);
  until_.store(0);
}

}  // namespace respublica
