#include "server/options.h"

#include <sstream>

#include "server/setting_table.h"
#include "tests/server/setting_directory.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

Result<Options> parse(std::vector<const char*> words, const std::string& standard_input = "") {
  words.insert(words.begin(), "respublica");
  std::istringstream input(standard_input);
  return parse_options(static_cast<int>(words.size()), words.data(), input);
}

/// The settings of a command line, which must be right.
Settings settings(const std::vector<const char*>& words) {
  const Result<Options> options = parse(words);
  INFO((options ? "" : options.error().message));
  REQUIRE(options);
  CHECK(options.value().mode == Options::Mode::run);
  return options.value().settings;
}

std::string error(const std::vector<const char*>& words) {
  const Result<Options> options = parse(words);
  REQUIRE_FALSE(options);
  return options.error().message;
}

}  // namespace

TEST_CASE("without arguments the broker runs with the defaults and no file") {
  const Result<Options> options = parse({});
  REQUIRE(options);
  CHECK(options.value().mode == Options::Mode::run);
  CHECK(options.value().config_file.empty());
  CHECK(options.value().warnings.empty());
  CHECK(SettingTable::get(options.value().settings, "*") == SettingTable::get(Settings{}, "*"));
}

TEST_CASE("an option is written in any of Redis's ways, or with an equals sign") {
  CHECK(settings({"--port", "7000"}).port == 7000);
  CHECK(settings({"--port=7000"}).port == 7000);
  CHECK(settings({"--port 7000"}).port == 7000);
  CHECK(settings({"--PORT", "7000"}).port == 7000);
  CHECK(settings({"--port", "7000", "--port", "7001"}).port == 7001);
  CHECK(settings({"--slave-read-only", "no"}).replica_read_only == false);
}

TEST_CASE("all words up to the next option are the value") {
  using Addresses = std::vector<std::string>;
  CHECK(settings({"--bind", "*", "-::*", "--port", "1"}).bind == Addresses{"*", "-::*"});
  CHECK(settings({"--bind", "* -::*"}).bind == Addresses{"*", "-::*"});
  CHECK(settings({"--bind", ""}).bind.empty());
  CHECK(settings({"--slowlog-log-slower-than", "-1"}).slowlog_log_slower_than == -1);
  const auto limits = settings({"--client-output-buffer-limit", "pubsub", "1mb", "1kb", "5",
                                "--client-output-buffer-limit", "normal", "1", "2", "3"})
                          .output_limits;
  CHECK(limits.pubsub == OutputBufferLimit{1048576, 1024, 5});
  CHECK(limits.normal == OutputBufferLimit{1, 2, 3});
}

TEST_CASE("durable may be repeated, as one word or as several, and adds to the file") {
  const SettingDirectory directory;
  const std::string file = directory.write("x.conf", "durable file.* maxlen 1\n");
  const auto patterns = [&](const std::vector<const char*>& arguments) {
    std::string text;
    const DurableRules rules = settings(arguments).durable;
    for (const DurableRule& rule : rules.all()) text += rule.pattern + " ";
    return text;
  };
  CHECK(patterns({file.c_str(), "--durable", "a.* maxlen 5", "--durable", "b.*", "maxage", "1d", "--port", "1",
                  "--durable", "c.*; d.*", "--durable=e.* maxlen 2"}) == "file.* a.* b.* c.* d.* e.* ");
  CHECK(patterns({file.c_str(), "--durable", "", "--durable", "a"}) == "a ");
  CHECK(error({"--durable", "a maxlen"}) == "--durable: maxlen must be a number of entries, at least 1");
}

TEST_CASE("values may be empty, and may look like options when they are none") {
  CHECK(settings({"--requirepass", ""}).requirepass.empty());
  CHECK(settings({"--requirepass", "a \"b\" \\"}).requirepass == "a \"b\" \\");
  CHECK(settings({"--requirepass", "--secret", "--port", "5"}).requirepass == "--secret");
  CHECK(settings({"--requirepass", "[a,b]"}).requirepass == "[a,b]");
  CHECK(settings({"--requirepass=a=b"}).requirepass == "a=b");
  CHECK(settings({"--save", "", "--appendonly", "no", "--port", "5"}).port == 5);
  CHECK(settings({"--save"}).port == 6379);
}

TEST_CASE("a wrong option is one clear line") {
  CHECK(error({"--foo", "bar"}) == "unknown option '--foo' (--help lists all)");
  CHECK(error({"-x"}) == "unknown option '-x' (--help lists all)");
  CHECK(error({"--port"}) == "--port: wrong number of arguments");
  CHECK(error({"--port", "1", "2"}) == "--port: wrong number of arguments");
  CHECK(error({"--port", "--maxclients", "5"}) == "--port: wrong number of arguments");
  CHECK(error({"--port", "abc"}) == "--port: argument couldn't be parsed into an integer");
  CHECK(error({"--port", "65536"}) == "--port: argument must be between 0 and 65535 inclusive");
  CHECK(error({"--io-threads", "129"}) == "--io-threads: argument must be between 1 and 128 inclusive");
  CHECK(error({"--maxmemory", "1x"}) == "--maxmemory: argument must be a memory value");
  CHECK(error({"--daemonize", "perhaps"}) == "--daemonize: argument must be 'yes' or 'no'");
  CHECK(error({"--unixsocketperm", "9"}) == "--unixsocketperm: argument couldn't be parsed as an octal number");
  CHECK(error({"--log-format", "xml"}) == "--log-format: argument(s) must be one of the following: text, json");
  CHECK(error({"--tls-port", "6380"}) == "--tls-port: TLS is not supported yet");
}

TEST_CASE("options that mean nothing to a broker are warnings") {
  const Result<Options> options = parse({"--appendfilename", "a", "--save", "900", "1"});
  REQUIRE(options);
  CHECK(options.value().warnings ==
        std::vector<std::string>{"command line: 'appendfilename' has no meaning for a broker, ignored",
                                 "command line: 'save': a broker saves no snapshots, only \"\" is accepted, ignored"});
}

TEST_CASE("options count more than the file, and the file's path becomes absolute") {
  const SettingDirectory directory;
  const std::string file = directory.write("x.conf", "port 1\nmaxclients 2\n");
  const auto relative = std::filesystem::relative(file).string();
  const Result<Options> options = parse({relative.c_str(), "--port", "3"});
  REQUIRE(options);
  CHECK(options.value().settings.port == 3);
  CHECK(options.value().settings.maxclients == 2);
  CHECK(std::filesystem::path(options.value().config_file).is_absolute());
  CHECK(std::filesystem::equivalent(options.value().config_file, file));
}

TEST_CASE("a dash reads settings from the standard input, after the file and before the options") {
  const SettingDirectory directory;
  const std::string file = directory.write("x.conf", "port 1\nmaxclients 1\ntimeout 1\n");
  const Result<Options> options = parse({file.c_str(), "-", "--timeout", "3"}, "maxclients 2\ntimeout 2\n");
  REQUIRE(options);
  CHECK(options.value().settings.port == 1);
  CHECK(options.value().settings.maxclients == 2);
  CHECK(options.value().settings.timeout == 3);
  const Result<Options> alone = parse({"-"}, "port 7\n");
  REQUIRE(alone);
  CHECK(alone.value().settings.port == 7);
  CHECK(alone.value().config_file.empty());
  const Result<Options> wrong = parse({"-"}, "\nport x\n");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message.find("at line 2 of standard input") != std::string::npos);
}

TEST_CASE("a wrong file is an error with file and line") {
  const SettingDirectory directory;
  const std::string file = directory.write("x.conf", "port 1\nfoo\n");
  CHECK(error({file.c_str()}).find("at line 2 of " + file) != std::string::npos);
  const std::string none = directory.path_of("none.conf");
  CHECK(error({none.c_str()}) == "Fatal error, can't open config file '" + none + "': No such file or directory");
  const std::string right = directory.write("y.conf", "");
  CHECK(error({right.c_str(), right.c_str()}) == "more than one configuration file: '" + right + "'");
}

TEST_CASE("a file can be included from the command line") {
  const SettingDirectory directory;
  const std::string file = directory.write("x.conf", "port 1\n");
  CHECK(settings({"--include", file.c_str()}).port == 1);
  CHECK(error({"--include"}) == "--include: wrong number of arguments");
}

TEST_CASE("the working directory must exist and becomes absolute") {
  const SettingDirectory directory;
  CHECK(settings({"--dir", directory.path().c_str()}).dir == directory.path());
  CHECK(settings({"--dir", "."}).dir == std::filesystem::current_path());
  const std::string none = directory.path_of("none");
  CHECK(error({"--dir", none.c_str()}) == "dir '" + none + "': No such file or directory");
  const std::string file = directory.write("file", "");
  CHECK(error({"--dir", file.c_str()}) == "dir '" + file + "': Not a directory");
  CHECK(error({"--dir", ""}) == "--dir: No such file or directory");
}

TEST_CASE("the version is printed in the shape of redis-server") {
  for (const char* option : {"-v", "--version"}) {
    const Result<Options> options = parse({option});
    REQUIRE(options);
    CHECK(options.value().mode == Options::Mode::print);
    const std::string& text = options.value().text;
    CHECK(text.starts_with("Respublica server v=8."));
    for (const char* part : {" sha=", " malloc=", " bits=64", " build="}) CHECK(text.find(part) != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
  }
}

TEST_CASE("help lists every setting with its summary and default") {
  for (const char* option : {"-h", "--help"}) {
    const Result<Options> options = parse({option, "--port", "x"});
    REQUIRE(options);
    CHECK(options.value().mode == Options::Mode::print);
    for (const Setting& row : SettingTable::rows()) {
      INFO(row.name);
      CHECK(options.value().text.find("  --" + std::string(row.name)) != std::string::npos);
      CHECK(options.value().text.find(std::string(row.summary) + " [") != std::string::npos);
    }
    CHECK(options.value().text.find("[6379]") != std::string::npos);
    CHECK(options.value().text.find("appendfilename") == std::string::npos);
  }
}

TEST_CASE("checking the configuration prints the warnings and the verdict") {
  const SettingDirectory directory;
  const std::string file = directory.write("x.conf", "appendfilename a\n");
  const Result<Options> options = parse({"--check-config", file.c_str()});
  REQUIRE(options);
  CHECK(options.value().mode == Options::Mode::print);
  CHECK(options.value().text ==
        file + " line 1: 'appendfilename' has no meaning for a broker, ignored\nThe configuration is right.");
  CHECK(error({"--check-config", "--port", "x"}) == "--port: argument couldn't be parsed into an integer");
}

TEST_CASE("a health check is asked for with the settings of the broker") {
  const Result<Options> options = parse({"--port", "7000", "--ping"});
  REQUIRE(options);
  CHECK(options.value().mode == Options::Mode::ping);
  CHECK(options.value().settings.port == 7000);
}

}  // namespace respublica
