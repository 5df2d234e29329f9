#include "server/config_file.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "server/setting_foreign.h"
#include "server/setting_table.h"
#include "tests/server/setting_directory.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

/// The draft made of one text, which must be right.
ConfigDraft load(std::string_view text) {
  ConfigDraft draft;
  const Result<void> loaded = load_config_text(draft, text, "/x.conf");
  INFO((loaded ? "" : loaded.error().message));
  REQUIRE(loaded);
  return draft;
}

/// The error's message without its first two lines: "at line 2 of /x.conf|>>> 'foo'|reason".
std::string problem(std::string_view text) {
  ConfigDraft draft;
  const Result<void> loaded = load_config_text(draft, text, "/x.conf");
  REQUIRE_FALSE(loaded);
  std::string message = loaded.error().message;
  const std::size_t begin = message.find("at line");
  REQUIRE(begin != std::string::npos);
  message.erase(0, begin);
  std::replace(message.begin(), message.end(), '\n', '|');
  return message;
}

}  // namespace

TEST_CASE("a file is lines of names and values, comments and empty lines") {
  const ConfigDraft draft = load("# comment\n\n  port 7000\r\n\tMAXCLIENTS\t5 \n   # more\ntimeout 3");
  CHECK(draft.settings.port == 7000);
  CHECK(draft.settings.maxclients == 5);
  CHECK(draft.settings.timeout == 3);
  CHECK(draft.warnings.empty());
}

TEST_CASE("values in a file may be quoted") {
  CHECK(load(R"(requirepass "a b\x41\n")").settings.requirepass == "a bA\n");
  CHECK(load(R"(requirepass 'it\'s')").settings.requirepass == "it's");
  CHECK(load(R"(requirepass "")").settings.requirepass.empty());
}

TEST_CASE("the last line of a setting counts, and output limits add up") {
  CHECK(load("port 1\nport 2").settings.port == 2);
  const auto limits =
      load("client-output-buffer-limit normal 1 2 3\nclient-output-buffer-limit pubsub 4 5 6").settings.output_limits;
  CHECK(limits.normal == OutputBufferLimit{1, 2, 3});
  CHECK(limits.pubsub == OutputBufferLimit{4, 5, 6});
}

TEST_CASE("each line of durable adds a rule, and an empty one forgets those above") {
  CHECK(load("durable a*\ndurable \"b c\" maxlen 5").settings.durable.all().size() == 2);
  CHECK(load("durable a*\ndurable \"\"\ndurable b*").settings.durable.all().front().pattern == "b*");
  CHECK(problem("durable a\ndurable $a") ==
        "at line 2 of /x.conf|>>> 'durable $a'|a durable rule's pattern cannot begin with '$': such names are the "
        "broker's own");
}

TEST_CASE("a log's directory is a name without a path") {
  CHECK(load("appenddirname \"a b\"").settings.appenddirname == "a b");
  CHECK(problem("appenddirname \"\"").ends_with("|appenddirname can't be empty"));
  for (const std::string path : {"a/b", "/a", "./a", ".", "..", "a\\b"}) {
    CHECK(problem("appenddirname " + path).ends_with("|appenddirname can't be a path, just a dirname"));
  }
}

TEST_CASE("a wrong line is named with file, line number and text, in the words of redis-server") {
  ConfigDraft draft;
  const Result<void> loaded = load_config_text(draft, "port 1\n\n  port abc \n", "/etc/x.conf");
  REQUIRE_FALSE(loaded);
  const std::string message = loaded.error().message;
  CHECK(message.find("*** FATAL CONFIG FILE ERROR (respublica ") != std::string::npos);
  CHECK(
      message.ends_with("Reading the configuration file, at line 3 of /etc/x.conf\n>>> 'port abc'\n"
                        "argument couldn't be parsed into an integer"));
}

TEST_CASE("each kind of wrong line has its reason") {
  CHECK(problem("foo bar") == "at line 1 of /x.conf|>>> 'foo bar'|Bad directive or wrong number of arguments");
  CHECK(problem("\nport \"1") == "at line 2 of /x.conf|>>> 'port \"1'|Unbalanced quotes in configuration line");
  CHECK(problem("port") == "at line 1 of /x.conf|>>> 'port'|wrong number of arguments");
  CHECK(problem("port 1 2") == "at line 1 of /x.conf|>>> 'port 1 2'|wrong number of arguments");
  CHECK(problem("timeout 5 # five") == "at line 1 of /x.conf|>>> 'timeout 5 # five'|wrong number of arguments");
  CHECK(problem("include") == "at line 1 of /x.conf|>>> 'include'|wrong number of arguments");
  CHECK(problem("save 900") == "at line 1 of /x.conf|>>> 'save 900'|Invalid save parameters");
  CHECK(problem("supervised upstart") ==
        "at line 1 of /x.conf|>>> 'supervised upstart'|argument(s) must be one of the following: no, systemd, auto");
}

TEST_CASE("lines of redis.conf that mean nothing to a broker are warnings") {
  const ConfigDraft draft = load("appendfilename a\nport 7\nsave 900 1\nrename-command CONFIG \"\"\n");
  CHECK(draft.settings.port == 7);
  CHECK(draft.warnings ==
        std::vector<std::string>{
            "/x.conf line 1: 'appendfilename' has no meaning for a broker, ignored",
            "/x.conf line 3: 'save': a broker saves no snapshots, only \"\" is accepted, ignored",
            "/x.conf line 4: 'rename-command' is not supported: all commands keep their names, ignored"});
}

TEST_CASE("what would be dangerous to ignore is refused, unless it is switched off") {
  CHECK(problem("tls-port 6380") == "at line 1 of /x.conf|>>> 'tls-port 6380'|TLS is not supported yet");
  CHECK(problem("user alice on") == "at line 1 of /x.conf|>>> 'user alice on'|ACL users are not supported yet");
  CHECK(problem("aclfile /a") == "at line 1 of /x.conf|>>> 'aclfile /a'|ACL files are not supported yet");
  CHECK(problem("replicaof h 1") == "at line 1 of /x.conf|>>> 'replicaof h 1'|the broker cannot be a replica");
  CHECK(problem("cluster-enabled yes").ends_with("cluster mode is not supported, only 'no' is accepted"));
  CHECK(load("tls-port 0\naclfile \"\"\nreplicaof no one\nappendonly no\ncluster-enabled no\nsave \"\"")
            .warnings.empty());
}

TEST_CASE("all names of other people's redis.conf are known and none is a setting") {
  for (const ForeignSetting& foreign : foreign_settings()) {
    INFO(foreign.name);
    CHECK(SettingTable::find(foreign.name) == nullptr);
    CHECK(find_foreign_setting(foreign.name) == &foreign);
  }
  CHECK(find_foreign_setting("port") == nullptr);
  CHECK(find_foreign_setting("LazyFree-lazy-expire") != nullptr);
}

TEST_CASE("an included file is read where it is named, relative to the file that names it") {
  const SettingDirectory directory;
  directory.write("inner.conf", "port 2\nmaxclients 3\n");
  const std::string outer = directory.write("outer.conf", "port 1\ninclude inner.conf\nmaxclients 4\n");
  ConfigDraft draft;
  REQUIRE(load_config_file(draft, outer));
  CHECK(draft.settings.port == 2);
  CHECK(draft.settings.maxclients == 4);
}

TEST_CASE("an include may have wildcards, which may match nothing") {
  const SettingDirectory directory;
  directory.write("a.part", "port 1\ntimeout 7\n");
  directory.write("b.part", "port 2\n");
  ConfigDraft draft;
  const std::string text = "include " + directory.path_of("*.part") + "\ninclude " + directory.path_of("*.none") + "\n";
  REQUIRE(load_config_text(draft, text, "/x.conf"));
  CHECK(draft.settings.port == 2);
  CHECK(draft.settings.timeout == 7);
}

TEST_CASE("an error in an included file names that file") {
  const SettingDirectory directory;
  const std::string inner = directory.write("inner.conf", "\nfoo 1\n");
  const std::string outer = directory.write("outer.conf", "include inner.conf\n");
  ConfigDraft draft;
  const Result<void> loaded = load_config_file(draft, outer);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().message.find("at line 2 of " + inner + "\n>>> 'foo 1'") != std::string::npos);
}

TEST_CASE("a file that includes itself is an error and not an endless loop") {
  const SettingDirectory directory;
  const std::string file = directory.write("loop.conf", "include loop.conf\n");
  ConfigDraft draft;
  const Result<void> loaded = load_config_file(draft, file);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().message.ends_with("files include each other, or too deeply"));
}

TEST_CASE("a file that cannot be read is named with the system's reason") {
  const SettingDirectory directory;
  ConfigDraft draft;
  CHECK(load_config_file(draft, directory.path_of("none.conf")).error().message ==
        "Fatal error, can't open config file '" + directory.path_of("none.conf") + "': No such file or directory");
  CHECK(load_config_file(draft, directory.path()).error().message ==
        "Fatal error, can't open config file '" + directory.path() + "': Is a directory");
  const std::string outer = directory.write("outer.conf", "include none.conf\n");
  CHECK(load_config_file(draft, outer).error().message.ends_with("none.conf': No such file or directory"));
}

TEST_CASE("the reference configuration names every setting and loads with every line switched on") {
  const auto reference = std::filesystem::path(RESPUBLICA_SOURCE_DIR) / "docker/respublica.conf";
  ConfigDraft draft;
  const Result<std::string> text = read_config_file(reference.string());
  REQUIRE(text);
  std::string active;
  std::istringstream lines(text.value());
  std::set<std::string> named;
  for (std::string line; std::getline(lines, line);) {
    // "#name value" is a setting that is switched off; a comment has a blank behind its mark.
    if (line.size() > 1 && line[0] == '#' && line[1] != ' ' && line[1] != '#') line.erase(0, 1);
    if (line.empty() || line[0] == '#') continue;
    active += line + "\n";
    named.insert(line.substr(0, line.find(' ')));
  }
  const Result<void> loaded = load_config_text(draft, active, "respublica.conf");
  INFO((loaded ? "" : loaded.error().message));
  CHECK(loaded);
  CHECK(draft.warnings.empty());
  for (const auto& [name, value] : SettingTable::get(Settings{}, "*")) {
    INFO(name);
    CHECK(named.erase(name) == 1);
  }
  CHECK(named.empty());
}

}  // namespace respublica
