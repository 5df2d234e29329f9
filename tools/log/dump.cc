#include "tools/log/dump.h"

#include <vector>

#include "tools/log/channel_names.h"
#include "tools/log/damage_text.h"
#include "tools/log/json_line.h"
#include "tools/log/log_walk.h"

namespace respublica::logtool {
namespace {

class Dump final : public LogVisitor {
 public:
  Dump(const DumpOptions& options, Console& console) : options_(options), console_(console) {}

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

}  // namespace

Result<ExitCode> dump(FileSystem& files, const DumpOptions& options, Console& console) {
  const auto segments = open_segment_files(files);
  if (!segments) return segments.error();
  Dump visitor(options, console);
  if (auto walked = walk_log(segments.value(), visitor, [](std::uint64_t) {}); !walked) return walked.error();
  return visitor.code();
}

}  // namespace respublica::logtool
