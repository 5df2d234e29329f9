#include "broker/log_upkeep.h"

#include <algorithm>
#include <string>
#include <utility>

#include "broker/group_codec.h"
#include "broker/producer_codec.h"

namespace respublica {
namespace {

/// So many streams are written at once, or so many bytes of their groups and producers: commits do not wait for more
/// than a look at these, and the last group among them (a million pending entries take about 25 ms).
constexpr std::size_t kStreamsAtOnce = 4096;
constexpr std::size_t kStateBytesAtOnce = std::size_t{1} << 20;

/// Removes checkpoints before `older`, and what was never finished.
Result<void> remove_old(FileSystem& files, LogPosition older) {
  const auto names = files.list();
  if (!names) return names.error();
  for (const std::string& name : names.value()) {
    const auto position = parse_checkpoint_name(name);
    const bool is_old = position && *position < older;
    if (!is_old && !is_unfinished_checkpoint_name(name)) continue;
    if (auto removed = files.remove(name); !removed) return removed;
  }
  return {};
}

}  // namespace

LogUpkeep::LogUpkeep(FileSystem& files, MessageLog& log, const StreamTable& streams, GroupTable& groups,
                     ProducerTable& producers, SideThread& side, UpkeepLimits limits, UpkeepListener& listener)
    : files_(files),
      log_(log),
      streams_(streams),
      groups_(groups),
      producers_(producers),
      side_(side),
      limits_(limits),
      listener_(listener) {}

void LogUpkeep::found(LogPosition newest, std::uint64_t newest_bytes, LogPosition older) {
  newest_ = tried_ = newest;
  newest_bytes_ = newest_bytes;
  older_ = older;
}

void LogUpkeep::look(ChannelNumber next_number, std::uint64_t now_ms) {
  if (busy_ || limits_.checkpoint_bytes == 0) return;
  if (log_.end() - tried_ >= std::max(limits_.checkpoint_bytes, newest_bytes_)) begin_checkpoint(next_number, now_ms);
}

void LogUpkeep::begin_checkpoint(ChannelNumber next_number, std::uint64_t now_ms) {
  busy_ = true;
  tried_ = log_.end();
  const CheckpointHeader header{log_.end(), 0, now_ms, next_number.value};
  const auto writer = std::make_shared<Writer>();
  step(
      [this, writer, header]() -> Result<void> {
        auto file = CheckpointFile::create(files_, header);
        if (!file) return file.error();
        *writer = std::make_shared<CheckpointWriter>(std::move(file.value()));
        return {};
      },
      [this, writer] { add_parts(*writer, 0); });
}

void LogUpkeep::add_parts(const Writer& writer, std::size_t part) {
  std::vector<CheckpointWriter::Entry> streams;
  std::size_t state_bytes = 0;
  const auto is_enough = [&] { return streams.size() >= kStreamsAtOnce || state_bytes >= kStateBytesAtOnce; };
  for (; part < StreamTable::kParts && !is_enough(); ++part) {
    for (std::shared_ptr<const Stream>& stream : streams_.part(part)) {
      std::string groups;
      std::string producers;
      if (const StreamGroups* const found = groups_.find(stream->number())) encode_groups(*found, groups);
      if (const StreamProducers* const found = producers_.find(stream->number())) encode_producers(*found, producers);
      state_bytes += groups.size() + producers.size();
      streams.push_back({std::move(stream), std::move(groups), std::move(producers)});
    }
  }
  step([writer, as_of = log_.end(), streams = std::move(streams)] { return writer->add(as_of, streams); },
       [this, writer, part] {
         if (part < StreamTable::kParts) {
           add_parts(writer, part);
         } else {
           finish(writer);
         }
       });
}

void LogUpkeep::finish(const Writer& writer) {
  step([writer] { return writer->file().finish(); }, [this, writer] { publish(writer); });
}

void LogUpkeep::publish(const Writer& writer) {
  // It must not know more than what is left of the log after a crash.
  if (auto synced = log_.sync(); !synced) return listener_.log_failed(synced.error());
  step([writer] { return writer->file().publish(); },
       [this, writer] { published(writer->file().position(), writer->file().bytes()); });
}

void LogUpkeep::published(LogPosition position, std::uint64_t bytes) {
  older_ = newest_;
  newest_ = position;
  newest_bytes_ = bytes;
  step([this, older = older_] { return remove_old(files_, older); }, [this] { busy_ = false; });
}

void LogUpkeep::step(std::function<Result<void>()> step, std::function<void()> next) {
  side_.run(std::move(step), std::move(next), [this](const Error& error) { give_up(error); });
}

void LogUpkeep::give_up(const Error& error) {
  busy_ = false;
  listener_.upkeep_failed(error);
}

}  // namespace respublica
