#include "server/config_file.h"

#include <glob.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "server/setting_foreign.h"
#include "server/setting_table.h"
#include "server/setting_values.h"
#include "server/setting_words.h"

namespace respublica {
namespace {

/// A line of a file, for messages.
struct Place {
  const std::string& path;
  int line;
  std::string_view text;
};

/// The message with which redis-server ends when a line is wrong.
Error fatal(const Place& place, const std::string& reason) {
  return Error{"\n*** FATAL CONFIG FILE ERROR (respublica " RESPUBLICA_VERSION
               ") ***\nReading the configuration file, at line " +
               std::to_string(place.line) + " of " + place.path + "\n>>> '" + std::string(place.text) + "'\n" + reason};
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// The files that an include names: those that match its wildcards, in order, or itself if it has none.
std::vector<std::string> files_of_include(const std::string& pattern, const std::string& including_file) {
  std::string path = pattern;
  if (!pattern.starts_with('/')) path = std::filesystem::path(including_file).parent_path() / pattern;
  if (path.find_first_of("*?[") == std::string::npos) return {path};
  std::vector<std::string> files;
  glob_t found{};
  if (::glob(path.c_str(), 0, nullptr, &found) == 0) files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return files;
}

/// Reads files and what they include into a draft.
class ConfigReader {
 public:
  explicit ConfigReader(ConfigDraft& draft) : draft_(draft) {}

  Result<void> read_text(std::string_view text, const std::string& path) {
    int number = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = trim(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      ++number;
      if (line.empty() || line.front() == '#') continue;
      const Result<void> taken = read_line({path, number, line});
      if (!taken) return taken;
    }
    return {};
  }

 private:
  Result<void> read_line(const Place& place) {
    const auto words = split_words(place.text);
    if (!words) return fatal(place, "Unbalanced quotes in configuration line");
    if (equal_ignoring_case(words->front(), "include")) {
      if (words->size() != 2) return fatal(place, "wrong number of arguments");
      return include(place, words->back());
    }
    const std::string where = place.path + " line " + std::to_string(place.line);
    const Result<void> applied = apply_setting(draft_, words->front(), std::span(*words).subspan(1), where);
    if (!applied) return fatal(place, applied.error().message);
    return {};
  }

  Result<void> include(const Place& place, const std::string& pattern) {
    constexpr int kMaxDepth = 16;
    if (depth_ == kMaxDepth) return fatal(place, "files include each other, or too deeply");
    for (const std::string& path : files_of_include(pattern, place.path)) {
      const Result<std::string> text = read_config_file(path);
      if (!text) return fatal(place, text.error().message);
      ++depth_;
      const Result<void> taken = read_text(text.value(), path);
      --depth_;
      if (!taken) return taken;
    }
    return {};
  }

  ConfigDraft& draft_;
  int depth_ = 0;
};

Result<void> apply_foreign(ConfigDraft& draft, const ForeignSetting& setting, std::span<const std::string> words,
                           const std::string& place) {
  if (!setting.refusal.empty()) {
    if (join_words(words) == setting.off) return {};
    return Error{std::string(setting.refusal)};
  }
  const std::string_view note = setting.note.empty() ? "has no meaning for a broker" : setting.note;
  draft.warnings.push_back(place + ": '" + std::string(setting.name) + "' " + std::string(note) + ", ignored");
  return {};
}

}  // namespace

Result<void> load_config_text(ConfigDraft& draft, std::string_view text, const std::string& path) {
  return ConfigReader(draft).read_text(text, path);
}

Result<void> load_config_file(ConfigDraft& draft, const std::string& path) {
  const Result<std::string> text = read_config_file(path);
  if (!text) return text.error();
  return load_config_text(draft, text.value(), path);
}

Result<std::string> read_config_file(const std::string& path) {
  const auto failure = [&] {
    return Error{"Fatal error, can't open config file '" + path + "': " + std::strerror(errno)};
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (file == nullptr) return failure();
  std::string text;
  char block[4096];
  while (const std::size_t size = std::fread(block, 1, sizeof block, file.get())) text.append(block, size);
  if (std::ferror(file.get()) != 0) return failure();
  return text;
}

Result<void> apply_setting(ConfigDraft& draft, std::string_view name, std::span<const std::string> words,
                           const std::string& place) {
  const Setting* setting = SettingTable::find(name);
  if (setting != nullptr) {
    Result<void> stored = setting->store(draft.settings, words);
    if (stored || setting->mild_error.empty() || stored.error().message != setting->mild_error) return stored;
    draft.warnings.push_back(place + ": '" + std::string(setting->name) + "': " + stored.error().message + ", ignored");
    return {};
  }
  const ForeignSetting* foreign = find_foreign_setting(name);
  if (foreign == nullptr) return Error{"Bad directive or wrong number of arguments"};
  return apply_foreign(draft, *foreign, words, place);
}

}  // namespace respublica
