#include "storage/damage_report.h"

#include <map>

#include "storage/file_window.h"
#include "storage/frame_scanner.h"
#include "storage/record.h"
#include "storage/segment_format.h"

namespace respublica {
namespace {

constexpr std::string_view kUnknown = "the channels concerned cannot be known";
/// More are counted, not named.
constexpr std::size_t kMaxNamed = 16;

/// Channels by number, with their names as far as they are known.
using Channels = std::map<ChannelNumber, std::string>;

/// What to do at a record that is damaged, when its length may be right.
enum class AtDamage : std::uint8_t { skip_record, stop };

/// Adds the channels of the records in `payload` that decode. False when some do not.
bool collect(std::string_view payload, AtDamage at_damage, Channels& channels) {
  bool are_all_whole = true;
  Record record;
  while (!payload.empty()) {
    const RecordRead read = read_record(payload, record);
    if (read.status == RecordRead::Status::cut_off) return false;
    if (read.status == RecordRead::Status::damaged) {
      if (at_damage == AtDamage::stop) return false;
      are_all_whole = false;
    } else {
      channels.try_emplace(channel_of(record));
      if (record.kind == Record::Kind::channel) channels[record.channel.channel] = record.channel.name;
    }
    payload.remove_prefix(read.bytes);
  }
  return are_all_whole;
}

/// Finds names in the whole frames of the segment.
void find_names(const Segment& segment, std::uint64_t file_bytes, Channels& channels) {
  FrameScanner scanner(segment, file_bytes, std::nullopt);
  for (;;) {
    const auto found = scanner.next();
    if (!found || found.value() != FrameScanner::Found::frame) return;
    Record record;
    std::string_view rest = scanner.payload();
    while (!rest.empty()) {
      const RecordRead read = read_record(rest, record);
      if (read.status != RecordRead::Status::whole) break;
      rest.remove_prefix(read.bytes);
      if (record.kind != Record::Kind::channel) continue;
      const auto wanted = channels.find(record.channel.channel);
      if (wanted != channels.end() && wanted->second.empty()) wanted->second = record.channel.name;
    }
  }
}

/// In quotation marks; bytes that are not printable ASCII as \xNN.
std::string quoted(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "\"";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
      text += c;
    } else {
      text += "\\x";
      text += kDigits[byte >> 4U];
      text += kDigits[byte & 0xfU];
    }
  }
  return text + "\"";
}

std::string listed(const Channels& channels) {
  std::string text;
  std::size_t named = 0;
  for (const auto& [number, name] : channels) {
    if (named == kMaxNamed) return text + " and " + std::to_string(channels.size() - named) + " more";
    if (named++ > 0) text += ", ";
    text += name.empty() ? "number " + std::to_string(number.value) : quoted(name);
  }
  return text;
}

}  // namespace

Error damage_error(std::string_view file, std::uint64_t offset, std::string_view reason, std::string_view concerned) {
  std::string text = "the log is damaged: ";
  text.append(file).append(", byte ").append(std::to_string(offset)).append(": ").append(reason);
  text.append("; ").append(concerned.empty() ? kUnknown : concerned);
  return {text.append("; ").append(kSalvageHint)};
}

std::string channels_concerned(const Segment& segment, std::uint64_t file_bytes, LogPosition position) {
  const std::uint64_t offset = segment.offset_of(position);
  const std::uint64_t payload_at = offset + kFrameHeaderBytes;
  if (payload_at >= file_bytes) return std::string(kUnknown);
  FileWindow window(*segment.file);
  const auto header_bytes = window.at(offset, kFrameHeaderBytes);
  if (!header_bytes) return std::string(kUnknown);
  const auto header = decode_frame_header(header_bytes.value(), segment.header.salt);
  const std::uint64_t rest = file_bytes - payload_at;
  const bool ends_in_file = header && header->payload_bytes <= rest;
  const auto payload = window.at(payload_at, static_cast<std::size_t>(ends_in_file ? header->payload_bytes : rest));
  if (!payload) return std::string(kUnknown);
  Channels channels;
  // Without a header nobody knows where the frame ends.
  const AtDamage at_damage = ends_in_file ? AtDamage::skip_record : AtDamage::stop;
  const bool is_complete = collect(payload.value(), at_damage, channels) && ends_in_file;
  if (channels.empty()) return std::string(kUnknown);
  find_names(segment, file_bytes, channels);
  return "channels concerned: " + listed(channels) + (is_complete ? "" : "; whether there are others cannot be known");
}

}  // namespace respublica
