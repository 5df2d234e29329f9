// Works that are done as a whole or not at all.

#include <memory>
#include <string>
#include <vector>

#include "broker/sequencer.h"
#include "storage/segment_format.h"
#include "tests/broker/durable_commands.h"
#include "tests/broker/sequencer_fixture.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

using Watches = std::vector<std::shared_ptr<const StreamWatch>>;

Outcomes submit_if(Sequencer& sequencer, Watches watches, std::vector<DurableCommand> commands) {
  const auto promise = std::make_shared<std::promise<std::vector<DurableOutcome>>>();
  Outcomes outcomes = promise->get_future();
  sequencer.submit({std::move(commands),
                    [promise](std::vector<DurableOutcome> done) { promise->set_value(std::move(done)); },
                    std::move(watches)});
  return outcomes;
}

/// Whether the commands were done.
bool commit_if(Sequencer& sequencer, Watches watches, std::vector<DurableCommand> commands) {
  bool done = true;
  for (const DurableOutcome& outcome : submit_if(sequencer, std::move(watches), std::move(commands)).get()) {
    if (outcome.refusal == Refusal::watched_changed) done = false;
  }
  return done;
}

DurableCommand look_at(std::vector<std::string> names) { return {{}, ShowStreams{std::move(names)}}; }

/// The file of a log that has one segment.
std::string bytes_of(FileSystem& files, const std::string& name) {
  const auto file = files.open(name);
  REQUIRE(file);
  std::string bytes(file.value()->size().value(), '\0');
  REQUIRE(file.value()->read_at(0, bytes).value() == bytes.size());
  return bytes;
}

/// The lengths of a, b and c, in a log of which these bytes are left.
std::string lengths_after(const std::string& name, const std::string& bytes) {
  const auto disk = std::make_shared<ObservedDisk>();
  REQUIRE(disk->files().create(name).value()->write_at(0, bytes));
  SetClock clock;
  QuietListener listener;
  Sequencer sequencer(opener(disk), LogOptions{64 * 1024}, clock, listener);
  const Result<LogRecovery> opened = sequencer.open();
  INFO((opened ? "" : opened.error().message));
  REQUIRE(opened);
  std::string lengths;
  for (const char* const stream : {"a", "b", "c"}) {
    const auto found = sequencer.streams().find(stream);
    lengths += found == nullptr ? "-" : std::to_string(found->length());
  }
  return lengths;
}

}  // namespace

TEST_CASE("a work is done when what it watches has not changed, and else none of it") {
  SequencerFixture f;
  f.sequencer->start();
  commit(*f.sequencer, {add("a", "1-0")});
  const auto watch = [&f](const std::string& name) {
    return f.sequencer->watches().watch(name, f.sequencer->streams(), 1000);
  };
  const Watches both{watch("a"), watch("missing")};
  CHECK(commit_if(*f.sequencer, both, {add("b", "1-0"), add("c", "1-0")}));
  CHECK(commit_if(*f.sequencer, both, {add("a", "2-0")}));
  CHECK_FALSE(commit_if(*f.sequencer, both, {add("b", "2-0"), add("d", "2-0")}));
  CHECK(f.shown("b") == "1-0=v");
  CHECK(f.shown("d") == "none");
  const Watches made{watch("missing")};
  commit(*f.sequencer, {add("missing", "1-0")});
  commit(*f.sequencer, {drop("missing")});
  CHECK_FALSE(commit_if(*f.sequencer, made, {add("b", "2-0")}));
}

TEST_CASE("of works in one batch that watch the same stream the first is done") {
  SequencerFixture f;
  std::vector<Outcomes> outcomes;
  for (int i = 0; i < 3; ++i) {
    const auto watch = f.sequencer->watches().watch("a", f.sequencer->streams(), 1000);
    outcomes.push_back(submit_if(*f.sequencer, {watch}, {add_live("a", "*"), add_live("b", "*")}));
  }
  f.sequencer->start();
  CHECK(outcomes[0].get()[1].count == 2);
  CHECK(outcomes[1].get()[0].refusal == Refusal::watched_changed);
  CHECK(outcomes[2].get()[1].refusal == Refusal::watched_changed);
  CHECK(f.sequencer->streams().find("a")->length() == 1);
}

TEST_CASE("receivers are counted for the right command behind works that were refused") {
  SequencerFixture f;
  const auto watch = f.sequencer->watches().watch("a", f.sequencer->streams(), 1000);
  Outcomes first = submit(*f.sequencer, {add("a", "*")});
  Outcomes refused = submit_if(*f.sequencer, {watch}, {add_live("b", "*"), add("b", "*"), add("b", "*")});
  Outcomes last = submit(*f.sequencer, {add("c", "*"), add_live("c", "*")});
  f.sequencer->start();
  CHECK(refused.get()[2].refusal == Refusal::watched_changed);
  const std::vector<DurableOutcome> outcomes = last.get();
  CHECK(outcomes[0].count == 0);
  CHECK(outcomes[1].count == 2);
}

TEST_CASE("a stream whose time comes while it is watched has changed") {
  SetClock clock;
  SequencerFixture f;
  f.sequencer = std::make_unique<Sequencer>(opener(f.disk), LogOptions{64 * 1024}, clock, f.listener);
  f.sequencer->start();
  commit(*f.sequencer, {add("a", "1-0"), expire("a", 2000)});
  const auto before = f.sequencer->watches().watch("a", f.sequencer->streams(), 1999);
  const auto after = f.sequencer->watches().watch("a", f.sequencer->streams(), 2000);
  clock.set(2000);
  CHECK_FALSE(commit_if(*f.sequencer, {before}, {add("b", "1-0")}));
  CHECK(commit_if(*f.sequencer, {after}, {add("b", "1-0")}));
}

TEST_CASE("a look at streams sees what the commands before it have made of them") {
  SequencerFixture f;
  f.sequencer->start();
  commit(*f.sequencer, {add("a", "1-0"), add("b", "1-0")});
  const std::vector<DurableOutcome> outcomes =
      commit(*f.sequencer, {look_at({"a", "new"}), add("a", "2-0"), look_at({"a"}), add("new", "1-0"), drop("a"),
                            look_at({"a", "new"}), look_at({}), add("new", "2-0")});
  CHECK(outcomes[0].shown->find("a")->length() == 1);
  CHECK(outcomes[0].shown->size() == 1);
  CHECK(outcomes[2].shown->find("a")->length() == 2);
  CHECK(outcomes[5].shown->find("a") == nullptr);
  CHECK(outcomes[6].shown->size() == 2);
  CHECK(outcomes[6].shown->find("b")->length() == 1);
  const LogSource source(*f.sequencer->log());
  StreamReader reader(source);
  CHECK(show(reader, *outcomes[2].shown->find("a")) == "1-0=v 2-0=v");
  CHECK(show(reader, *outcomes[6].shown->find("new")) == "1-0=v");
}

TEST_CASE("a work that is larger than a frame is refused as a whole, and does not hold up the others") {
  SequencerFixture f;
  f.sequencer = std::make_unique<Sequencer>(opener(f.disk), LogOptions{64 * 1024, 16 * 1024}, f.clock, f.listener);
  const std::string large(9000, 'x');
  Outcomes too_large = submit(*f.sequencer, {add("a", "1-0", large), add("a", "2-0", large)});
  Outcomes fits = submit(*f.sequencer, {add("b", "1-0", large)});
  f.sequencer->start();
  for (const DurableOutcome& outcome : too_large.get()) CHECK(outcome.refusal == Refusal::too_large);
  CHECK(fits.get()[0].id == StreamId{1, 0});
  CHECK(f.shown("a") == "none");
}

TEST_CASE("wherever the log is cut off, all of a work is there or nothing") {
  SequencerFixture f;
  // Nothing says later that the frame was on the disk.
  f.sequencer->set_append_sync(AppendSync::no);
  f.sequencer->start();
  commit(*f.sequencer, {add("a", "1-0")});
  const LogPosition begin = f.sequencer->shown_end().position;
  commit(*f.sequencer, {add("a", "2-0"), add("b", "1-0"), add("c", "1-0"), drop("b"), add("b", "1-0")});
  const LogPosition end = f.sequencer->shown_end().position;
  const std::string name = f.disk->files().list().value().front();
  const std::string whole = bytes_of(f.disk->files(), name);
  REQUIRE(lengths_after(name, whole) == "211");
  const std::uint64_t frame_end = kSegmentHeaderBytes + end.value;
  // What stands behind the last record makes up the alignment.
  const std::uint64_t last_byte = whole.find_last_not_of('\0', frame_end);
  for (std::uint64_t cut = kSegmentHeaderBytes + begin.value; cut <= frame_end; ++cut) {
    CAPTURE(cut);
    std::string left = whole;
    left.replace(cut, left.size() - cut, left.size() - cut, '\0');
    CHECK(lengths_after(name, left) == (cut > last_byte ? "211" : "1--"));
  }
}

}  // namespace respublica
