#include <hiredis/async.h>

#include <string>
#include <vector>

#include "tests/clients/cpp/broker.h"
#include "tests/clients/cpp/poll_loop.h"
#include "tests/support/catch.h"

// hiredis looks up the callback of a subscription by the channel's name, and asserts the types of confirmations: what
// these tests show is also that the program is still alive.

namespace {

using Events = std::vector<std::string>;

// Writes down a pub/sub reply: kind, names and payload, and the count of a confirmation.
void record(redisAsyncContext*, void* reply_pointer, void* events) {
  const auto* reply = static_cast<redisReply*>(reply_pointer);
  if (reply == nullptr) {
    return;  // the connection ends
  }
  std::string event = reply->type == REDIS_REPLY_ARRAY ? "" : text(reply);
  for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; ++i) {
    const redisReply* element = reply->element[i];
    event += (i == 0 ? "" : " ");
    event += element->type == REDIS_REPLY_INTEGER ? std::to_string(element->integer) : text(element);
  }
  static_cast<Events*>(events)->push_back(event);
}

struct Subscriber {
  redisAsyncContext* context;
  PollLoop loop;
  Events events;
  bool disconnected = false;

  Subscriber() : context(open()), loop(context) {
    context->data = this;
    redisAsyncSetDisconnectCallback(context, [](const redisAsyncContext* ended, int) {
      static_cast<Subscriber*>(ended->data)->disconnected = true;
    });
  }
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;
  ~Subscriber() {
    if (!disconnected) {
      redisAsyncFree(context);
    }
  }

  static redisAsyncContext* open() {
    const BrokerAddress address = broker_address();
    return redisAsyncConnect(address.host.c_str(), address.port);
  }

  void send(const std::vector<std::string>& arguments) {
    std::vector<const char*> data;
    std::vector<size_t> sizes;
    for (const std::string& argument : arguments) {
      data.push_back(argument.data());
      sizes.push_back(argument.size());
    }
    REQUIRE(redisAsyncCommandArgv(context, record, &events, static_cast<int>(data.size()), data.data(), sizes.data()) ==
            REDIS_OK);
  }

  void expect(const std::string& event) {
    loop.run_until(event.substr(0, 100).c_str(), [&] { return !events.empty(); });
    CHECK((events.front() == event));
    events.erase(events.begin());
  }
};

}  // namespace

TEST_CASE("asynchronous hiredis hears channels and patterns") {
  Subscriber subscriber;
  const Context publisher = connect();
  const std::string name = unique_name("hiredis.async");
  subscriber.send({"SUBSCRIBE", name, name + ".b"});
  subscriber.expect("subscribe " + name + " 1");
  subscriber.expect("subscribe " + name + ".b 2");
  subscriber.send({"PSUBSCRIBE", name + ".h[ae]llo"});
  subscriber.expect("psubscribe " + name + ".h[ae]llo 3");

  CHECK(command(publisher.get(), {"PUBLISH", name + ".b", "hello"})->integer == 1);
  subscriber.expect("message " + name + ".b hello");
  CHECK(command(publisher.get(), {"PUBLISH", name + ".hallo", "yes"})->integer == 1);
  subscriber.expect("pmessage " + name + ".h[ae]llo " + name + ".hallo yes");
}

TEST_CASE("asynchronous hiredis gets payloads and names as bytes") {
  Subscriber subscriber;
  const Context publisher = connect();
  const std::string channel = unique_name("hiredis.async.bytes") + std::string("\r\n\0\xff", 4);
  subscriber.send({"SUBSCRIBE", channel});
  subscriber.expect("subscribe " + channel + " 1");
  for (const auto& [what, payload] : payloads()) {
    INFO(what);
    CHECK(command(publisher.get(), {"PUBLISH", channel, payload})->integer == 1);
    subscriber.expect("message " + channel + " " + payload);
  }
}

TEST_CASE("asynchronous hiredis leaves subscribed mode and then gets ordinary replies") {
  Subscriber subscriber;
  const std::string name = unique_name("hiredis.async.unsubscribe");
  subscriber.send({"SUBSCRIBE", name});
  subscriber.expect("subscribe " + name + " 1");
  // hiredis hands the confirmation to the callback of the subscription, and leaves the mode when its count is 0.
  REQUIRE(redisAsyncCommand(subscriber.context, nullptr, nullptr, "UNSUBSCRIBE %s", name.c_str()) == REDIS_OK);
  subscriber.expect("unsubscribe " + name + " 0");
  subscriber.send({"PING"});
  subscriber.expect("PONG");
}

TEST_CASE("asynchronous hiredis gets the answers of a pipeline and a transaction in order") {
  Subscriber client;
  const std::string name = unique_name("hiredis.async.batch");
  for (const char* command_name : {"MULTI", "PING", "EXEC"}) {
    client.send({command_name});
  }
  client.send({"PUBLISH", name, "nobody hears"});
  client.send({"ECHO", "end"});
  client.expect("OK");
  client.expect("QUEUED");
  client.expect("PONG");
  client.expect("");  // an integer is not text
  client.expect("end");
}

TEST_CASE("asynchronous hiredis is told of a kill") {
  Subscriber subscriber;
  const Context admin = connect();
  const std::string name = unique_name("hiredis.async.killed");
  subscriber.send({"CLIENT", "SETNAME", name});
  subscriber.expect("OK");
  subscriber.send({"SUBSCRIBE", name});
  subscriber.expect("subscribe " + name + " 1");
  CHECK(command(admin.get(), {"CLIENT", "KILL", "ID", subscribed_connection(admin.get(), name)})->integer == 1);
  subscriber.loop.run_until("the connection ends", [&] { return subscriber.disconnected; });
}
