// respublica-log on what a broker wrote.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

bool says(const Ending& ending, const std::string& text) { return ending.output.find(text) != std::string::npos; }

/// All files of a directory with their bytes.
std::vector<std::string> content(const std::filesystem::path& directory) {
  std::vector<std::string> all;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    std::ifstream stream(file.path(), std::ios::binary);
    all.push_back(file.path().string() + std::string(std::istreambuf_iterator<char>(stream), {}));
  }
  return all;
}

/// The log of a broker that was killed: three entries in "a", two in "b".
class KilledLog {
 public:
  KilledLog() {
    RunningServer server({"--dir", directory_.path()});
    RawClient client(server.port());
    CHECK(client.call({"XADD", "a", "1-1", "f", "first"}) == bulk("1-1"));
    CHECK(client.call({"XADD", "b", "1-1", "f", std::string_view("\xff\0", 2)}) == bulk("1-1"));
    CHECK(client.call({"XADD", "a", "1-2", "f", "second"}) == bulk("1-2"));
    CHECK(client.call({"XADD", "b", "1-2", "f", "other"}) == bulk("1-2"));
    CHECK(client.call({"XADD", "a", "1-3", "f", "third"}) == bulk("1-3"));
    server.signal(SIGKILL);
    CHECK(server.wait().code == -SIGKILL);
  }

  std::filesystem::path directory() const { return directory_.path() / "appendonlydir"; }
  const std::filesystem::path& parent() const { return directory_.path(); }

  /// Changes the first byte of this text in the log.
  void flip(const std::string& text) const {
    const std::filesystem::path segment = directory() / "00000000000000000000.log";
    std::string bytes(64 * 1024, '\0');
    std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const std::size_t found = bytes.find(text);
    REQUIRE(found != std::string::npos);
    file.seekp(static_cast<std::streamoff>(found));
    file.put('!');
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("the log of a broker that was killed is whole, and shows its entries") {
  const KilledLog log;
  const auto before = content(log.directory());
  const Ending verified = run_log_tool({"verify", log.directory()});
  CAPTURE(verified.output);
  CHECK(verified.code == 0);
  CHECK(says(verified, "the log is whole\n"));
  const Ending dumped = run_log_tool({"dump", log.directory(), "--channel", "b"});
  CHECK(dumped.code == 0);
  CHECK(says(dumped,
             R"("kind":"append","channel":"b","number":1,"id":"1-1","back":0,"fields":[["f",{"base64":"/wA="}]]})"));
  CHECK(says(dumped, R"("fields":[["f","other"]]})"));
  CHECK_FALSE(says(dumped, "first"));
  const Ending counted = run_log_tool({"stats", "--json", log.directory()});
  CHECK(counted.code == 0);
  CHECK(says(counted, R"("channels":2,"entries":5,)"));
  CHECK(content(log.directory()) == before);
}

TEST_CASE("a broker that refuses a damaged log serves the salvaged one, with all that is not damaged") {
  const KilledLog log;
  log.flip("second");
  const Ending refused = run_to_end({"--port", "0", "--dir", log.parent()});
  CHECK(refused.code == 1);
  CHECK(says(refused, "`respublica-log salvage DIR NEWDIR` copies what is whole to a new directory"));
  const auto before = content(log.directory());
  const Ending verified = run_log_tool({"verify", log.directory()});
  CHECK(verified.code == 1);
  CHECK(says(verified, "channels concerned: \"a\"; lost, by what is left of them: \"a\" 1-2\n"));

  const TemporaryDirectory home;
  const Ending salvaged = run_log_tool({"salvage", log.directory(), home.path_of("appendonlydir")});
  CAPTURE(salvaged.output);
  CHECK(salvaged.code == 1);
  CHECK(says(salvaged, R"({"kind":"loss",)"));
  CHECK(says(salvaged, R"({"kind":"gap",)"));
  CHECK(says(salvaged, "copied: 4 entries of 2 channels"));
  CHECK(content(log.directory()) == before);

  RunningServer server({"--dir", home.path()});
  RawClient client(server.port());
  CHECK(client.call({"XRANGE", "a", "-", "+"}) == "*2\r\n*2\r\n" + bulk("1-1") + "*2\r\n" + bulk("f") + bulk("first") +
                                                      "*2\r\n" + bulk("1-3") + "*2\r\n" + bulk("f") + bulk("third"));
  CHECK(client.call({"XLEN", "b"}) == ":2\r\n");
  CHECK(client.call({"XADD", "a", "1-4", "f", "fourth"}) == bulk("1-4"));
  CHECK(client.call({"XLEN", "a"}) == ":3\r\n");
}

TEST_CASE("verify and dump work beside a running broker, and salvage leaves it alone") {
  const TemporaryDirectory directory;
  RunningServer server({"--dir", directory.path()});
  RawClient client(server.port());
  CHECK(client.call({"XADD", "a", "1-1", "f", "v"}) == bulk("1-1"));
  const std::string log = directory.path_of("appendonlydir");
  CHECK(run_log_tool({"verify", log}).code == 0);
  CHECK(says(run_log_tool({"dump", log}), R"("id":"1-1")"));
  const Ending salvaged = run_log_tool({"salvage", log, directory.path_of("new")});
  CHECK(salvaged.code == 2);
  CHECK(says(salvaged, "is in use by process " + std::to_string(server.pid())));
  CHECK_FALSE(std::filesystem::exists(directory.path_of("new")));
}

TEST_CASE("wrong use of respublica-log is one line and exit code 2") {
  const TemporaryDirectory directory;
  const std::vector<std::vector<std::string>> wrong{{},
                                                    {"repair", "x"},
                                                    {"dump"},
                                                    {"dump", directory.path(), "--from", "start"},
                                                    {"salvage", directory.path()},
                                                    {"verify", directory.path()},
                                                    {"verify", directory.path_of("absent")}};
  for (const auto& arguments : wrong) {
    const Ending ending = run_log_tool(arguments);
    CAPTURE(ending.output);
    CHECK(ending.code == 2);
    CHECK(ending.output.starts_with("respublica-log: "));
    CHECK(ending.output.find('\n') == ending.output.size() - 1);
  }
  const Ending help = run_log_tool({"--help"});
  CHECK(help.code == 0);
  CHECK(says(help, "Exit codes: 0 fine; 1 "));
}

}  // namespace respublica::test
