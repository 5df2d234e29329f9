#include "server/setting_table.h"

#include <algorithm>
#include <set>

#include "server/setting_foreign.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

/// What CONFIG GET answers for one name.
std::string value_of(const Settings& settings, std::string_view name) {
  const auto found = SettingTable::get(settings, name);
  return found.size() == 1 ? found.front().second : "no such setting";
}

/// CONFIG SET of pairs over the defaults, then CONFIG GET of the first name; or the error reply.
std::string after_set(const std::vector<SettingPair>& pairs) {
  const Result<Settings> changed = SettingTable::set(Settings{}, pairs);
  return changed ? value_of(changed.value(), pairs.front().first) : changed.error().message;
}

std::string failed(const std::string& name, const std::string& reason) {
  return "ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + reason;
}

}  // namespace

TEST_CASE("every setting has one name, a summary, and a default that it takes itself") {
  std::set<std::string_view> names;
  for (const Setting& row : SettingTable::rows()) {
    INFO(row.name);
    CHECK(names.insert(row.name).second);
    CHECK((row.alias.empty() || names.insert(row.alias).second));
    CHECK(find_foreign_setting(row.name) == nullptr);
    CHECK_FALSE(row.summary.empty());
    CHECK_FALSE(row.syntax().empty());
    Settings settings;
    const std::vector<std::string> words{row.get(settings)};
    const Result<void> stored = row.store(settings, words);
    INFO((stored ? "" : stored.error().message));
    CHECK((stored || row.name == "dir"));
    CHECK(row.get(settings) == words.front());
  }
}

TEST_CASE("the defaults are those of redis-server where it has the setting") {
  const Settings settings;
  CHECK(value_of(settings, "port") == "6379");
  CHECK(value_of(settings, "bind") == "127.0.0.1 -::1");
  CHECK(value_of(settings, "databases") == "16");
  CHECK(value_of(settings, "save").empty());
  CHECK(value_of(settings, "appenddirname") == "appendonlydir");
  CHECK(value_of(settings, "timeout") == "0");
  CHECK(value_of(settings, "maxclients") == "10000");
  CHECK(value_of(settings, "replica-read-only") == "yes");
  CHECK(value_of(settings, "slave-read-only") == "yes");
  CHECK(value_of(settings, "proto-max-bulk-len") == "536870912");
  CHECK(value_of(settings, "client-query-buffer-limit") == "1073741824");
  CHECK(value_of(settings, "client-output-buffer-limit") ==
        "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60");
  CHECK(value_of(settings, "latency-tracking-info-percentiles") == "50 99 99.9");
  CHECK(value_of(settings, "unixsocketperm") == "0");
  CHECK(value_of(settings, "acl-pubsub-default") == "resetchannels");
}

TEST_CASE("what is answered is on disk, unless a setting says otherwise") {
  const Settings settings;
  CHECK(value_of(settings, "appendonly") == "yes");
  CHECK(value_of(settings, "appendfsync") == "always");
  CHECK(value_of(settings, "durable").empty());
}

TEST_CASE("CONFIG GET matches names as a glob in any case, each once") {
  const Settings settings;
  CHECK(value_of(settings, "MaxClients") == "10000");
  CHECK(value_of(settings, "[m]axclients") == "10000");
  CHECK(SettingTable::get(settings, "nothing-like-that").empty());
  CHECK(SettingTable::get(settings, "").empty());
  CHECK(SettingTable::get(settings, "*max*").size() == 6);
  const std::vector<std::string_view> patterns{"port", "PORT", "p?rt", "timeout"};
  CHECK(SettingTable::get(settings, patterns) == std::vector<SettingPair>{{"port", "6379"}, {"timeout", "0"}});
  const auto all = SettingTable::get(settings, "*");
  const auto aliases =
      std::ranges::count_if(SettingTable::rows(), [](const Setting& row) { return !row.alias.empty(); });
  CHECK(all.size() == SettingTable::rows().size() + static_cast<std::size_t>(aliases));
}

TEST_CASE("CONFIG SET takes values as Redis writes them") {
  CHECK(after_set({{"TIMEOUT", "30"}}) == "30");
  CHECK(after_set({{"protected-mode", "NO"}}) == "no");
  CHECK(after_set({{"loglevel", "WARNING"}}) == "warning");
  CHECK(after_set({{"maxmemory", "100mb"}}) == "104857600");
  CHECK(after_set({{"requirepass", "a b"}}) == "a b");
  CHECK(after_set({{"slowlog-log-slower-than", "-1"}}) == "-1");
  CHECK(after_set({{"slave-read-only", "no"}}) == "no");
  CHECK(after_set({{"maxmemory-policy", "allkeys-LRU"}}) == "allkeys-lru");
  CHECK(after_set({{"save", ""}}).empty());
  CHECK(after_set({{"appendfsync", "Everysec"}}) == "everysec");
  CHECK(after_set({{"latency-tracking-info-percentiles", "50.0 99.99 1e1 100 0.001"}}) == "50 99.99 10 100 0.001");
  CHECK(after_set({{"latency-tracking-info-percentiles", ""}}).empty());
}

TEST_CASE("hz is moved into its limits, as in Redis") {
  CHECK(after_set({{"hz", "0"}}) == "1");
  CHECK(after_set({{"hz", "1000"}}) == "500");
  CHECK(after_set({{"hz", "-1"}}) == failed("hz", "argument must be between 0 and 2147483647 inclusive"));
}

TEST_CASE("proto-max-bulk-len is at most what the name of a channel may have") {
  CHECK(after_set({{"proto-max-bulk-len", "4294967295"}}) == "4294967295");
  CHECK(after_set({{"proto-max-bulk-len", "4gb"}}) ==
        failed("proto-max-bulk-len", "argument must be between 1048576 and 4294967295 inclusive"));
}

TEST_CASE("CONFIG SET answers bad values with Redis's sentences") {
  CHECK(after_set({{"timeout", "x"}}) == failed("timeout", "argument couldn't be parsed into an integer"));
  CHECK(after_set({{"maxclients", "0"}}) ==
        failed("maxclients", "argument must be between 1 and 4294967295 inclusive"));
  CHECK(after_set({{"protected-mode", "1"}}) == failed("protected-mode", "argument must be 'yes' or 'no'"));
  CHECK(after_set({{"maxmemory", "1.5gb"}}) == failed("maxmemory", "argument must be a memory value"));
  CHECK(after_set({{"proto-max-bulk-len", "1"}}) ==
        failed("proto-max-bulk-len", "argument must be between 1048576 and 4294967295 inclusive"));
  CHECK(after_set({{"loglevel", "loud"}}) ==
        failed("loglevel", "argument(s) must be one of the following: debug, verbose, notice, warning, nothing"));
  CHECK(after_set({{"appendfsync", "sometimes"}}) ==
        failed("appendfsync", "argument(s) must be one of the following: everysec, always, no"));
  CHECK(after_set({{"save", "900"}}) == failed("save", "Invalid save parameters"));
  CHECK(after_set({{"latency-tracking-info-percentiles", "a"}}) ==
        failed("latency-tracking-info-percentiles", "Invalid latency-tracking-info-percentiles parameters"));
  CHECK(after_set({{"latency-tracking-info-percentiles", "nan"}}) ==
        failed("latency-tracking-info-percentiles", "Invalid latency-tracking-info-percentiles parameters"));
  CHECK(after_set({{"latency-tracking-info-percentiles", "50 101"}}) ==
        failed("latency-tracking-info-percentiles",
               "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"));
}

TEST_CASE("CONFIG SET refuses what a broker cannot do") {
  CHECK(after_set({{"save", "900 1"}}) == failed("save", "a broker saves no snapshots, only \"\" is accepted"));
}

TEST_CASE("CONFIG SET knows neither unknown names nor settings of the start") {
  CHECK(after_set({{"Foo", "bar"}}) == "ERR Unknown option or number of arguments for CONFIG SET - 'Foo'");
  CHECK(after_set({{"appendfilename", "a"}}) ==
        "ERR Unknown option or number of arguments for CONFIG SET - 'appendfilename'");
  for (const std::string name :
       {"port", "bind", "daemonize", "databases", "io-threads", "unixsocketperm", "logfile", "pidfile", "unixsocket",
        "tcp-backlog", "cluster-enabled", "supervised", "dir", "appendonly", "appenddirname"}) {
    CHECK(after_set({{name, "1"}}) == failed(name, "can't set immutable config"));
  }
}

TEST_CASE("CONFIG SET with several pairs changes all of them or none") {
  const std::vector<SettingPair> good{{"maxclients", "200"}, {"timeout", "5"}};
  const Result<Settings> changed = SettingTable::set(Settings{}, good);
  REQUIRE(changed);
  CHECK(changed.value().maxclients == 200);
  CHECK(changed.value().timeout == 5);

  const Settings before;
  const std::vector<SettingPair> bad{{"maxclients", "200"}, {"timeout", "x"}};
  CHECK_FALSE(SettingTable::set(before, bad));
  CHECK(before.maxclients == 10000);
  CHECK(after_set({{"maxclients", "100"}, {"foo", "bar"}}) ==
        "ERR Unknown option or number of arguments for CONFIG SET - 'foo'");
  CHECK(after_set({{"maxclients", "0"}, {"port", "1"}}) == failed("port", "can't set immutable config"));
  CHECK(after_set({{"maxclients", "100"}, {"MAXCLIENTS", "200"}}) == failed("maxclients", "duplicate parameter"));
  CHECK(after_set({{"replica-read-only", "no"}, {"slave-read-only", "yes"}}) == "yes");
}

TEST_CASE("output limits are set class by class") {
  const std::string name = "client-output-buffer-limit";
  CHECK(after_set({{name, "PubSub 1mb 1k 1 normal 1 2 3"}}) ==
        "normal 1 2 3 slave 268435456 67108864 60 pubsub 1048576 1000 1");
  CHECK(after_set({{name, "replica 5 6 7"}}) == "normal 0 0 0 slave 5 6 7 pubsub 33554432 8388608 60");
  const std::string count = "Wrong number of arguments in buffer limit configuration.";
  const std::string numbers = "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
  CHECK(after_set({{name, "pubsub"}}) == failed(name, count));
  CHECK(after_set({{name, "pubsub 1 2 3 normal"}}) == failed(name, count));
  CHECK(after_set({{name, "master 1 1 1"}}) ==
        failed(name, "Invalid client class specified in buffer limit configuration."));
  for (const std::string value :
       {"pubsub 1x 1 1", "pubsub 1 -1 1", "pubsub 1 1 -1", "pubsub 1 1 1s", "normal 1 2 99999999999999999999"}) {
    CHECK(after_set({{name, value}}) == failed(name, numbers));
  }
  const Result<Settings> unchanged =
      SettingTable::set(Settings{}, std::vector<SettingPair>{{name, "normal 1 2 3 foo 1 1 1"}});
  CHECK_FALSE(unchanged);
}

TEST_CASE("keyspace event flags are kept in Redis's order") {
  const std::vector<std::pair<std::string, std::string>> flags{
      {"KEA", "AKE"},          {"", ""},        {"KElg", "glKE"}, {"E$", "$E"},
      {"KEAm", "AKEm"},        {"n", "n"},      {"Kx", "xK"},     {"dtexzhsl$KEmn", "$lshzxetdnKEm"},
      {"KE$lshzxetdg", "AKE"}, {"AKEd", "AKE"}, {"AKEn", "AKE"}};
  for (const auto& [given, kept] : flags) CHECK(after_set({{"notify-keyspace-events", given}}) == kept);
  for (const std::string bad : {"Q", "K E", "KEAa"}) {
    CHECK(after_set({{"notify-keyspace-events", bad}}) ==
          failed("notify-keyspace-events", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."));
  }
}

TEST_CASE("a setting of one word takes exactly one") {
  Settings settings;
  const Setting* port = SettingTable::find("PORT");
  REQUIRE(port != nullptr);
  const std::vector<std::string> none;
  const std::vector<std::string> two{"1", "2"};
  CHECK(port->store(settings, none).error().message == "wrong number of arguments");
  CHECK(port->store(settings, two).error().message == "wrong number of arguments");
  CHECK(settings.port == 6379);
}

TEST_CASE("bind takes up to sixteen addresses, as words or as one text") {
  Settings settings;
  const Setting* bind = SettingTable::find("bind");
  REQUIRE(bind != nullptr);
  const std::vector<std::string> text{" *  -::* "};
  CHECK(bind->store(settings, text));
  CHECK(settings.bind == std::vector<std::string>{"*", "-::*"});
  const std::vector<std::string> words{"127.0.0.1", "::1"};
  CHECK(bind->store(settings, words));
  CHECK(settings.bind == words);
  const std::vector<std::string> many(17, "127.0.0.1");
  CHECK(bind->store(settings, many).error().message == "Too many bind addresses specified.");
  CHECK_FALSE(bind->store(settings, std::vector<std::string>{"-"}));
  CHECK(settings.bind == words);
  const std::vector<std::string> empty{""};
  CHECK(bind->store(settings, empty));
  CHECK(settings.bind.empty());
}

}  // namespace respublica
