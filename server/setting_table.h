#pragma once
// Settings by name: what CONFIG GET, CONFIG SET, the configuration file and the command line work with.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "server/settings.h"

namespace respublica {

/// When a setting can change.
enum class SettingChange : std::uint8_t {
  /// CONFIG SET may change it.
  at_run_time,
  /// The file and the command line only.
  at_start,
};

/// How a setting's values are written.
enum class SettingShape : std::uint8_t {
  /// One word.
  one_word,
  /// Any number of words. One word with blanks in it is as good: `--bind '* -::*'`.
  words,
  /// Any number of words, on any number of lines: each line adds to those before it, an empty value (`""`) forgets
  /// them. As one word, a line is as good; CONFIG GET and CONFIG SET have all lines in one text.
  lines,
};

/// One row of the table: all there is to know about one setting.
struct Setting {
  std::string_view name;
  /// The setting's older name, which works everywhere too; may be empty.
  std::string_view alias;
  SettingShape shape;
  SettingChange change;
  /// A sentence of set() that is only a warning in the file and on the command line, because files made for Redis often
  /// hold such a value; may be empty.
  std::string_view mild_error;
  /// Stores the value given as words (exactly one where the shape says so); on error nothing is stored and the sentence
  /// is Redis's. Use store(), which sees to the shape.
  Result<void> (*set)(Settings& settings, std::span<const std::string> words);
  /// The value as CONFIG GET shows it: numbers in bytes, words separated by one space.
  std::string (*get)(const Settings& settings);
  /// The value as the file has it (`100mb`, quoted where needed), without the name; for SettingShape::lines, one or
  /// more values separated by "\n".
  std::string (*write)(const Settings& settings);
  /// What a value looks like: "yes|no".
  std::string (*syntax)();
  /// One line for --help.
  std::string_view summary;
  /// The default in words, where the value itself says nothing; may be empty.
  std::string_view default_note;

  /// Stores the value that `words` are, as the file and the command line give them: "wrong number of arguments", or
  /// what set() says.
  Result<void> store(Settings& settings, std::span<const std::string> words) const;

  /// Stores `value` in the place of whatever was there, as CONFIG SET does. On error nothing is stored.
  Result<void> replace(Settings& settings, const std::string& value) const;
};

using SettingPair = std::pair<std::string, std::string>;

/// The settings by name. Names are not case-sensitive.
/// Thread: any, immutable.
class SettingTable {
 public:
  /// All rows, in the order of --help and of docker/respublica.conf.
  static std::span<const Setting> rows();
  /// The row with this name or alias, or null.
  static const Setting* find(std::string_view name);

  /// CONFIG GET: names and values matched by a glob pattern, in the table's order. An alias is a name of its own.
  static std::vector<SettingPair> get(const Settings& settings, std::string_view pattern);
  /// The same for several patterns; a name that several of them match is there once.
  static std::vector<SettingPair> get(const Settings& settings, std::span<const std::string_view> patterns);

  /// CONFIG SET: the settings with all pairs changed. On error, none is, and the message is the whole error reply
  /// ("ERR CONFIG SET failed (possibly related to argument 'maxclients') - argument must be ...").
  static Result<Settings> set(const Settings& settings, std::span<const SettingPair> pairs);
};

}  // namespace respublica
