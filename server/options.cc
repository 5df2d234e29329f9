#include "server/options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <list>
#include <string_view>
#include <system_error>

#include "server/config_file.h"
#include "server/setting_foreign.h"
#include "server/setting_table.h"
#include "server/setting_values.h"
#include "server/setting_words.h"

namespace respublica {
namespace {

/// Options that are no settings: they take no value.
constexpr std::array<std::string_view, 6> kSwitches{"--help", "-h", "--version", "-v", "--ping", "--check-config"};

bool is_switch(std::string_view word) { return std::ranges::find(kSwitches, word) != kSwitches.end(); }

/// The row of an option ("--port"), or null.
const Setting* setting_of(std::string_view option) {
  return option.starts_with("--") ? SettingTable::find(option.substr(2)) : nullptr;
}

bool is_known(std::string_view option) {
  return is_switch(option) || option == "--include" || setting_of(option) != nullptr ||
         (option.starts_with("--") && find_foreign_setting(option.substr(2)) != nullptr);
}

/// `--name` and the words behind it.
struct OptionGroup {
  std::string name;
  std::vector<std::string> words;
};

/// The command line, cut as redis-server cuts it.
struct CommandLine {
  std::vector<std::string> positional;
  std::vector<OptionGroup> groups;
};

/// Cuts `--name`, `--name=value` and "--name value" (one word) into name and value.
OptionGroup open_group(const std::string& word) {
  const std::size_t end = word.find_first_of("= ");
  if (end == std::string::npos) return {to_lower(word), {}};
  OptionGroup group{to_lower(word.substr(0, end)), {}};
  const std::string value = word.substr(end + 1);
  if (word[end] == '=') {
    group.words.push_back(value);
  } else if (auto words = split_words(value)) {
    group.words = std::move(*words);
  }
  return group;
}

/// Does an option still lack its value, so that a word with dashes is that value (`--requirepass --secret`)?
bool takes_any_word(const CommandLine& line) {
  if (line.groups.empty() || !line.groups.back().words.empty()) return false;
  const Setting* setting = setting_of(line.groups.back().name);
  return setting != nullptr && setting->shape == SettingShape::one_word;
}

CommandLine cut_command_line(int argc, const char* const* argv) {
  CommandLine line;
  bool in_group = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (is_switch(word)) {
      line.groups.push_back({word, {}});
      in_group = false;
    } else if (word.starts_with("--") && (!takes_any_word(line) || is_known(open_group(word).name))) {
      line.groups.push_back(open_group(word));
      in_group = true;
    } else if (in_group) {
      line.groups.back().words.push_back(word);
    } else {
      line.positional.push_back(word);
    }
  }
  return line;
}

Error unknown_option(const std::string& option) { return Error{"unknown option '" + option + "' (--help lists all)"}; }

/// The command line as CLI11 sees it. Each setting's words are one argument there, quoted as in the file: CLI11 would
/// take `-::1` for an option and an empty value for none.
class Parser {
 public:
  explicit Parser(CommandLine line)
      : line_(std::move(line)), app_("A publish/subscribe broker that speaks the Redis protocol", "respublica") {
    app_.set_help_flag();
    app_.add_flag("-h,--help", help_, "print this and end");
    app_.add_flag("-v,--version", version_, "print the version and end");
    app_.add_flag("--ping", ping_, "ask the running broker with these settings whether it is well; exit code 0: yes");
    app_.add_flag("--check-config", check_, "read the settings, say whether they are right, and end");
    app_.add_option("FILE", files_, "configuration file; - is the standard input")->type_name("");
    for (const Setting& row : SettingTable::rows()) add(row);
    add_hidden("include");
    for (const ForeignSetting& foreign : foreign_settings()) add_hidden(foreign.name);
  }

  Result<Options> parse(std::istream& standard_input) {
    const Result<void> understood = run();
    if (!understood) return understood.error();
    if (help_) return print(help_text());
    if (version_) return print(version_line());
    Options options;
    const Result<void> read = read_files(options, standard_input);
    if (!read) return read.error();
    const Result<void> applied = apply_groups();
    if (!applied) return applied.error();
    const Result<void> resolved = resolve_directory();
    if (!resolved) return resolved.error();
    if (check_) return print(warnings_text() + "The configuration is right.");
    options.mode = ping_ ? Options::Mode::ping : Options::Mode::run;
    options.settings = std::move(draft_.settings);
    options.warnings = std::move(draft_.warnings);
    return options;
  }

 private:
  void add(const Setting& row) {
    std::string names = "--" + std::string(row.name);
    if (!row.alias.empty()) names += ",--" + std::string(row.alias);
    const Settings defaults;
    const std::string value = row.default_note.empty() ? row.write(defaults) : std::string(row.default_note);
    auto* option = app_.add_option(names, values_.emplace_back(), std::string(row.summary) + " [" + value + "]");
    option->type_name(row.syntax())->take_all()->expected(1);
    option->group("Settings, with their defaults");
  }

  void add_hidden(std::string_view name) {
    app_.add_option("--" + std::string(name), values_.emplace_back())->take_all()->expected(1)->group("");
  }

  /// Lets CLI11 judge the options and set the flags.
  Result<void> run() {
    for (const std::string& word : line_.positional) {
      if (word.size() > 1 && word.starts_with('-')) return unknown_option(word);
    }
    std::vector<std::string> arguments = line_.positional;
    for (const OptionGroup& group : line_.groups) {
      if (is_switch(group.name)) {
        arguments.push_back(group.name);
        continue;
      }
      if (!is_known(group.name)) return unknown_option(group.name);
      std::string quoted;
      for (const std::string& word : group.words) quoted += (quoted.empty() ? "" : " ") + quote_word(word);
      arguments.push_back(group.name + "=" + (quoted.empty() ? " " : quoted));
    }
    std::ranges::reverse(arguments);
    try {
      app_.parse(arguments);
    } catch (const CLI::Error& error) {
      return Error{error.what()};
    }
    return {};
  }

  Result<void> read_files(Options& options, std::istream& standard_input) {
    bool from_input = false;
    for (const std::string& file : files_) {
      if (file == "-") {
        from_input = true;
        continue;
      }
      if (!options.config_file.empty()) return Error{"more than one configuration file: '" + file + "'"};
      std::error_code failure;
      options.config_file = std::filesystem::absolute(file, failure).string();
      const Result<void> loaded = load_config_file(draft_, options.config_file);
      if (!loaded) return loaded;
    }
    if (!from_input) return {};
    const std::string text{std::istreambuf_iterator<char>(standard_input), {}};
    return load_config_text(draft_, text, "standard input");
  }

  Result<void> apply_groups() {
    for (const OptionGroup& group : line_.groups) {
      if (is_switch(group.name)) continue;
      const Result<void> applied = group.name == "--include" ? include(group) : apply(group);
      if (!applied) return applied;
    }
    return {};
  }

  Result<void> apply(const OptionGroup& group) {
    const Result<void> applied = apply_setting(draft_, group.name.substr(2), group.words, "command line");
    if (!applied) return Error{group.name + ": " + applied.error().message};
    return {};
  }

  Result<void> include(const OptionGroup& group) {
    if (group.words.size() != 1) return Error{"--include: wrong number of arguments"};
    return load_config_text(draft_, "include " + quote_word(group.words.front()), "command line");
  }

  /// `dir` may be relative to where the process was started; from here on it is absolute.
  Result<void> resolve_directory() {
    std::string& directory = draft_.settings.dir;
    if (directory.empty()) return {};
    std::error_code failure;
    const std::filesystem::path path = std::filesystem::canonical(directory, failure);
    if (!failure && !std::filesystem::is_directory(path)) failure = std::make_error_code(std::errc::not_a_directory);
    if (failure) return Error{"dir '" + directory + "': " + failure.message()};
    directory = path.string();
    return {};
  }

  static Result<Options> print(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    Options options;
    options.mode = Options::Mode::print;
    options.text = std::move(text);
    return options;
  }

  std::string warnings_text() const {
    std::string text;
    for (const std::string& warning : draft_.warnings) text += warning + "\n";
    return text;
  }

  std::string help_text() const { return app_.help(); }

  /// In the shape of `redis-server -v`, because test harnesses and service files read the version from it.
  static std::string version_line() {
    return "Respublica server v=" RESPUBLICA_REDIS_VERSION " sha=00000000:0 malloc=libc bits=" +
           std::to_string(8 * sizeof(void*)) + " build=respublica-" RESPUBLICA_VERSION;
  }

  const CommandLine line_;
  CLI::App app_;
  bool help_ = false;
  bool version_ = false;
  bool ping_ = false;
  bool check_ = false;
  std::vector<std::string> files_;
  /// Where CLI11 keeps what it saw; line_ has the same in its order.
  std::list<std::vector<std::string>> values_;
  ConfigDraft draft_;
};

}  // namespace

Result<Options> parse_options(int argc, const char* const* argv, std::istream& standard_input) {
  return Parser(cut_command_line(argc, argv)).parse(standard_input);
}

Result<Options> parse_options(int argc, const char* const* argv) { return parse_options(argc, argv, std::cin); }

}  // namespace respublica
