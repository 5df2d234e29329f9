#pragma once
// Configuration files in redis.conf's syntax.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/settings.h"

namespace respublica {

/// Settings under construction, and what there is to say about what was read.
struct ConfigDraft {
  Settings settings;
  /// One sentence each, beginning with the place ("/etc/respublica.conf line 7: ...").
  std::vector<std::string> warnings;
};

/// Takes the lines of `text` into the draft. An empty line and one that begins with # say nothing; any other is the
/// name of a setting and its value; `include PATH` reads another file there and then (the path is relative to the
/// directory of the file, and may have wildcards). `path` is where the text comes from. On error, the message is that
/// of redis-server: file, line number, the line, the reason; the draft is then of no use.
Result<void> load_config_text(ConfigDraft& draft, std::string_view text, const std::string& path);

/// Takes a file into the draft.
Result<void> load_config_file(ConfigDraft& draft, const std::string& path);

/// The whole file, or why it cannot be read.
Result<std::string> read_config_file(const std::string& path);

/// Takes one setting, as the file or the command line gives it: a name and the words of its value. `place` is for
/// warnings. On error, the message is the reason alone.
Result<void> apply_setting(ConfigDraft& draft, std::string_view name, std::span<const std::string> words,
                           const std::string& place);

}  // namespace respublica
