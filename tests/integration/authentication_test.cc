// Who must give a password, and what changes when there is none any more.

#include <string>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {

TEST_CASE("when requirepass is taken away, a client that gave no password has no limits of one that must") {
  RunningServer server({"--requirepass", "secret"});
  RawClient stranger(server.port());
  CHECK(stranger.call({"PING"}) == "-NOAUTH Authentication required.\r\n");
  RawClient admin(server.port());
  CHECK(admin.call({"AUTH", "secret"}) == "+OK\r\n");
  CHECK(admin.call({"CONFIG", "SET", "requirepass", ""}) == "+OK\r\n");
  CHECK(stranger.call({"PUBLISH", "news", std::string(20'000, 'x')}) == ":0\r\n");
  CHECK(stranger.call({"HELLO", "3"}).front() == '%');
  CHECK(stranger.call({"ECHO", std::string(20'000, 'x')}).size() > 20'000);
  stranger.send(request({"SUBSCRIBE", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}));
  for (int i = 0; i < 12; ++i) CHECK(stranger.read_reply().starts_with(">3\r\n$9\r\nsubscribe\r\n"));
}

}  // namespace respublica::test
