#include "broker/checkpoint.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "broker/group_codec.h"
#include "broker/producer_codec.h"
#include "broker/stream_codec.h"
#include "storage/byte_codec.h"

namespace respublica {
namespace {

/// A section ends at the first stream that makes it larger.
constexpr std::size_t kSectionBytes = std::size_t{1} << 20;

/// What follows a stream.
enum States : std::uint8_t { kGroups = 1, kProducers = 2 };

/// Reads a stream and what follows it; returns what is wrong, if anything.
std::optional<std::string_view> read_entry(ByteReader& in, Checkpoint::Entry& entry) {
  entry.stream = decode_stream(in);
  if (entry.stream == nullptr) return "a stream that is not known";
  const auto states = in.fixed<std::uint8_t>();
  if ((states & ~(kGroups | kProducers)) != 0) return "a part that is not known";
  if ((states & kGroups) != 0 && (entry.groups = decode_groups(in)) == nullptr) return "groups that are not known";
  if ((states & kProducers) != 0 && (entry.producers = decode_producers(in)) == nullptr)
    return "producers that are not known";
  return std::nullopt;
}

}  // namespace

Result<Checkpoint> load_checkpoint(FileSystem& files, const std::string& name) {
  Checkpoint checkpoint;
  const SectionVisitor visit = [&](const CheckpointHeader&, LogPosition as_of, std::string_view section) {
    ByteReader in(section);
    checkpoint.file_bytes += section.size();
    while (!in.rest().empty()) {
      Checkpoint::Entry entry;
      entry.as_of = as_of;
      if (const auto unknown = read_entry(in, entry)) {
        return Result<void>(Error{"the checkpoint " + name + " has " + std::string(*unknown)});
      }
      checkpoint.streams.push_back(std::move(entry));
    }
    return Result<void>();
  };
  const auto header = read_checkpoint(files, name, visit);
  if (!header) return header.error();
  checkpoint.header = header.value();
  return checkpoint;
}

Result<void> CheckpointWriter::add(LogPosition as_of, const std::vector<Entry>& streams) {
  section_.clear();
  for (const auto& [stream, groups, producers] : streams) {
    encode_stream(*stream, section_);
    const int states = (groups.empty() ? 0 : kGroups) | (producers.empty() ? 0 : kProducers);
    section_.push_back(static_cast<char>(states));
    section_.append(groups);
    section_.append(producers);
    if (section_.size() < kSectionBytes) continue;
    if (auto added = file_->add(as_of, section_); !added) return added;
    section_.clear();
  }
  return file_->add(as_of, section_);
}

Result<CheckpointSearch> find_checkpoint(FileSystem& files) {
  const auto names = files.list();
  if (!names) return names.error();
  std::vector<LogPosition> positions;
  for (const std::string& name : names.value()) {
    if (const auto position = parse_checkpoint_name(name)) positions.push_back(*position);
  }
  std::sort(positions.begin(), positions.end(), std::greater<>());
  CheckpointSearch search;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    auto checkpoint = load_checkpoint(files, checkpoint_name(positions[i]));
    if (!checkpoint) {
      search.damaged.push_back(checkpoint.error());
      continue;
    }
    search.newest = std::move(checkpoint.value());
    if (i + 1 < positions.size()) search.older = positions[i + 1];
    break;
  }
  return search;
}

}  // namespace respublica
