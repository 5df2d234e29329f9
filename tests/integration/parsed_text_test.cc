// Texts that clients and monitoring tools take apart.

#include <algorithm>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

/// The text that INFO tells.
std::string info_text(RawClient& client, const std::string& field) {
  for (const std::string& line : lines_of(text_of(client.call({"INFO"})))) {
    if (line.starts_with(field + ":")) return line.substr(field.size() + 1, line.size() - field.size() - 2);
  }
  return "(missing)";
}

}  // namespace

TEST_CASE("HELLO and INFO name one version of Redis 8, of three numbers") {
  RunningServer server;
  RawClient client(server.port());
  const std::string version = info_text(client, "redis_version");
  CAPTURE(version);
  CHECK(std::regex_match(version, std::regex(R"(8\.[0-9]+\.[0-9]+)")));
  for (const char* protocol : {"2", "3"}) {
    CHECK(client.call({"HELLO", protocol}).find(bulk("version") + bulk(version)) != std::string::npos);
  }
}

TEST_CASE("every word of CLIENT LIST is a name, one equals sign and a value, whatever a client does") {
  RunningServer server({"--io-threads", "2", "--unixsocket", "broker.sock"});
  RawClient asking(server.port());
  std::vector<RawClient> clients;
  for (const char* what : {"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"}) {
    clients.push_back(RawClient::over_unix_socket(server.directory() / "broker.sock"));
    clients.back().call({what, "a=b c"});
  }
  clients.emplace_back(server.port());
  clients.back().call({"HELLO", "3", "SETNAME", "worker:1(a)"});
  clients.back().call({"CLIENT", "SETINFO", "LIB-NAME", "redis-py(django_v1)"});
  clients.back().call({"CLIENT", "SETINFO", "LIB-VER", "8.1.0"});
  clients.back().call({"CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "a=b c"});
  clients.emplace_back(server.port());
  clients.back().call({"MULTI"});
  clients.back().call({"ECHO", "a=b c"});
  clients.emplace_back(server.port());
  clients.back().call({"MONITOR"});
  const std::vector<std::string> lines = lines_of(text_of(asking.call({"CLIENT", "LIST"})));
  CHECK(lines.size() == clients.size() + 1);
  for (const std::string& line : lines) {
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      CAPTURE(line, word);
      CHECK(std::count(word.begin(), word.end(), '=') == 1);
      CHECK(word.front() != '=');
    }
  }
}

}  // namespace respublica::test
