#include "broker/checkpoint.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "broker/group_codec.h"
#include "broker/stream_codec.h"
#include "storage/byte_codec.h"

namespace respublica {
namespace {

/// A section ends at the first stream that makes it larger.
constexpr std::size_t kSectionBytes = std::size_t{1} << 20;

}  // namespace

Result<Checkpoint> load_checkpoint(FileSystem& files, const std::string& name) {
  Checkpoint checkpoint;
  const SectionVisitor visit = [&](const CheckpointHeader&, LogPosition as_of, std::string_view section) {
    ByteReader in(section);
    checkpoint.file_bytes += section.size();
    while (!in.rest().empty()) {
      std::shared_ptr<Stream> stream = decode_stream(in);
      if (stream == nullptr) return Result<void>(Error{"the checkpoint " + name + " has a stream that is not known"});
      std::shared_ptr<StreamGroups> groups;
      if (in.fixed<std::uint8_t>() != 0 && (groups = decode_groups(in)) == nullptr) {
        return Result<void>(Error{"the checkpoint " + name + " has groups that are not known"});
      }
      checkpoint.streams.push_back({std::move(stream), std::move(groups), as_of});
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
  for (const auto& [stream, groups] : streams) {
    encode_stream(*stream, section_);
    section_.push_back(groups.empty() ? '\0' : '\1');
    section_.append(groups);
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
