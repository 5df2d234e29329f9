#include "tests/clients/cpp/broker.h"
#include "tests/support/catch.h"

namespace {

// The reply as one line: elements of an array in brackets, (nil), and integers with a colon.
std::string shown(const redisReply* reply) {
  switch (reply->type) {
    case REDIS_REPLY_NIL:
      return "(nil)";
    case REDIS_REPLY_INTEGER:
      return ":" + std::to_string(reply->integer);
    case REDIS_REPLY_STATUS:
      return "+" + text(reply);
    case REDIS_REPLY_ERROR:
      return "-" + text(reply);
    case REDIS_REPLY_ARRAY: {
      std::string all = "[";
      for (size_t i = 0; i < reply->elements; ++i) {
        all += (i == 0 ? "" : " ") + shown(reply->element[i]);
      }
      return all + "]";
    }
    default:
      return text(reply);
  }
}

std::string shown(const Reply& reply) { return shown(reply.get()); }

}  // namespace

TEST_CASE("hiredis connects and is answered") {
  const Context context = connect();
  CHECK(shown(command(context.get(), {"PING"})) == "+PONG");
  CHECK(shown(command(context.get(), {"ECHO", std::string("\0\r\n\xff", 4)})) == std::string("\0\r\n\xff", 4));
}

TEST_CASE("hiredis hears channels, patterns and shard channels, counted as Redis counts") {
  const Context subscriber = connect();
  const Context publisher = connect();
  const std::string name = unique_name("hiredis.subscribe");

  CHECK(shown(command(subscriber.get(), {"SUBSCRIBE", name, name + ".b", name})) == "[subscribe " + name + " :1]");
  CHECK(shown(next_reply(subscriber.get())) == "[subscribe " + name + ".b :2]");
  CHECK(shown(next_reply(subscriber.get())) == "[subscribe " + name + " :2]");
  CHECK(shown(command(subscriber.get(), {"PSUBSCRIBE", name + "*"})) == "[psubscribe " + name + "* :3]");
  CHECK(shown(command(subscriber.get(), {"SSUBSCRIBE", name})) == "[ssubscribe " + name + " :1]");

  CHECK(shown(command(publisher.get(), {"PUBLISH", name, "hello"})) == ":2");
  CHECK(shown(next_reply(subscriber.get())) == "[message " + name + " hello]");
  CHECK(shown(next_reply(subscriber.get())) == "[pmessage " + name + "* " + name + " hello]");
  CHECK(shown(command(publisher.get(), {"SPUBLISH", name, "shard"})) == ":1");
  CHECK(shown(next_reply(subscriber.get())) == "[smessage " + name + " shard]");
}

TEST_CASE("hiredis leaves subscribed mode with the last confirmation") {
  const Context context = connect();
  const std::string name = unique_name("hiredis.unsubscribe");
  CHECK(shown(command(context.get(), {"UNSUBSCRIBE"})) == "[unsubscribe (nil) :0]");
  CHECK(shown(command(context.get(), {"PUNSUBSCRIBE"})) == "[punsubscribe (nil) :0]");
  CHECK(shown(command(context.get(), {"SUNSUBSCRIBE"})) == "[sunsubscribe (nil) :0]");

  command(context.get(), {"SUBSCRIBE", name});
  CHECK(shown(command(context.get(), {"PING"})) == "[pong ]");
  CHECK(shown(command(context.get(), {"PING", "are you there?"})) == "[pong are you there?]");
  CHECK(shown(command(context.get(), {"PUBLISH", name, "x"})).starts_with("-ERR Can't execute 'publish'"));
  CHECK(shown(command(context.get(), {"UNSUBSCRIBE", name + ".other"})) == "[unsubscribe " + name + ".other :1]");
  CHECK(shown(command(context.get(), {"UNSUBSCRIBE"})) == "[unsubscribe " + name + " :0]");
  CHECK(shown(command(context.get(), {"PING"})) == "+PONG");
}

TEST_CASE("hiredis gets payloads and names as bytes") {
  const Context subscriber = connect();
  const Context publisher = connect();
  const std::string channel = unique_name("hiredis.bytes") + std::string("\r\n\0\xff", 4);
  command(subscriber.get(), {"SUBSCRIBE", channel});
  for (const auto& [what, payload] : payloads()) {
    INFO(what);
    CHECK(shown(command(publisher.get(), {"PUBLISH", channel, payload})) == ":1");
    const Reply message = next_reply(subscriber.get());
    REQUIRE(message->elements == 3);
    CHECK(text(message->element[1]) == channel);
    CHECK((text(message->element[2]) == payload));
  }
}

TEST_CASE("hiredis publishes in pipelines and transactions") {
  const Context subscriber = connect();
  const Context publisher = connect();
  const std::string name = unique_name("hiredis.batch");
  command(subscriber.get(), {"SUBSCRIBE", name});

  for (int i = 1; i <= 100; ++i) {
    redisAppendCommand(publisher.get(), "PUBLISH %s %d", name.c_str(), i);
  }
  for (int i = 1; i <= 100; ++i) {
    CHECK(shown(next_reply(publisher.get())) == ":1");
    CHECK(shown(next_reply(subscriber.get())) == "[message " + name + " " + std::to_string(i) + "]");
  }

  CHECK(shown(command(publisher.get(), {"MULTI"})) == "+OK");
  CHECK(shown(command(publisher.get(), {"PUBLISH", name, "1"})) == "+QUEUED");
  CHECK(shown(command(publisher.get(), {"PUBLISH", name, "2"})) == "+QUEUED");
  CHECK(shown(command(publisher.get(), {"EXEC"})) == "[:1 :1]");
  CHECK(shown(next_reply(subscriber.get())) == "[message " + name + " 1]");
  CHECK(shown(next_reply(subscriber.get())) == "[message " + name + " 2]");
}

TEST_CASE("hiredis is told of a kill and subscribes again on a new connection") {
  const Context admin = connect();
  const std::string name = unique_name("hiredis.killed");
  const Context killed = connect();
  command(killed.get(), {"CLIENT", "SETNAME", name});
  command(killed.get(), {"SUBSCRIBE", name});
  CHECK(shown(command(admin.get(), {"CLIENT", "KILL", "ID", subscribed_connection(admin.get(), name)})) == ":1");
  CHECK_THROWS(next_reply(killed.get()));
  CHECK(killed->err == REDIS_ERR_EOF);

  REQUIRE(redisReconnect(killed.get()) == REDIS_OK);
  CHECK(shown(command(killed.get(), {"SUBSCRIBE", name})) == "[subscribe " + name + " :1]");
  CHECK(shown(command(admin.get(), {"PUBLISH", name, "back"})) == ":1");
  CHECK(shown(next_reply(killed.get())) == "[message " + name + " back]");
}
