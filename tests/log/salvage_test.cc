#include "tools/log/salvage.h"

#include <map>

#include "tests/log/salvaged_log.h"
#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica::test {
namespace {

using logtool::ExitCode;

/// Where the records stand of the frame that holds the text.
LogPosition position_of(ObservedDisk& disk, std::string_view text) {
  for (const std::string& name : require(disk.files().list())) {
    const std::size_t found = read_all(disk.files(), name).find(text);
    if (found != std::string::npos) return *parse_segment_name(name) + (found - kSegmentHeaderBytes);
  }
  throw std::runtime_error("the text is not in the log");
}

}  // namespace

TEST_CASE("the salvaged copy of a whole log shows the same streams") {
  const auto disk = std::make_shared<ObservedDisk>();
  Streams before;
  {
    Broker broker(disk);
    broker.commit({add("a", "1-1"), add("a", "1-2"), add("b", "5-0", "x")});
    broker.commit({remove("a", {{1, 2}}), set_id("b", {9, 0}, 7, StreamId{3, 0}), expire("b", 99'999)});
    broker.commit({add("c", "1-0"), add("c", "2-0"), add("c", "3-0"), trim("c", maxlen(1))});
    broker.commit(
        {add("gone", "1-0"), drop("gone"), add("gone", "7-0"), add("empty", "1-0"), remove("empty", {{1, 0}})});
    broker.commit({add("s", "1-0"),
                   add("s", "2-0"),
                   add("s", "3-0"),
                   make_group(),
                   {"s", DropGroup{"g"}},
                   make_group("1"),
                   read_new("c", 1),
                   read_new("d")});
    broker.commit(
        {add("s", "4-0"), read_claiming("c", 0), give_back("3-0"), acknowledge("2-0"), remove("s", {{4, 0}})});
    broker.commit({add_once("once", "p", "1"), add_once("once", "q", "1"), add_once("once", "q", "2")});
    broker.commit({add_once("once", "p", "1"), add_once("once", "p", "2")});
    for (int i = 1; i <= 3000; ++i) broker.commit({add("many", std::to_string(i) + "-0", std::string(50, 'x'))});
    before = broker.streams();
  }
  const Salvaged salvaged = salvage(*disk);
  CHECK(salvaged.code == ExitCode::fine);
  CHECK(salvaged.out.empty());
  CHECK(salvaged.error.ends_with("nothing is missing\n"));
  CHECK(salvaged.streams == before);
  CHECK(before.at("once").find("producers 100s 100: 2 producers, 4 ids") != std::string::npos);
  CHECK(before.at("s").find("groups g: 2 consumers, 2 pending, at 4-0") != std::string::npos);
}

TEST_CASE("groups whose names are damaged are missing, and said to be") {
  const auto disk = std::make_shared<ObservedDisk>();
  {
    Broker broker(disk);
    broker.commit({add("s", "1-0"), add("s", "2-0"), {"s", MakeGroup{"whole", StreamId{}, {}, MissingStream::make}}});
    broker.commit({{"s", MakeGroup{"damaged", StreamId{}, {}, MissingStream::make}}});
    for (const char* const group : {"whole", "damaged"}) {
      DurableCommand read = read_new("c", 1);
      std::get<ReadGroup>(read.change).group = group;
      broker.commit({read});
    }
  }
  damage(disk->files(), position_of(*disk, "damaged"), "D");
  const Salvaged salvaged = salvage(*disk);
  CHECK(salvaged.code == ExitCode::damage);
  CHECK(salvaged.streams.at("s").find("groups whole: 1 consumers, 1 pending, at 1-0") != std::string::npos);
  CHECK(salvaged.streams.at("s").find("damaged") == std::string::npos);
  CHECK(salvaged.out.find(R"({"kind":"groups","channel":"s","number":0,"missing":1})") != std::string::npos);
}

TEST_CASE("groups of virtual channels begin again before the oldest entry that was pending") {
  const auto disk = std::make_shared<ObservedDisk>();
  {
    Broker broker(disk, 1000);
    broker.commit({{"$ce:a", MakeGroup{"g", StreamId{}, std::nullopt, MissingStream::refuse}}});
    for (const char* const id : {"1-0", "2-0", "3-0", "4-0"}) broker.commit({add("a", id)});
    DurableCommand look = read_new("c", 3);
    std::get<ReadGroup>(look.change).places[0].channel = "$ce:a";
    std::get<ReadGroup>(look.change).look_from = StreamId{};
    const DurableOutcome given = broker.commit({look}).front();
    const GroupReading& reading = std::get<GroupReading>(*given.groups);
    broker.commit({{"$ce:a", Acknowledge{"g", {reading.channels.at(0).given.entries.at(0).id}}}});
    CHECK(broker.streams().at("$ce:a").find("g: 1 consumers, 2 pending, at 1004-") != std::string::npos);
  }
  const Salvaged salvaged = salvage(*disk);
  // That of the second entry.
  CHECK(salvaged.streams.at("$ce:a").find("g: 1 consumers, 0 pending, at 1003-0") != std::string::npos);
}

TEST_CASE("only the damaged entry is missing, and said to be") {
  const auto disk = std::make_shared<ObservedDisk>();
  {
    Broker broker(disk);
    broker.commit({add("a", "1-1", "first"), add("b", "1-1", "other")});
    broker.commit({add("a", "1-2", "damaged"), add("b", "1-2", "kept")});
    broker.commit({add("a", "1-3", "third")});
  }
  damage(disk->files(), position_of(*disk, "damaged"), "D");
  const Salvaged salvaged = salvage(*disk);
  CHECK(salvaged.code == ExitCode::damage);
  CHECK(salvaged.streams.at("a").starts_with("1-1=first 1-3=third last 1-3 "));
  CHECK(salvaged.streams.at("b").starts_with("1-1=other 1-2=kept last 1-2 "));
  CHECK(salvaged.out.find(R"("entries":[{"channel":"a","number":0,"id":"1-2"}]})") != std::string::npos);
  CHECK(salvaged.out.find(R"("channel":"a","number":0,"after":"1-1","before":"1-3"})") != std::string::npos);
}

TEST_CASE("what lost records made possible is adapted: the broker finds no contradiction") {
  const auto disk = std::make_shared<ObservedDisk>();
  LogPosition begin;
  LogPosition end;
  {
    Broker broker(disk);
    broker.commit({add("keep", "1-0", "before"), add("twice", "5-0")});
    broker.commit({add("named", "1-0", "zeroed-begin"), add("keep", "2-0"), set_id("keep", {9, 0}), drop("twice")});
    broker.commit({add("twice", "1-0", "zeroed-end")});
    broker.commit({remove("keep", {{2, 0}}), add("keep", "9-1", "after"), add("named", "2-0", "n")});
    broker.commit({trim("named", maxlen(0)), add("named", "3-0", "m")});
  }
  begin = position_of(*disk, "zeroed-begin");
  end = position_of(*disk, "zeroed-end");
  damage(disk->files(), begin, std::string(end + 10 - begin, '\0'));
  const Salvaged salvaged = salvage(*disk);
  CHECK(salvaged.code == ExitCode::damage);
  CHECK(salvaged.streams.at("keep").starts_with("1-0=before 9-1=after last 9-1 deleted 2-0 "));
  // Its end is lost, and so is the channel that got its name.
  CHECK(salvaged.streams.at("twice").starts_with("5-0=v "));
  CHECK(salvaged.streams.at("named").starts_with("3-0=m last 3-0 "));
}

TEST_CASE("a segment that is lost takes its entries only, and the names of channels that began in it") {
  const auto disk = std::make_shared<ObservedDisk>();
  {
    Broker broker(disk);
    broker.commit({add("early", "1-0")});
    for (int i = 1; i <= 20; ++i) broker.commit({add("early", std::to_string(i) + "-1", std::string(20'000, 'x'))});
    broker.commit({add("late", "1-0")});
    for (int i = 1; i <= 4; ++i) broker.commit({add("filler", std::to_string(i) + "-1", std::string(20'000, 'x'))});
    broker.commit({add("late", "2-0", "end"), add("early", "99-0", "end")});
  }
  const LogPosition late = position_of(*disk, "late");
  std::string lost;
  for (const std::string& name : require(disk->files().list())) {
    const auto base = parse_segment_name(name);
    if (base && *base <= late) lost = name;
  }
  require(disk->files().remove(lost));
  const Salvaged salvaged = salvage(*disk);
  CHECK(salvaged.code == ExitCode::damage);
  CHECK(salvaged.streams.at("early").find("1-0=v 1-1=") == 0);
  CHECK(salvaged.streams.at("early").find("99-0=end last 99-0 ") != std::string::npos);
  CHECK_FALSE(salvaged.streams.contains("late"));
  CHECK(salvaged.streams.at("salvaged:1").find("2-0=end") == 0);
}

TEST_CASE("whatever is damaged, the copy is a log that a broker serves, of entries that were there") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    const auto disk = std::make_shared<ObservedDisk>();
    std::map<std::string, std::string> written;
    {
      Broker broker(disk);
      for (int i = 0; i < 120; ++i) {
        const std::string channel = "c" + std::to_string(random.below(4));
        const std::uint64_t what = random.below(12);
        if (random.below(3) == 0) {
          const std::string id = std::to_string(1001 + random.below(150)) + "-0";
          std::vector<DurableCommand> commands = {
              make_group(),  read_new("c"),      read_claiming("d", 0, 2),     acknowledge(id),
              give_back(id), claim_idle("e", 0), {"s", DropConsumer{"g", "d"}}};
          for (DurableCommand& command : commands) command.channel = command.channel.empty() ? "" : channel;
          for (const std::size_t read : {1UL, 2UL})
            std::get<ReadGroup>(commands[read].change).places[0].channel = channel;
          broker.commit({commands[random.below(commands.size())]});
        }
        if (what == 0) broker.commit({drop(channel)});
        if (what == 1) broker.commit({trim(channel, maxlen(random.below(5)))});
        if (what == 2)
          broker.commit({trim(channel, maxlen(0)), set_id(channel, {random.below(500), 0}, std::nullopt, StreamId{})});
        if (what > 2) {
          const std::string value =
              std::to_string(seed) + "." + std::to_string(i) + std::string(random.below(3000), 'x');
          const auto outcomes = broker.commit({add(channel, "*", value)});
          if (outcomes[0].id) written[value] = channel;
          if (random.below(6) == 0 && outcomes[0].id) broker.commit({remove(channel, {*outcomes[0].id})});
        }
      }
    }
    const auto names = require(disk->files().list());
    for (std::uint64_t i = 0; i <= random.below(4); ++i) {
      const auto file = require(disk->files().open(names[random.below(names.size())]));
      const std::uint64_t offset = random.below(require(file->size()));
      const char byte = random.below(2) == 0 ? '\0' : static_cast<char>(random.below(256));
      require(file->write_at(offset,
                             std::string(static_cast<std::size_t>(1 + random.below(2) * random.below(5000)), byte)));
    }
    CAPTURE(seed);
    const Salvaged salvaged = salvage(*disk);
    for (const auto& [channel, shown] : salvaged.streams) {
      std::istringstream words(shown.substr(0, shown.find("last ")));
      for (std::string word; words >> word;) {
        const auto found = written.find(word.substr(word.find('=') + 1));
        REQUIRE(found != written.end());
        if (!channel.starts_with("salvaged:")) CHECK(found->second == channel);
      }
    }
  }
}

TEST_CASE("a full disk ends salvage with an error") {
  SampleLog sample;
  sample.add(ChannelRecord{{0}, "a"}, AppendRecord{{0}, {1, 1}, 0, one_field("x")});
  MemoryFileSystem full(1);
  CapturedConsole captured;
  const auto salvaged = logtool::salvage(sample.files, full, kSmallSegments, captured.console);
  REQUIRE_FALSE(salvaged);
  CHECK(salvaged.error().kind == ErrorKind::no_space);
}

}  // namespace respublica::test
