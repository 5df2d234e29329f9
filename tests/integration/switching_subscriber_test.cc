// Subscribers that change what they are while messages flow.

#include <string>

#include "tests/support/catch.h"
#include "tests/support/message_stream.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"

namespace respublica::test {
namespace {

/// Reads messages until something else comes, which it returns. Each must be the one after `*last` (-1: any).
std::string read_messages(RawClient& client, bool pushes, long* last) {
  while (true) {
    const std::string frame = client.read_reply();
    const std::string expected = *last < 0 ? frame : message("news", std::to_string(*last + 1));
    if (frame != (pushes && *last >= 0 ? as_push(expected) : expected) || frame.find("message") == std::string::npos) {
      return frame;
    }
    if (*last < 0) {
      const std::size_t begin = frame.rfind('\n', frame.size() - 2) + 1;
      *last = std::stol(frame.substr(begin));
    } else {
      ++*last;
    }
  }
}

}  // namespace

TEST_CASE("a subscriber that goes from RESP3 to RESP2 loses no message and sees each in one of the two, in order") {
  RunningServer server({"--io-threads", "4"});
  MessageStream stream(server.port(), "news");
  for (int round = 0; round < 100; ++round) {
    CAPTURE(round);
    RawClient client(server.port());
    CHECK(client.call({"HELLO", "3"}).front() == '%');
    CHECK(client.call({"SUBSCRIBE", "news"}) == ">3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
    long last = -1;
    CHECK(client.read_reply().front() == '>');
    client.send(request({"HELLO", "2"}));
    CHECK(read_messages(client, true, &last).starts_with("*14\r\n$6\r\nserver\r\n"));
    client.send(request({"PING"}));
    CHECK(read_messages(client, false, &last) == request({"pong", ""}));
    client.send(request({"UNSUBSCRIBE"}));
    CHECK(read_messages(client, false, &last).find("unsubscribe") != std::string::npos);
    CHECK(client.call({"PING"}) == "+PONG\r\n");
  }
}

TEST_CASE("nothing comes after the answer to RESET while messages flow") {
  RunningServer server({"--io-threads", "4"});
  MessageStream stream(server.port(), "news");
  RawClient client(server.port());
  for (int round = 0; round < 200; ++round) {
    const bool resp3 = round % 2 == 1;
    const bool pattern = round % 3 == 1;
    if (resp3) client.call({"HELLO", "3"});
    client.call({pattern ? "PSUBSCRIBE" : "SUBSCRIBE", pattern ? "n*" : "news"});
    REQUIRE(client.read_reply().find("message") != std::string::npos);
    client.send(request({"RESET"}) + request({"PING"}));
    std::string reply = client.read_reply();
    while (reply != "+RESET\r\n") {
      REQUIRE(reply.find("message") != std::string::npos);
      reply = client.read_reply();
    }
    REQUIRE(client.read_reply() == "+PONG\r\n");
  }
}

TEST_CASE("a subscriber that comes and goes in one pipeline sees well-formed frames only") {
  RunningServer server({"--io-threads", "4"});
  MessageStream stream(server.port(), "news");
  RawClient client(server.port());
  std::string asking;
  for (int i = 0; i < 200; ++i) {
    asking += request({"SUBSCRIBE", "news"}) + request({"HELLO", "2"}) + request({"UNSUBSCRIBE", "news"}) +
              request({"HELLO", "3"}) + request({"SUBSCRIBE", "news"}) + request({"HELLO", "2"}) +
              request({"UNSUBSCRIBE", "news"});
  }
  client.send(asking + request({"ECHO", "end"}));
  std::string reply;
  while (reply != bulk("end")) {
    reply = client.read_reply();
    REQUIRE((reply.front() == '*' || reply.front() == '>' || reply.front() == '%' || reply.front() == '-' ||
             reply == bulk("end")));
  }
}

TEST_CASE("HELLO answers nothing to a client without replies, while messages flow") {
  RunningServer server({"--io-threads", "4"});
  MessageStream stream(server.port(), "news");
  RawClient client(server.port());
  client.call({"HELLO", "3"});
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    client.call({"SUBSCRIBE", "news"});
    REQUIRE(client.read_reply().find("message") != std::string::npos);
    client.send(request({"PING"}) + request({"PING"}) + request({"PING"}) + request({"PING"}) +
                request({"CLIENT", "REPLY", "OFF"}) + request({"HELLO", "2"}) + request({"UNSUBSCRIBE", "news"}) +
                request({"HELLO", "3"}) + request({"CLIENT", "REPLY", "ON"}) + request({"ECHO", "end"}));
    std::string others;
    for (std::string reply; reply != bulk("end");) {
      reply = client.read_reply();
      if (reply.find("$7\r\nmessage") == std::string::npos) others += reply;
    }
    REQUIRE(others == "+PONG\r\n+PONG\r\n+PONG\r\n+PONG\r\n*3\r\n$11\r\nunsubscribe\r\n$4\r\nnews\r\n:0\r\n+OK\r\n" +
                          bulk("end"));
  }
}

}  // namespace respublica::test
