#include "broker/append_sync.h"

#include <string>
#include <vector>

#include "tests/broker/sequencer_fixture.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

TEST_CASE("under everysec what was answered is synced a second later without more commands, once") {
  SequencerFixture f;
  f.sequencer->set_append_sync(AppendSync::everysec);
  f.sequencer->start();
  commit(*f.sequencer, {add("a", "1-0")});
  f.events.take();
  // What comes is waited for, however long it takes; nothing but the passing of time makes it come.
  commit(*f.sequencer, {add("a", "2-0")});
  f.events.wait_for("sync", 1);
  std::vector<std::string> events = f.events.take();
  REQUIRE(events.size() >= 3);
  CHECK(std::vector<std::string>(events.end() - 3, events.end()) ==
        std::vector<std::string>{"write", "appended a", "sync"});
  // A second later a frame says so, and then the disk is left alone.
  f.events.wait_for("sync", 1);
  CHECK(f.events.take() == std::vector<std::string>{"write", "sync"});
  f.sequencer->stop();
  CHECK(f.events.take().empty());
}

}  // namespace
}  // namespace respublica
