#include "tools/log/dump.h"

#include "tools/log/channel_names.h"
#include "tools/log/damage_text.h"
#include "tools/log/json_line.h"
#include "tools/log/known_streams.h"
#include "tools/log/log_walk.h"

namespace respublica::logtool {
namespace {

class Dump final : public LogVisitor {
 public:
  Dump(const DumpOptions& options, const KnownStreams& known, Console& console)
      : options_(options), console_(console), names_(known) {}

  Result<void> record(const Record& record, const RecordPlace& place) override {
    // A record that ends a channel is shown with its name.
    if (record.kind == Record::Kind::channel) names_.see(record);
    if (place.position >= options_.from && is_wanted(channel_of(record))) {
      console_.print(record_line(record, place, names_));
    }
    if (record.kind == Record::Kind::drop) names_.see(record);
    return {};
  }

  Result<void> damage(const Damage& damage) override {
    console_.say(damage_text(damage, names_));
    if (damage.kind != Damage::Kind::tail) code_ = ExitCode::damage;
    return {};
  }

  ExitCode code() const { return code_; }

 private:
  bool is_wanted(ChannelNumber channel) const {
    if (!options_.channel) return true;
    const std::string* name = names_.find(channel);
    return name != nullptr && *name == *options_.channel;
  }

  const DumpOptions& options_;
  Console& console_;
  ChannelNames names_;
  ExitCode code_ = ExitCode::fine;
};

ExitCode dump_checkpoint(const LogFiles& files, const KnownStreams& known, const DumpOptions& options,
                         Console& console) {
  for (const auto& [number, entry] : known.streams()) {
    if (entry.as_of < options.from || (options.channel && entry.stream->name() != *options.channel)) continue;
    console.print(stream_line(*entry.stream, entry.as_of));
  }
  for (const DamagedCheckpoint& damaged : files.damaged_checkpoints) console.say(damaged.reason);
  return files.damaged_checkpoints.empty() ? ExitCode::fine : ExitCode::damage;
}

}  // namespace

Result<ExitCode> dump(FileSystem& files, const DumpOptions& options, Console& console) {
  const auto log = open_log_files(files);
  if (!log) return log.error();
  const KnownStreams known(log.value().checkpoint);
  if (options.what == DumpOptions::What::checkpoint) return dump_checkpoint(log.value(), known, options, console);
  Dump visitor(options, known, console);
  if (auto walked = walk_log(log.value(), visitor, [](std::uint64_t) {}); !walked) return walked.error();
  return visitor.code();
}

}  // namespace respublica::logtool
