#include "broker/side_thread.h"

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace respublica {
namespace {

/// Waits for the side thread's word before it lets things go on.
struct SideThreadFixture {
  std::promise<void> woken;
  SideThread side{[this] { woken.set_value(); }};
  std::vector<std::string> happened;

  void run(Result<void> outcome) {
    side.run([outcome] { return outcome; }, [this] { happened.emplace_back("next"); },
             [this](const Error& error) { happened.push_back(error.message); });
  }
  void finish() {
    woken.get_future().wait();
    woken = {};
    side.finish_done();
  }
};

}  // namespace

TEST_CASE_METHOD(SideThreadFixture, "what follows a step waits for its owner") {
  std::thread::id aside;
  side.run(
      [&aside]() -> Result<void> {
        aside = std::this_thread::get_id();
        return {};
      },
      [this] { happened.emplace_back("next"); }, [](const Error&) {});
  woken.get_future().wait();
  CHECK(happened.empty());
  CHECK(aside != std::this_thread::get_id());
  side.finish_done();
  CHECK(happened == std::vector<std::string>{"next"});
}

TEST_CASE_METHOD(SideThreadFixture, "a step that fails has its error reported") {
  run(Error{"no"});
  finish();
  run({});
  finish();
  CHECK(happened == std::vector<std::string>{"no", "next"});
}

TEST_CASE_METHOD(SideThreadFixture, "after its end nothing is done") {
  side.stop();
  run({});
  side.finish_done();
  CHECK(happened.empty());
}

}  // namespace respublica
