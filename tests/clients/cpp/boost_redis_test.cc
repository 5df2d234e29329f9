#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/redis.hpp>
#include <boost/redis/src.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/clients/cpp/broker.h"
#include "tests/support/catch.h"

// Boost.Redis speaks RESP3 only: its subscriptions share their connection with ordinary commands and their answers.

namespace {

namespace asio = boost::asio;
namespace redis = boost::redis;
using boost::system::error_code;
using Nodes = std::vector<redis::resp3::node>;

template <class... Arguments>
redis::request request(std::string_view command, const Arguments&... arguments) {
  redis::request made;
  made.push(command, arguments...);
  return made;
}

// The values of an answer or a push, without its arrays and maps, with blanks between them.
std::string joined(const Nodes& nodes) {
  std::string all;
  bool first = true;
  for (const redis::resp3::node& node : nodes) {
    if (!redis::resp3::is_aggregate(node.data_type)) {
      all += (first ? "" : " ") + node.value;
      first = false;
    }
  }
  return all;
}

// A connection of Boost.Redis with an event loop of its own, and what it was told. Owner: a test. Thread: its own.
class Client {
 public:
  // Connects with the library's default options, but for the address.
  explicit Client(redis::config config = {}) : config_(std::move(config)) {
    const BrokerAddress address = broker_address();
    config_.addr = {address.host, std::to_string(address.port)};
    connection_.set_receive_response(pushes_);
    connection_.async_run(config_, redis::logger(redis::logger::level::err),
                          [this](const error_code& error) { ended_ = error.message(); });
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    connection_.cancel();
    loop_.run_for(kDeadline);
  }

  // Makes these subscriptions, now and after each reconnection, and writes down all pushes.
  void subscribe(redis::request subscriptions) {
    asio::co_spawn(loop_, receive(std::move(subscriptions)),
                   [this](std::exception_ptr failure) { failure_ = std::move(failure); });
  }

  // Waits for the next push: kind, names, and payload or count.
  void expect(const std::string& event) {
    run_until(event.substr(0, 100).c_str(), [this] { return !events_.empty(); });
    CHECK((events_.front() == event));
    events_.erase(events_.begin());
  }

  // Sends a command without waiting for its answer.
  void send(redis::request command) { begin(std::move(command)); }

  // Sends a command and waits for its answer; throws when that is an error.
  Nodes ask(redis::request command) {
    const auto exchange = begin(std::move(command));
    run_until("an answer", [&] { return exchange->outcome.has_value(); });
    if (exchange->outcome->failed() || exchange->answer.has_error()) {
      throw std::runtime_error(exchange->answer.has_error() ? exchange->answer.error().diagnostic
                                                            : exchange->outcome->message());
    }
    return exchange->answer.value();
  }

  // Serves the connection until the condition holds; throws after kDeadline.
  void run_until(const char* what, const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (!condition()) {
      if (failure_) {
        std::rethrow_exception(failure_);
      }
      if (ended_) {
        throw std::runtime_error("the connection has ended (" + *ended_ + ") before: " + what);
      }
      if (loop_.run_one_until(end) == 0 || std::chrono::steady_clock::now() > end) {
        throw std::runtime_error(std::string("never came true: ") + what);
      }
    }
  }

  // The number of ordinary answers so far, that to the HELLO of the library among them.
  std::size_t answers() const { return connection_.get_usage().responses_received; }

 private:
  // Outlives the test that gave up waiting for it.
  struct Exchange {
    redis::request command;
    redis::generic_response answer;
    std::optional<error_code> outcome;
  };

  std::shared_ptr<Exchange> begin(redis::request command) {
    auto exchange = std::make_shared<Exchange>();
    exchange->command = std::move(command);
    connection_.async_exec(exchange->command, exchange->answer,
                           [exchange](const error_code& error, std::size_t) { exchange->outcome = error; });
    return exchange;
  }

  // As the documentation of Boost.Redis has it (cpp20_subscriber.cpp): subscriptions end with their connection, which
  // ends the inner loop; the next turn of the outer one makes them on the connection that follows.
  asio::awaitable<void> receive(redis::request subscriptions) {
    while (connection_.will_reconnect()) {
      co_await connection_.async_exec(subscriptions, redis::ignore, asio::use_awaitable);
      for (error_code error; !error;) {
        connection_.receive(error);
        if (error == redis::error::sync_receive_push_failed) {
          error.clear();
          co_await connection_.async_receive(asio::redirect_error(asio::use_awaitable, error));
        }
        if (!error) {
          take_push();
        }
      }
    }
  }

  void take_push() {
    const Nodes& nodes = pushes_.value();
    const auto end = std::find_if(nodes.begin() + 1, nodes.end(), [](const auto& node) { return node.depth == 0; });
    events_.push_back(joined({nodes.begin(), end}));
    redis::consume_one(pushes_);
  }

  asio::io_context loop_;
  redis::config config_;
  redis::generic_response pushes_;
  std::vector<std::string> events_;
  std::optional<std::string> ended_;
  std::exception_ptr failure_;
  redis::connection connection_{loop_};
};

redis::config named(const std::string& name) {
  redis::config config;
  config.clientname = name;
  return config;
}

}  // namespace

TEST_CASE("Boost.Redis connects with its default options and is answered") {
  Client client;
  CHECK(joined(client.ask(request("PING"))) == "PONG");
  CHECK(joined(client.ask(request("CLIENT", "GETNAME"))) == "Boost.Redis");
  CHECK_THROWS_WITH(client.ask(request("PUBLISH")), "ERR wrong number of arguments for 'publish' command");
}

TEST_CASE("Boost.Redis reads HELLO's answer") {
  Client client;
  const std::string id = joined(client.ask(request("CLIENT", "ID")));
  const Nodes hello = client.ask(request("HELLO", "3"));
  REQUIRE(hello.size() == 15);
  CHECK(hello.front().data_type == redis::resp3::type::map);
  CHECK(hello.front().aggregate_size == 7);
  const std::string version = hello[4].value;
  CHECK(version != "");
  CHECK(hello[6].data_type == redis::resp3::type::number);
  CHECK(joined(hello) ==
        "server redis version " + version + " proto 3 id " + id + " mode standalone role master modules");
  CHECK(hello.back().data_type == redis::resp3::type::array);
}

TEST_CASE("Boost.Redis hears channels and patterns, its own messages among them") {
  Client client;
  const Context publisher = connect();
  const std::string name = unique_name("boost.subscribe");
  redis::request subscriptions = request("SUBSCRIBE", name, name + ".b");
  subscriptions.push("PSUBSCRIBE", name + ".h[ae]llo");
  client.subscribe(std::move(subscriptions));
  client.expect("subscribe " + name + " 1");
  client.expect("subscribe " + name + ".b 2");
  client.expect("psubscribe " + name + ".h[ae]llo 3");

  CHECK(command(publisher.get(), {"PUBLISH", name + ".b", "hello"})->integer == 1);
  client.expect("message " + name + ".b hello");
  CHECK(joined(client.ask(request("PUBLISH", name, "mine"))) == "1");
  client.expect("message " + name + " mine");
  CHECK(joined(client.ask(request("PUBLISH", name + ".hallo", "mine"))) == "1");
  client.expect("pmessage " + name + ".h[ae]llo " + name + ".hallo mine");

  client.send(request("UNSUBSCRIBE", name));
  client.expect("unsubscribe " + name + " 2");
  CHECK(joined(client.ask(request("PUBLISH", name, "nobody hears"))) == "0");
}

TEST_CASE("Boost.Redis hears shard channels") {
  // Boost.Redis 1.88 knows of SUBSCRIBE, PSUBSCRIBE and UNSUBSCRIBE that only a push confirms them, but not of
  // SSUBSCRIBE: it would take the next answer for its answer. So this connection must not ask anything, not even PING.
  redis::config config;
  config.health_check_interval = {};
  Client client(config);
  const Context publisher = connect();
  const std::string name = unique_name("boost.shard");
  client.subscribe(request("SUBSCRIBE", name));
  client.expect("subscribe " + name + " 1");
  client.send(request("SSUBSCRIBE", name));
  client.expect("ssubscribe " + name + " 1");
  CHECK(command(publisher.get(), {"SPUBLISH", name, "shard"})->integer == 1);
  client.expect("smessage " + name + " shard");
  CHECK(command(publisher.get(), {"PUBLISH", name, "channel"})->integer == 1);
  client.expect("message " + name + " channel");
}

TEST_CASE("Boost.Redis gets and sends payloads and names as bytes") {
  Client client;
  const Context publisher = connect();
  const std::string channel = unique_name("boost.bytes") + std::string("\r\n\0\xff", 4);
  client.subscribe(request("SUBSCRIBE", channel));
  client.expect("subscribe " + channel + " 1");
  for (const auto& [what, payload] : payloads()) {
    INFO(what);
    CHECK(command(publisher.get(), {"PUBLISH", channel, payload})->integer == 1);
    client.expect("message " + channel + " " + payload);
    CHECK(joined(client.ask(request("PUBLISH", channel, payload))) == "1");
    client.expect("message " + channel + " " + payload);
  }
}

TEST_CASE("Boost.Redis publishes in pipelines") {
  Client client;
  const std::string name = unique_name("boost.pipeline");
  client.subscribe(request("SUBSCRIBE", name));
  client.expect("subscribe " + name + " 1");
  redis::request pipeline;
  std::string ones = "1";
  for (int i = 1; i <= 100; ++i) {
    pipeline.push("PUBLISH", name, i);
    ones += i == 1 ? "" : " 1";
  }
  CHECK(joined(client.ask(std::move(pipeline))) == ones);
  for (int i = 1; i <= 100; ++i) {
    client.expect("message " + name + " " + std::to_string(i));
  }
}

TEST_CASE("Boost.Redis keeps its connection by health checks") {
  constexpr std::size_t kPings = 5;
  const std::string name = unique_name("boost.health");
  const Context admin = connect();
  const Context monitor = connect();
  REQUIRE(text(command(monitor.get(), {"MONITOR"}).get()) == "OK");
  redis::config config = named(name);
  config.health_check_id = name + ".ping";
  // Without an answer for twice this time, Boost.Redis gives its connection up.
  config.health_check_interval = std::chrono::milliseconds(250);
  Client client(config);
  client.subscribe(request("SUBSCRIBE", name));
  client.expect("subscribe " + name + " 1");
  const std::string id = subscribed_connection(admin.get(), name);

  client.run_until("pings are answered", [&] { return client.answers() >= 1 + kPings; });
  const std::string ping = "\"PING\" \"" + config.health_check_id + "\"";
  for (std::size_t seen = 0; seen < kPings;) {
    seen += text(next_reply(monitor.get()).get()).ends_with(ping) ? 1 : 0;
  }
  CHECK(subscribed_connection(admin.get(), name) == id);
  CHECK(command(admin.get(), {"PUBLISH", name, "still here"})->integer == 1);
  client.expect("message " + name + " still here");
}

TEST_CASE("Boost.Redis reconnects after a kill and subscribes again") {
  const std::string name = unique_name("boost.killed");
  const Context admin = connect();
  Client client(named(name));
  redis::request subscriptions = request("SUBSCRIBE", name);
  subscriptions.push("PSUBSCRIBE", name + ".*");
  client.subscribe(std::move(subscriptions));
  client.expect("subscribe " + name + " 1");
  client.expect("psubscribe " + name + ".* 2");
  const std::string id = subscribed_connection(admin.get(), name);
  CHECK(command(admin.get(), {"CLIENT", "KILL", "ID", id})->integer == 1);

  client.expect("subscribe " + name + " 1");
  client.expect("psubscribe " + name + ".* 2");
  CHECK(subscribed_connection(admin.get(), name) != id);
  CHECK(command(admin.get(), {"PUBLISH", name + ".b", "back"})->integer == 1);
  client.expect("pmessage " + name + ".* " + name + ".b back");
  CHECK(joined(client.ask(request("PUBLISH", name, "mine"))) == "1");
  client.expect("message " + name + " mine");
}
