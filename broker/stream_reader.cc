#include "broker/stream_reader.h"

#include <algorithm>
#include <limits>

namespace respublica {
namespace {

/// A window longer than this is read record by record.
constexpr std::uint64_t kBufferedWindow = 2 * kWindowBytes;
/// Read at once where the length of a record is not known.
constexpr std::size_t kFirstRead = 1024;
/// Of a window whose newest entries are asked for, the end is read first, and more of it each time that not all of them
/// are found there.
constexpr std::uint64_t kFirstTail = 1024;
constexpr std::uint64_t kTailGrowth = 4;

Error damaged(const Stream& stream, LogPosition position, const std::string& what) {
  return {"the log cannot be read at position " + std::to_string(position.value) + ", channel '" + stream.name() +
          "': " + what};
}

}  // namespace

Result<std::span<const StoredEntry>> StreamReader::window(const Stream& stream, const StreamWindow& window) {
  if (const Result<void> loaded = load(stream, window, {}); !loaded) return loaded.error();
  return std::span<const StoredEntry>(entries_);
}

Result<void> StreamReader::load(const Stream& stream, const StreamWindow& window, StreamId from) {
  if (from <= std::max(window.first, stream.floor())) from = {};
  Loaded wanted{stream.number(), window.begin, window.last, window.live, stream.floor(), from};
  if (loaded_ && loaded_->is_like(wanted)) {
    if (loaded_->from <= wanted.from) return {};
    // Who goes back in it gets all of it, so that it is read twice at most.
    wanted.from = {};
  }
  loaded_.reset();
  Result<bool> read = false;
  const std::uint64_t span = window.last - window.begin;
  for (std::uint64_t tail = kFirstTail; wanted.from != StreamId{} && tail < span; tail *= kTailGrowth) {
    read = read_behind({window.last.value - tail}, stream, window, wanted.from);
    if (!read || read.value()) break;
  }
  if (read && !read.value()) read = read_behind(window.begin, stream, window, wanted.from);
  if (!read) return read.error();
  loaded_ = wanted;
  return {};
}

Result<bool> StreamReader::read_behind(LogPosition begin, const Stream& stream, const StreamWindow& window,
                                       StreamId from) {
  entries_.clear();
  scattered_.clear();
  filled_ = 0;
  if (window.live == 0) return true;
  const std::uint64_t span = window.last - begin;
  bool buffered = span <= kBufferedWindow;
  if (buffered) {
    // What has been removed, and what stands in two files, is read record by record.
    buffered = fill(begin, static_cast<std::size_t>(span) + kFirstRead) && filled_ > span;
  }
  LogPosition position = window.last;
  // Where the record behind begins: what is read already must not be read anew while entries_ has views of it.
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  // Records lead back. Those behind the last live one may have been removed from the log.
  while (true) {
    const Result<std::string_view> bytes = read_at(position, limit);
    if (!bytes) return damaged(stream, position, bytes.error().message);
    if (!buffered) read_record(scattered_.emplace_back(bytes.value()), record_);
    if (record_.kind != Record::Kind::append || record_.append.channel != stream.number()) {
      return damaged(stream, position, "there is no entry of the channel");
    }
    const StreamId id = to_stream_id(record_.append.id);
    if (id < from) break;
    if (id >= stream.floor() && !window.has_deleted(id)) {
      entries_.push_back({id, record_.append.fields, position, bytes.value().size()});
      if (entries_.size() == window.live) break;
    }
    if (record_.append.back == 0 || record_.append.back > position - window.begin) {
      return damaged(stream, position, "entries are missing");
    }
    limit = record_.append.back;
    if (limit > position - begin) return false;
    position = {position.value - limit};
  }
  std::ranges::reverse(entries_);
  return true;
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
