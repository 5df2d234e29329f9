#include "storage/checkpoint_file.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <random>
#include <span>
#include <utility>

#include "storage/byte_codec.h"
#include "storage/crc32c.h"
#include "storage/segment_format.h"

namespace respublica {
namespace {

constexpr std::string_view kMagic = "RPUBCKP1";
constexpr std::size_t kHeaderCrcAt = 8;
constexpr std::size_t kHeaderCrcFrom = 12;
constexpr std::size_t kHeaderBytes = 40;
/// checksum of the rest of this header (4) | checksum of the section (4) | bytes (4) | number (4) | position (8)
constexpr std::size_t kSectionHeaderBytes = 24;
constexpr std::size_t kSectionCrcFrom = 4;
constexpr std::uint64_t kSyncBytes = std::uint64_t{1} << 20;
constexpr std::string_view kSuffix = ".checkpoint";
constexpr std::string_view kUnfinishedSuffix = ".checkpoint.new";

std::string encode_header(const CheckpointHeader& header) {
  std::string bytes(kMagic);
  put_fixed(bytes, std::uint32_t{0});
  put_fixed(bytes, header.salt);
  put_fixed(bytes, header.position.value);
  put_fixed(bytes, header.time_ms);
  put_fixed(bytes, header.next_number);
  set_fixed(bytes.data() + kHeaderCrcAt, crc32c(0, std::string_view(bytes).substr(kHeaderCrcFrom)));
  return bytes;
}

std::optional<CheckpointHeader> decode_header(std::string_view bytes) {
  ByteReader reader(bytes);
  if (reader.take(kMagic.size()) != kMagic) return std::nullopt;
  const auto crc = reader.fixed<std::uint32_t>();
  if (crc != crc32c(0, reader.rest())) return std::nullopt;
  CheckpointHeader header;
  header.salt = reader.fixed<std::uint32_t>();
  header.position.value = reader.fixed<std::uint64_t>();
  header.time_ms = reader.fixed<std::uint64_t>();
  header.next_number = reader.fixed<std::uint64_t>();
  if (reader.failed()) return std::nullopt;
  return header;
}

/// A section without bytes ends the file: its number is that of the sections before it.
struct SectionHeader {
  std::uint32_t payload_crc = 0;
  std::uint32_t bytes = 0;
  std::uint32_t number = 0;
  LogPosition as_of;
};

std::string encode_section_header(const SectionHeader& header, std::uint32_t salt) {
  std::string bytes(4, '\0');
  put_fixed(bytes, header.payload_crc);
  put_fixed(bytes, header.bytes);
  put_fixed(bytes, header.number);
  put_fixed(bytes, header.as_of.value);
  set_fixed(bytes.data(), crc32c(salt, std::string_view(bytes).substr(kSectionCrcFrom)));
  return bytes;
}

std::optional<SectionHeader> decode_section_header(std::string_view bytes, std::uint32_t salt) {
  ByteReader reader(bytes);
  const auto crc = reader.fixed<std::uint32_t>();
  if (crc != crc32c(salt, reader.rest())) return std::nullopt;
  SectionHeader header;
  header.payload_crc = reader.fixed<std::uint32_t>();
  header.bytes = reader.fixed<std::uint32_t>();
  header.number = reader.fixed<std::uint32_t>();
  header.as_of.value = reader.fixed<std::uint64_t>();
  if (reader.failed()) return std::nullopt;
  return header;
}

Error damaged(const std::string& name, std::uint64_t offset, const std::string& what) {
  return {"the checkpoint " + name + " is damaged at offset " + std::to_string(offset) + ": " + what};
}

}  // namespace

std::string checkpoint_name(LogPosition position) { return position_name(position, kSuffix); }

std::optional<LogPosition> parse_checkpoint_name(std::string_view name) { return parse_position_name(name, kSuffix); }

bool is_unfinished_checkpoint_name(std::string_view name) {
  return parse_position_name(name, kUnfinishedSuffix).has_value();
}

Result<std::unique_ptr<CheckpointFile>> CheckpointFile::create(FileSystem& files, CheckpointHeader header) {
  header.salt = std::random_device()();
  const std::string name = position_name(header.position, kUnfinishedSuffix);
  // An attempt before this one may have left it.
  if (auto removed = files.remove(name); !removed && removed.error().kind != ErrorKind::not_found) {
    return removed.error();
  }
  auto file = files.create(name);
  if (!file) return file.error();
  std::unique_ptr<CheckpointFile> checkpoint(new CheckpointFile(files, header));
  checkpoint->file_ = std::move(file.value());
  if (auto written = checkpoint->write(encode_header(header)); !written) return written.error();
  return checkpoint;
}

CheckpointFile::~CheckpointFile() {
  if (file_) static_cast<void>(files_.remove(position_name(header_.position, kUnfinishedSuffix)));
}

Result<void> CheckpointFile::add(LogPosition as_of, std::string_view section) {
  until_ = std::max(until_, as_of);
  if (section.empty()) return {};
  assert(section.size() <= std::numeric_limits<std::uint32_t>::max());
  const SectionHeader header{crc32c(header_.salt, section), static_cast<std::uint32_t>(section.size()), sections_++,
                             as_of};
  if (auto written = write(encode_section_header(header, header_.salt)); !written) return written;
  if (auto written = write(section); !written) return written;
  if (end_ - synced_ < kSyncBytes) return {};
  synced_ = end_;
  return file_->sync();
}

Result<void> CheckpointFile::finish() {
  const SectionHeader end{0, 0, sections_, until_};
  if (auto written = write(encode_section_header(end, header_.salt)); !written) return written;
  return file_->sync();
}

Result<void> CheckpointFile::publish() {
  const auto renamed = files_.rename(position_name(header_.position, kUnfinishedSuffix), checkpoint_name(position()));
  if (!renamed) return renamed;
  file_ = nullptr;
  return files_.sync_directory();
}

Result<void> CheckpointFile::write(std::string_view bytes) {
  if (auto written = file_->write_at(end_, bytes); !written) return written;
  end_ += bytes.size();
  return {};
}

Result<CheckpointHeader> read_checkpoint(FileSystem& files, const std::string& name, const SectionVisitor& visit) {
  const auto file = files.open(name);
  if (!file) return file.error();
  const auto size = file.value()->size();
  if (!size) return size.error();
  std::string bytes;
  std::uint64_t offset = 0;
  const auto read = [&](std::uint64_t count) -> Result<void> {
    if (count > size.value() - offset) return damaged(name, offset, "it is cut off");
    bytes.resize(static_cast<std::size_t>(count));
    const auto got = file.value()->read_at(offset, bytes);
    if (!got) return got.error();
    if (got.value() < count) return damaged(name, offset, "it is cut off");
    offset += count;
    return {};
  };
  if (auto done = read(kHeaderBytes); !done) return done.error();
  auto header = decode_header(bytes);
  if (!header) return damaged(name, 0, "it does not begin as a checkpoint does (checksum)");
  for (std::uint32_t number = 0;; ++number) {
    const std::uint64_t begin = offset;
    if (auto done = read(kSectionHeaderBytes); !done) return done.error();
    const auto section = decode_section_header(bytes, header->salt);
    if (!section || section->number != number) return damaged(name, begin, "there is no section (checksum)");
    header->until = std::max(header->until, section->as_of);
    if (section->bytes == 0) break;
    if (auto done = read(section->bytes); !done) return done.error();
    if (crc32c(header->salt, bytes) != section->payload_crc) return damaged(name, begin, "the section (checksum)");
    if (auto visited = visit(*header, section->as_of, bytes); !visited) return visited.error();
  }
  if (offset != size.value()) return damaged(name, offset, "something follows its end");
  return *header;
}

}  // namespace respublica
