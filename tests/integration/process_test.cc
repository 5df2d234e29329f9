// The process as its operator sees it: options, exit codes, log, pid file, systemd.

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/property_tree/json_parser.hpp>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/notify_socket.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

/// Waits for the end of a process that is not our child.
void await_end(pid_t pid) {
  constexpr int kPatienceMs = 60'000;
  const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (descriptor < 0) return;
  pollfd waiting{descriptor, POLLIN, 0};
  REQUIRE(::poll(&waiting, 1, kPatienceMs) == 1);
  ::close(descriptor);
}

}  // namespace

TEST_CASE("SIGHUP opens the log file anew, so that it can be rotated") {
  const TemporaryDirectory directory;
  NotifySocket notify(directory.path() / "notify");
  const std::filesystem::path log = directory.path() / "broker.log";
  BrokerProcess server({"--port", "0", "--unixsocket", "broker.sock", "--logfile", log}, {notify.variable()});
  REQUIRE(notify.next().find("READY=1") != std::string::npos);
  CHECK(read_file(log).find("Ready to accept connections") != std::string::npos);
  const std::filesystem::path old = directory.path() / "broker.log.1";
  std::filesystem::rename(log, old);
  server.signal(SIGHUP);
  RawClient client = RawClient::over_unix_socket(server.directory() / "broker.sock");
  while (!std::filesystem::exists(log)) REQUIRE(client.call({"PING"}) == "+PONG\r\n");
  server.signal(SIGTERM);
  CHECK(server.wait().code == 0);
  CHECK(read_file(log).find("log file reopened") != std::string::npos);
  CHECK(read_file(log).find("bye") != std::string::npos);
  CHECK(read_file(old).find("bye") == std::string::npos);
}

TEST_CASE("a daemon is ready when the command returns, keeps a pid file, and removes it at its end") {
  const TemporaryDirectory directory;
  const std::filesystem::path pid_file = directory.path() / "broker.pid";
  const std::filesystem::path socket = directory.path() / "broker.sock";
  const std::filesystem::path log = directory.path() / "broker.log";
  const std::vector<std::string> arguments = {"--port", "0",         "--daemonize", "yes",          "--pidfile",
                                              pid_file, "--logfile", log,           "--unixsocket", socket};
  const Ending started = run_to_end(arguments);
  CHECK(started.code == 0);
  CHECK(started.output.empty());
  const pid_t pid = std::stoi(read_file(pid_file));
  RawClient client = RawClient::over_unix_socket(socket);
  CHECK(info(client, "process_id") == pid);
  // A second one cannot start, says why, and leaves the first one's pid file alone.
  const Ending second = run_to_end(arguments);
  CHECK(second.code == 1);
  CHECK(second.output == "respublica: cannot listen on unix socket " + socket.string() + ": Address already in use\n");
  CHECK(std::stoi(read_file(pid_file)) == pid);
  client.send(request({"SHUTDOWN"}));
  CHECK(client.read_to_end().empty());
  await_end(pid);
  CHECK_FALSE(std::filesystem::exists(pid_file));
  CHECK_FALSE(std::filesystem::exists(socket));
  CHECK(read_file(log).find("bye") != std::string::npos);
}

TEST_CASE("a pid file or log file that cannot be written stops the broker with one clear line") {
  const std::string option = GENERATE("--pidfile", "--logfile");
  const Ending ending = run_to_end({"--port", "0", option, "/dev/null/file"});
  CHECK(ending.code == 1);
  CHECK(lines_of(ending.output).size() == 1);
  CHECK(ending.output.starts_with("respublica: cannot "));
  CHECK(ending.output.find("/dev/null/file") != std::string::npos);
}

TEST_CASE("a bad setting stops the broker with one clear line and exit code 2") {
  const std::vector<std::string> arguments =
      GENERATE(std::vector<std::string>{"--port", "many"}, std::vector<std::string>{"--port", "70000"},
               std::vector<std::string>{"--no-such-setting", "1"}, std::vector<std::string>{"--io-threads", "0"},
               std::vector<std::string>{"/nowhere/respublica.conf"});
  CAPTURE(arguments);
  const Ending ending = run_to_end(arguments);
  CHECK(ending.code == 2);
  CHECK(lines_of(ending.output).size() == 1);
  CHECK(ending.output.starts_with("respublica: "));
  CHECK(ending.output.find(arguments.front()) != std::string::npos);
}

TEST_CASE("a directive that nobody knows is named with its file and line") {
  const TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "respublica.conf";
  write_file(file, "# A comment\nport 0\nno-such-directive 1\n");
  const Ending ending = run_to_end({file});
  CHECK(ending.code == 2);
  CHECK(ending.output.find("at line 3 of " + file.string() + "\n>>> 'no-such-directive 1'\n") != std::string::npos);
}

TEST_CASE("the command line stands above the configuration file") {
  const TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "respublica.conf";
  write_file(file, "port 1\nmaxclients 100\ntimeout 7\n");
  RunningServer server({file, "--maxclients", "50"});
  RawClient client(server.port());
  CHECK(client.call({"CONFIG", "GET", "maxclients"}) == request({"maxclients", "50"}));
  CHECK(client.call({"CONFIG", "GET", "timeout"}) == request({"timeout", "7"}));
}

TEST_CASE("a test harness made for redis-server starts the broker and prepares it") {
  const TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "redis.conf";
  write_file(file,
             "always-show-logo yes\nnotify-keyspace-events KEA\ndaemonize no\ntimeout 0\nloglevel verbose\nlogfile ''\n"
             "databases 16\nlatency-monitor-threshold 1\nsave 900 1\nsave 300 10\nrdbcompression yes\n"
             "dbfilename dump.rdb\ndir ./\nreplica-serve-stale-data yes\nappendonly no\nappendfsync everysec\n"
             "no-appendfsync-on-rewrite no\nactiverehashing yes\nenable-protected-configs yes\n"
             "enable-debug-command yes\nenable-module-command yes\npropagation-error-behavior panic\n"
             "shutdown-on-sigterm force\n");
  RunningServer server({file, "--save", "", "--appendonly", "no", "--unixsocket", "harness.sock"});
  RawClient client = RawClient::over_unix_socket(server.directory() / "harness.sock");
  client.send(request({"SELECT", "9"}) + request({"FLUSHALL"}) + request({"FUNCTION", "FLUSH"}) +
              request({"SCRIPT", "FLUSH"}) + request({"CONFIG", "RESETSTAT"}));
  for (int i = 0; i < 5; ++i) CHECK(client.read_reply() == "+OK\r\n");
  const std::string settings = client.call({"CONFIG", "GET", "*"});
  for (const char* name : {"port", "save", "appendonly", "databases", "maxmemory", "notify-keyspace-events"}) {
    CHECK(settings.find(bulk(name)) != std::string::npos);
  }
  CHECK(client.call({"PING"}) == "+PONG\r\n");
}

TEST_CASE("systemd is told when the broker is ready, that it lives, and when it stops") {
  const TemporaryDirectory directory;
  NotifySocket notify(directory.path() / "notify");
  RunningServer server({"--io-threads", "4"}, {notify.variable(), "WATCHDOG_USEC=200000"});
  bool ready = false;
  int alive = 0;
  while (!ready || alive < 3) {
    const std::string told = notify.next();
    if (told.find("READY=1") != std::string::npos) ready = true;
    if (told == "WATCHDOG=1\n") ++alive;
  }
  server.signal(SIGTERM);
  std::string told;
  while (told.find("STOPPING=1") == std::string::npos) told = notify.next();
  CHECK(server.wait().code == 0);
}

TEST_CASE("-v and --version say a version that harnesses understand") {
  const std::string option = GENERATE("-v", "--version");
  const Ending ending = run_to_end({option});
  CHECK(ending.code == 0);
  CHECK(lines_of(ending.output).size() == 1);
  CHECK(ending.output.find(" v=8.") != std::string::npos);
}

TEST_CASE("--help names every kind of option") {
  const std::string option = GENERATE("-h", "--help");
  const Ending ending = run_to_end({option});
  CHECK(ending.code == 0);
  for (const char* name : {"--port", "--io-threads", "--check-config", "--ping", "--client-output-buffer-limit"}) {
    CHECK(ending.output.find(name) != std::string::npos);
  }
}

TEST_CASE("--check-config judges the settings without starting") {
  const TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "respublica.conf";
  write_file(file, "port 6379\n");
  const Ending right = run_to_end({file, "--check-config"});
  CHECK(right.code == 0);
  CHECK(right.output == "The configuration is right.\n");
  write_file(file, "port 6379\ntimeout soon\n");
  const Ending wrong = run_to_end({file, "--check-config"});
  CHECK(wrong.code == 2);
  CHECK(wrong.output.find("at line 2 of " + file.string() + "\n>>> 'timeout soon'\n") != std::string::npos);
}

TEST_CASE("--ping tells by its exit code whether the broker is well") {
  std::string port;
  {
    RunningServer server({"--requirepass", "secret"});
    port = std::to_string(server.port());
    CHECK(run_to_end({"--port", port, "--requirepass", "secret", "--ping"}).code == 0);
    CHECK(run_to_end({"--port", port, "--requirepass", "wrong", "--ping"}).code == 1);
  }
  const Ending nobody = run_to_end({"--port", port, "--ping"});
  CHECK(nobody.code == 1);
  CHECK(nobody.output == "respublica: cannot connect to 127.0.0.1 port " + port + ": Connection refused\n");
}

TEST_CASE("with log-format json every line of the log is one JSON object") {
  RunningServer server({"--log-format", "json", "--loglevel", "debug"});
  RawClient client(server.port());
  client.call({"CLIENT", "SETNAME", "a"});
  client.send("*1\r\n\"\x01\xff\r\n");
  client.read_to_end();
  server.signal(SIGTERM);
  const Ending ending = server.wait();
  CHECK(ending.code == 0);
  bool ready = false;
  for (const std::string& line : lines_of(ending.output)) {
    CAPTURE(line);
    std::istringstream text(line);
    boost::property_tree::ptree object;
    REQUIRE_NOTHROW(boost::property_tree::read_json(text, object));
    CHECK(object.get<long>("pid") > 0);
    CHECK_FALSE(object.get<std::string>("time").empty());
    CHECK_FALSE(object.get<std::string>("level").empty());
    if (object.get<std::string>("message") == "Ready to accept connections") {
      ready = true;
      CHECK(object.get<int>("port") == server.port());
    }
  }
  CHECK(ready);
}

}  // namespace respublica::test
