#include "server/client_pause.h"

#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace respublica {

using std::chrono::hours;
using std::chrono::steady_clock;

TEST_CASE("nothing is paused at first") {
  const ClientPause pause;
  CHECK_FALSE(pause.set());
  CHECK(pause.mode(steady_clock::now()) == PauseMode::off);
}

TEST_CASE("a pause ends by itself") {
  ClientPause pause;
  const SteadyTime now = steady_clock::now();
  pause.pause(PauseMode::all, now + hours(1));
  CHECK(pause.mode(now) == PauseMode::all);
  CHECK(pause.mode(now + hours(1)) == PauseMode::off);
}

TEST_CASE("a pause that is over is forgotten, so that commands need not look at the clock") {
  ClientPause pause;
  const SteadyTime now = steady_clock::now();
  pause.pause(PauseMode::all, now + hours(1));
  CHECK(pause.set());
  CHECK(pause.mode(now) == PauseMode::all);
  CHECK(pause.set());
  CHECK(pause.mode(now + hours(1)) == PauseMode::off);
  CHECK_FALSE(pause.set());
}

TEST_CASE("of pauses set by several threads at once the longest and the strongest are in force") {
  const SteadyTime now = steady_clock::now();
  for (int round = 0; round < 200; ++round) {
    ClientPause pause;
    std::vector<std::thread> threads;
    for (int i = 1; i <= 4; ++i) {
      threads.emplace_back([&, i] { pause.pause(i == 1 ? PauseMode::all : PauseMode::write, now + hours(i)); });
    }
    for (std::thread& thread : threads) thread.join();
    REQUIRE(pause.mode(now + hours(3)) == PauseMode::all);
  }
}

TEST_CASE("a later pause neither shortens nor weakens one in force") {
  ClientPause pause;
  const SteadyTime now = steady_clock::now();
  pause.pause(PauseMode::all, now + hours(2));
  pause.pause(PauseMode::write, now + hours(1));
  CHECK(pause.mode(now + hours(1)) == PauseMode::all);
  pause.unpause();
  CHECK(pause.mode(now) == PauseMode::off);
}

TEST_CASE("a pause that ran out does not strengthen the next") {
  ClientPause pause;
  const SteadyTime now = steady_clock::now();
  pause.pause(PauseMode::all, now - hours(1));
  pause.pause(PauseMode::write, now + hours(1));
  CHECK(pause.mode(now) == PauseMode::write);
}

}  // namespace respublica
