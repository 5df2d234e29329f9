// The log when the disk fails under it.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

/// A directory for a log, on a disk that fails as it is told (tests/support/disk_fault_shim.c).
class FaultyDisk {
 public:
  const std::filesystem::path& directory() const { return directory_.path(); }
  std::vector<std::string> environment() const {
    const char* shim = std::getenv("RESPUBLICA_DISK_SHIM");
    REQUIRE(shim != nullptr);
    return {"LD_PRELOAD=" + std::string(shim), "RESPUBLICA_DISK_SHIM_BELOW=" + directory().string(),
            "RESPUBLICA_DISK_SHIM_ORDERS=" + orders()};
  }
  void order(const std::string& text) const {
    const std::string draft = orders() + ".draft";
    std::ofstream(draft) << text;
    std::filesystem::rename(draft, orders());
  }

 private:
  std::string orders() const { return orders_.path() / "orders"; }

  TemporaryDirectory directory_;
  TemporaryDirectory orders_;
};

}  // namespace

TEST_CASE("a disk without space refuses durable writes, and takes them again when there is space") {
  const FaultyDisk disk;
  RunningServer server({"--dir", disk.directory(), "--durable", "orders.*"}, disk.environment());
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "orders.1", "live"});
  subscriber.read_reply();
  RawClient client(server.port());
  disk.order("fail allocate ENOSPC\nfail write ENOSPC\n");
  CHECK(client.call({"XADD", "a", "1-1", "f", "v"}).starts_with("-MISCONF Errors writing to the AOF file: "));
  CHECK(client.call({"PUBLISH", "orders.1", "lost"}).starts_with("-MISCONF "));
  CHECK(client.call({"PUBLISH", "live", "goes on"}) == ":1\r\n");
  CHECK(subscriber.read_reply() == message("live", "goes on"));
  CHECK(client.call({"XLEN", "a"}) == ":0\r\n");
  disk.order("");
  CHECK(client.call({"XADD", "a", "1-1", "f", "v"}) == bulk("1-1"));
  CHECK(client.call({"PUBLISH", "orders.1", "kept"}) == ":1\r\n");
  CHECK(subscriber.read_reply() == message("orders.1", "kept"));
}

TEST_CASE("WAITAOF waits until what the client wrote is on the disk") {
  const FaultyDisk disk;
  RunningServer server({"--dir", disk.directory(), "--appendfsync", "no"}, disk.environment());
  RawClient client(server.port());
  CHECK(client.call({"WAITAOF", "1", "0", "0"}) == "*2\r\n:1\r\n:0\r\n");
  CHECK(client.call({"XADD", "a", "1-1", "f", "v"}) == bulk("1-1"));
  CHECK(client.call({"WAITAOF", "1", "0", "0"}) == "*2\r\n:1\r\n:0\r\n");
  CHECK(client.call({"WAITAOF", "1", "1", "1"}).starts_with("*2\r\n:"));
  // It did ask for a sync: one that fails ends the broker.
  CHECK(client.call({"XADD", "a", "1-2", "f", "v"}) == bulk("1-2"));
  disk.order("fail sync EIO\n");
  client.send(request({"WAITAOF", "1", "0", "0"}));
  CHECK(client.read_to_end().empty());
  CHECK(server.wait().code == 3);
}

TEST_CASE("WAITAOF refuses in Redis's words what cannot be") {
  const TemporaryDirectory directory;
  RunningServer server({"--dir", directory.path()});
  RawClient client(server.port());
  const std::string not_an_integer = "-ERR value is not an integer or out of range\r\n";
  CHECK(client.call({"WAITAOF", "x", "y", "z"}) == not_an_integer);
  CHECK(client.call({"WAITAOF", "2", "0", "0"}) == "-ERR value is out of range, value must between 0 and 1\r\n");
  CHECK(client.call({"WAITAOF", "-1", "x", "0"}) == "-ERR value is out of range, value must between 0 and 1\r\n");
  CHECK(client.call({"WAITAOF", "1", "-1", "0"}) == "-ERR value is out of range, must be positive\r\n");
  CHECK(client.call({"WAITAOF", "1", "0", "x"}) == "-ERR timeout is not an integer or out of range\r\n");
  CHECK(client.call({"WAITAOF", "1", "0", "-1"}) == "-ERR timeout is negative\r\n");
  CHECK(client.call({"WAITAOF", "1", "0"}) == "-ERR wrong number of arguments for 'waitaof' command\r\n");
  RunningServer in_memory({"--dir", directory.path(), "--appendonly", "no"});
  RawClient other(in_memory.port());
  CHECK(other.call({"WAITAOF", "1", "0", "0"}) ==
        "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n");
  CHECK(other.call({"WAITAOF", "0", "0", "0"}) == "*2\r\n:0\r\n:0\r\n");
}

TEST_CASE("WAITAOF under appendfsync always is answered at once, and has a sync made under everysec") {
  const FaultyDisk disk;
  RunningServer server({"--dir", disk.directory()}, disk.environment());
  RawClient client(server.port());
  CHECK(client.call({"XADD", "a", "1-1", "f", "v"}) == bulk("1-1"));
  CHECK(client.call({"WAITAOF", "1", "0", "0"}) == "*2\r\n:1\r\n:0\r\n");
  CHECK(client.call({"WAITAOF", "0", "0", "0"}) == "*2\r\n:1\r\n:0\r\n");
  CHECK(client.call({"CONFIG", "SET", "appendfsync", "everysec"}) == "+OK\r\n");
  CHECK(client.call({"XADD", "a", "1-2", "f", "v"}) == bulk("1-2"));
  CHECK(client.call({"WAITAOF", "1", "0", "0"}) == "*2\r\n:1\r\n:0\r\n");
  // Inside EXEC nothing waits.
  client.call({"MULTI"});
  client.call({"XADD", "a", "1-3", "f", "v"});
  client.call({"WAITAOF", "1", "0", "0"});
  CHECK(client.call({"EXEC"}).starts_with("*2\r\n" + bulk("1-3") + "*2\r\n:"));
}

TEST_CASE("INFO says that the log takes no writes, and how large it is") {
  const FaultyDisk disk;
  long size = 0;
  {
    RunningServer server({"--dir", disk.directory()}, disk.environment());
    RawClient client(server.port());
    const auto persistence = [&client] { return text_of(client.call({"INFO", "persistence"})); };
    CHECK(persistence().find("aof_last_write_status:ok\r\n") != std::string::npos);
    CHECK(info(client, "aof_current_size") == 0);
    disk.order("fail allocate ENOSPC\nfail write ENOSPC\n");
    CHECK(client.call({"XADD", "a", "1-1", "f", "v"}).starts_with("-MISCONF "));
    CHECK(persistence().find("aof_last_write_status:err\r\n") != std::string::npos);
    disk.order("");
    CHECK(client.call({"XADD", "a", "1-1", "f", "v"}) == bulk("1-1"));
    CHECK(persistence().find("aof_last_write_status:ok\r\n") != std::string::npos);
    size = info(client, "aof_current_size");
    CHECK(size > 4096);
    CHECK(client.call({"XADD", "a", "1-2", "f", std::string(10'000, 'v')}) == bulk("1-2"));
    CHECK(info(client, "aof_current_size") > size + 10'000);
    CHECK(info(client, "aof_base_size") == 0);
    size = info(client, "aof_current_size");
  }
  RunningServer server({"--dir", disk.directory()}, disk.environment());
  RawClient client(server.port());
  CHECK(info(client, "aof_base_size") >= size);
  CHECK(client.call({"CONFIG", "GET", "appendonly"}).find("yes") != std::string::npos);
}

TEST_CASE("a transaction that the log cannot take does nothing, and says why") {
  const FaultyDisk disk;
  RunningServer server({"--dir", disk.directory()}, disk.environment());
  RawClient client(server.port());
  disk.order("fail allocate ENOSPC\nfail write ENOSPC\n");
  client.call({"MULTI"});
  client.call({"XADD", "a", "1-1", "f", "v"});
  client.call({"PUBLISH", "live", "x"});
  CHECK(client.call({"EXEC"}).starts_with(
      "-EXECABORT Transaction discarded because of: MISCONF Errors writing to the AOF file: "));
  disk.order("");
  client.call({"MULTI"});
  client.call({"XADD", "a", "1-1", "f", "v"});
  CHECK(client.call({"EXEC"}) == "*1\r\n" + bulk("1-1"));
}

TEST_CASE("a sync that fails ends the broker at once: nobody is told that the entry is safe") {
  const FaultyDisk disk;
  RunningServer server({"--dir", disk.directory(), "--durable", "orders.*"}, disk.environment());
  RawClient subscriber(server.port());
  subscriber.call({"SUBSCRIBE", "orders.1"});
  RawClient client(server.port());
  CHECK(client.call({"XADD", "a", "1-1", "f", "v"}) == bulk("1-1"));
  disk.order("fail sync EIO\n");
  client.send(request({"PUBLISH", "orders.1", "x"}));
  CHECK(client.read_to_end().empty());
  CHECK(subscriber.read_to_end().empty());
  const Ending ending = server.wait();
  CHECK(ending.code == 3);
  CHECK(ending.output.find("the log has failed") != std::string::npos);
}

TEST_CASE("a broker does not start on a damaged log, and says where the damage is") {
  const TemporaryDirectory directory;
  {
    RunningServer server({"--dir", directory.path()});
    RawClient client(server.port());
    for (int i = 1; i <= 3; ++i) client.call({"XADD", "a", "1-" + std::to_string(i), "f", std::string(100, 'v')});
  }
  std::filesystem::path segment;
  for (const auto& file : std::filesystem::directory_iterator(directory.path() / "appendonlydir")) {
    if (file.path().extension() == ".log") segment = file.path();
  }
  {
    std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 + 100);
    file.put('!');
  }
  const Ending ending = run_to_end({"--port", "0", "--dir", directory.path()});
  CHECK(ending.code == 1);
  CAPTURE(ending.output);
  CHECK(ending.output.find(segment.filename().string()) != std::string::npos);
  CHECK(ending.output.find("respublica-log salvage") != std::string::npos);
}

TEST_CASE("two brokers do not use one log") {
  const TemporaryDirectory directory;
  RunningServer first({"--dir", directory.path()});
  RawClient client(first.port());
  CHECK(client.call({"XADD", "a", "1-1", "f", "v"}) == bulk("1-1"));
  const Ending second = run_to_end({"--port", "0", "--dir", directory.path()});
  CHECK(second.code == 1);
  CAPTURE(second.output);
  CHECK(second.output.find(std::to_string(first.pid())) != std::string::npos);
}

}  // namespace respublica::test
