#include "broker/stream_reader.h"

#include <algorithm>
#include <limits>

namespace respublica {
namespace {

/// A window longer than this is read record by record.
constexpr std::uint64_t kBufferedWindow = 2 * kWindowBytes;
/// Read at once where the length of a record is not known.
constexpr std::size_t kFirstRead = 1024;

Error damaged(const Stream& stream, LogPosition position, const std::string& what) {
  return {"the log cannot be read at position " + std::to_string(position.value) + ", channel '" + stream.name() +
          "': " + what};
}

}  // namespace

Result<std::span<const StoredEntry>> StreamReader::window(const Stream& stream, const StreamWindow& window) {
  if (const Result<void> loaded = load(stream, window); !loaded) return loaded.error();
  return std::span<const StoredEntry>(entries_);
}

Result<void> StreamReader::load(const Stream& stream, const StreamWindow& window) {
  const Loaded wanted{stream.number(), window.begin, window.last, window.live, stream.floor()};
  if (loaded_ == wanted) return {};
  loaded_.reset();
  Result<void> read = read_window(stream, window);
  if (read) loaded_ = wanted;
  return read;
}

Result<void> StreamReader::read_window(const Stream& stream, const StreamWindow& window) {
  // Filled from the end: records lead back.
  entries_.resize(window.live);
  std::size_t missing = window.live;
  scattered_.clear();
  filled_ = 0;
  const std::uint64_t span = window.last - window.begin;
  bool buffered = window.live > 0 && span <= kBufferedWindow;
  if (buffered) {
    // What has been removed, and what stands in two files, is read record by record.
    buffered = fill(window.begin, static_cast<std::size_t>(span) + kFirstRead) && filled_ > span;
  }
  LogPosition position = window.last;
  // Where the record behind begins: what is read already must not be read anew while entries_ has views of it.
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  // Those behind the last live one may have been removed from the log.
  while (missing > 0) {
    const Result<std::string_view> bytes = read_at(position, limit);
    if (!bytes) return damaged(stream, position, bytes.error().message);
    if (!buffered) read_record(scattered_.emplace_back(bytes.value()), record_);
    if (record_.kind != Record::Kind::append || record_.append.channel != stream.number()) {
      return damaged(stream, position, "there is no entry of the channel");
    }
    const StreamId id = to_stream_id(record_.append.id);
    if (id >= stream.floor() && !window.has_deleted(id))
      entries_[--missing] = {id, record_.append.fields, position, bytes.value().size()};
    if (record_.append.back == 0 || record_.append.back > position - window.begin) break;
    limit = record_.append.back;
    position = {position.value - limit};
  }
  if (missing > 0) return damaged(stream, position, "entries are missing");
  return {};
}

Result<std::string_view> StreamReader::read_at(LogPosition position, std::uint64_t limit) {
  if (position < buffer_begin_ || position - buffer_begin_ >= filled_) {
    if (const Result<void> first = fill(position, kFirstRead); !first) return first.error();
  }
  while (true) {
    const auto skip = static_cast<std::size_t>(position - buffer_begin_);
    const std::string_view rest = filled().substr(skip);
    const RecordRead read = read_record(rest, record_);
    if (read.status == RecordRead::Status::whole) return rest.substr(0, read.bytes);
    if (read.status == RecordRead::Status::damaged || read.bytes > limit)
      return Error{"the record is damaged (checksum)"};
    // A damaged length may be anything: no more is read at once than doubles what is there.
    const std::size_t before = filled_;
    const Result<void> more = fill(buffer_begin_, std::min(skip + read.bytes, 2 * before + kFirstRead));
    if (!more) return more.error();
    if (filled_ <= before) return Error{"the record is cut off"};
  }
}

Result<void> StreamReader::fill(LogPosition position, std::size_t bytes) {
  filled_ = 0;
  if (buffer_.size() < bytes) buffer_.resize(bytes);
  const Result<std::size_t> read = source_.read(position, std::span(buffer_).first(bytes));
  if (!read) return read.error();
  filled_ = read.value();
  buffer_begin_ = position;
  return {};
}

}  // namespace respublica
