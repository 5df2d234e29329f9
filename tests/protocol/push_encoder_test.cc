#include "protocol/push_encoder.h"

#include "tests/support/catch.h"

namespace respublica {

namespace {

constexpr ProtocolVersion kResp2 = ProtocolVersion::resp2;
constexpr ProtocolVersion kResp3 = ProtocolVersion::resp3;

}  // namespace

TEST_CASE("a message names its kind, channel and payload") {
  std::string out = "before";
  append_message(out, kResp2, "message", "news", "hello");
  CHECK(out == "before*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n");
  out.clear();
  append_message(out, kResp3, "smessage", "", "");
  CHECK(out == ">3\r\n$8\r\nsmessage\r\n$0\r\n\r\n$0\r\n\r\n");
}

TEST_CASE("a message of a pattern names the pattern first") {
  std::string out;
  append_pattern_message(out, kResp2, "n*", "news", "a\r\nb");
  CHECK(out == "*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$4\r\na\r\nb\r\n");
  out.clear();
  append_pattern_message(out, kResp3, "", "", "");
  CHECK(out == ">4\r\n$8\r\npmessage\r\n$0\r\n\r\n$0\r\n\r\n$0\r\n\r\n");
}

TEST_CASE("a run of messages is the messages one behind the other") {
  std::string out;
  for (int i = 0; i < 3; ++i) append_message(out, kResp3, "message", "c", std::to_string(i));
  CHECK(out ==
        ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n0\r\n"
        ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n1\r\n"
        ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n2\r\n");
}

TEST_CASE("payloads of every size have the same form, and the header alone is its beginning") {
  const std::string names = "$4\r\nnews\r\n";
  for (const std::size_t size : {0U, 9U, 10U, 99U, 100U, 1023U, 1024U, 1025U, 70000U}) {
    CAPTURE(size);
    const std::string payload(size, 'x');
    const std::string length = "$" + std::to_string(size) + "\r\n";
    for (const ProtocolVersion version : {kResp2, kResp3}) {
      const std::string type = version == kResp2 ? "*" : ">";
      std::string expected = type;
      expected.append("3\r\n$7\r\nmessage\r\n").append(names).append(length);
      std::string header;
      append_message_header(header, version, "message", std::nullopt, "news", size);
      CHECK(header == expected);
      std::string message;
      append_message(message, version, "message", "news", payload);
      CHECK(message == expected.append(payload).append("\r\n"));

      expected = type;
      expected.append("4\r\n$8\r\npmessage\r\n$4\r\nn?ws\r\n").append(names).append(length);
      header.clear();
      append_message_header(header, version, "pmessage", "n?ws", "news", size);
      CHECK(header == expected);
      message.clear();
      append_pattern_message(message, version, "n?ws", "news", payload);
      CHECK(message == expected.append(payload).append("\r\n"));
    }
  }
}

TEST_CASE("a confirmation carries the number of subscriptions") {
  std::string out;
  append_confirmation(out, kResp2, "subscribe", "news", 1);
  CHECK(out == "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
  out.clear();
  append_confirmation(out, kResp3, "psubscribe", "", 1234567);
  CHECK(out == ">3\r\n$10\r\npsubscribe\r\n$0\r\n\r\n:1234567\r\n");
}

TEST_CASE("a confirmation of leaving nothing has a null for a name") {
  std::string out;
  append_confirmation(out, kResp2, "unsubscribe", std::nullopt, 0);
  CHECK(out == "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n");
  out.clear();
  append_confirmation(out, kResp3, "punsubscribe", std::nullopt, 2);
  CHECK(out == ">3\r\n$12\r\npunsubscribe\r\n_\r\n:2\r\n");
}

}  // namespace respublica
