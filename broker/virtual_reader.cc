#include "broker/virtual_reader.h"

#include <algorithm>

namespace respublica {
namespace {

/// Bytes of records without an entry to show, after which the streams are asked where the next one is.
constexpr std::uint64_t kFruitless = 4ULL << 20;

}  // namespace

bool has_entry(const Stream& stream, StreamId id, LogPosition position) {
  if (id < stream.floor()) return false;
  const std::optional<std::size_t> found = stream.windows().find(id);
  if (!found) return false;
  const StreamWindow& window = stream.windows()[*found];
  // After XSETID an ID may have been given twice: the places tell which is which.
  return window.live > 0 && window.begin <= position && position <= window.last && !window.has_deleted(id);
}

std::string fields_with_origin(const VirtualEntry& entry) {
  FieldsReader own(entry.fields);
  FieldsWriter fields(own.count() + 2);
  fields.add(VirtualChannel::kChannelField, entry.channel);
  fields.add(VirtualChannel::kIdField, format_stream_id(entry.channel_id));
  for (std::size_t i = 0; i < own.count(); ++i) {
    const FieldsReader::Field field = own.next();
    fields.add(field.name, field.value);
  }
  return fields.take();
}

const Stream* VirtualReader::stream_of(const VirtualChannel& channel, const AppendRecord& record,
                                       LogPosition position) {
  if (number_ != record.channel) {
    stream_ = streams_.find(record.channel);
    number_ = record.channel;
  }
  if (stream_ == nullptr || stream_->expired(now_ms_) || !channel.contains(stream_->name())) return nullptr;
  return has_entry(*stream_, to_stream_id(record.id), position) ? stream_.get() : nullptr;
}

Result<VirtualReader::Scan> VirtualReader::scan_records(const VirtualChannel& channel, const IdRange& range,
                                                        const Visit& visit) {
  std::string_view rest = cursor_.records();
  LogPosition position = cursor_.records_position();
  while (!rest.empty()) {
    const RecordRead read = read_record(rest, record_);
    if (read.status != RecordRead::Status::whole) {
      return Error{"the log is damaged at position " + std::to_string(position.value) + ": there is no record"};
    }
    const StreamId id{cursor_.time_ms(), position.value};
    if (id > range.last) return Scan::stop;
    if (record_.kind == Record::Kind::append && id >= range.first) {
      if (const Stream* stream = stream_of(channel, record_.append, position)) {
        const VirtualEntry entry{id, stream->name(), to_stream_id(record_.append.id), record_.append.fields};
        if (!visit(entry)) return Scan::stop;
      }
    }
    rest.remove_prefix(read.bytes);
    position = position + read.bytes;
  }
  return Scan::go_on;
}

Result<void> VirtualReader::forward(const VirtualChannel& channel, const IdRange& range, const Visit& visit) {
  if (const Result<void> sought = cursor_.seek({range.first.ms, LogPosition{range.first.seq}}); !sought) return sought;
  std::uint64_t fruitless = 0;
  const auto noting = [&](const VirtualEntry& entry) {
    fruitless = 0;
    return visit(entry);
  };
  while (true) {
    const Result<bool> found = cursor_.next();
    if (!found) return found.error();
    if (!found.value()) return {};
    fruitless += cursor_.records().size();
    const Result<Scan> scanned = scan_records(channel, range, noting);
    if (!scanned) return scanned.error();
    if (scanned.value() == Scan::stop) return {};
    if (fruitless < kFruitless) continue;
    const std::optional<LogPosition> live = live_from(channel, cursor_.position());
    if (!live) return {};
    if (const Result<void> sought = cursor_.seek(*live); !sought) return sought;
    fruitless = 0;
  }
}

Result<std::optional<StreamId>> VirtualReader::piece(const VirtualChannel& channel, StreamId first, std::uint64_t bytes,
                                                     const Visit& visit) {
  if (const Result<void> sought = cursor_.seek({first.ms, LogPosition{first.seq}}); !sought) return sought.error();
  std::optional<StreamId> stopped;
  const auto noting = [&](const VirtualEntry& entry) {
    const bool goes_on = visit(entry);
    if (!goes_on) stopped = entry.id.next();
    return goes_on;
  };
  std::uint64_t passed = 0;
  while (!stopped && passed < bytes) {
    const Result<bool> found = cursor_.next();
    if (!found) return found.error();
    if (!found.value()) return stopped;
    passed += cursor_.records().size();
    if (const Result<Scan> scanned = scan_records(channel, {first, kMaxStreamId}, noting); !scanned) {
      return scanned.error();
    }
  }
  if (!stopped) stopped = StreamId{cursor_.time_ms(), cursor_.position().value};
  return stopped;
}

Result<void> VirtualReader::backward(const VirtualChannel& channel, const IdRange& range, const Visit& visit) {
  struct Copy {
    VirtualEntry entry;
    std::string channel;
    std::string fields;
  };
  if (const Result<void> sought = cursor_.seek({range.last.ms, LogPosition{range.last.seq}}); !sought) return sought;
  // What is found may have entries on both sides of the end of the range.
  if (const Result<bool> found = cursor_.next(); !found) return found.error();
  LogPosition upper = cursor_.position();
  std::uint64_t fruitless = 0;
  while (true) {
    const Result<bool> before = cursor_.seek_mark_before(upper);
    if (!before) return before.error();
    if (!before.value()) return {};
    const LogPosition lower = cursor_.position();
    std::vector<Copy> copies;
    const auto keep = [&copies](const VirtualEntry& entry) {
      copies.push_back({entry, std::string(entry.channel), std::string(entry.fields)});
      return true;
    };
    bool reached_first = false;
    while (cursor_.position() < upper) {
      const Result<bool> found = cursor_.next();
      if (!found) return found.error();
      // Of what stood before it in a compact segment nothing may be kept.
      if (!found.value() || cursor_.records_position() >= upper) break;
      if (StreamId{cursor_.time_ms(), cursor_.records_position().value} < range.first) reached_first = true;
      fruitless += cursor_.records().size();
      if (const Result<Scan> scanned = scan_records(channel, range, keep); !scanned) return scanned.error();
    }
    for (std::size_t i = copies.size(); i-- > 0;) {
      copies[i].entry.channel = copies[i].channel;
      copies[i].entry.fields = copies[i].fields;
      if (!visit(copies[i].entry)) return {};
    }
    if (reached_first) return {};
    if (!copies.empty()) fruitless = 0;
    upper = lower;
    if (fruitless < kFruitless) continue;
    fruitless = 0;
    const std::optional<LogPosition> live = live_before(channel, upper);
    if (!live) return {};
    if (const Result<void> sought = cursor_.seek(*live); !sought) return sought;
    if (const Result<bool> found = cursor_.next(); !found) return found.error();
    upper = std::min(upper, cursor_.position());
  }
}

std::uint64_t VirtualReader::length(const VirtualChannel& channel) const {
  std::uint64_t length = 0;
  each_stream(channel, [&length](const Stream& stream) { length += stream.length(); });
  return length;
}

template <typename F>
void VirtualReader::each_stream(const VirtualChannel& channel, F&& visit) const {
  for (std::size_t part = 0; part < StreamTable::kParts; ++part) {
    for (const std::shared_ptr<const Stream>& stream : streams_.part(part)) {
      if (channel.contains(stream->name()) && !stream->expired(now_ms_)) visit(*stream);
    }
  }
}

std::optional<LogPosition> VirtualReader::live_from(const VirtualChannel& channel, LogPosition position) const {
  std::optional<LogPosition> nearest;
  each_stream(channel, [&](const Stream& stream) {
    const StreamWindows& windows = stream.windows();
    std::size_t i = windows.find(position);
    while (i < windows.size() && windows[i].live == 0) ++i;
    if (i == windows.size()) return;
    const LogPosition begin = std::max(position, windows[i].begin);
    if (!nearest || begin < *nearest) nearest = begin;
  });
  return nearest;
}

std::optional<LogPosition> VirtualReader::live_before(const VirtualChannel& channel, LogPosition position) const {
  std::optional<LogPosition> nearest;
  each_stream(channel, [&](const Stream& stream) {
    const StreamWindows& windows = stream.windows();
    std::size_t i = windows.find(position);
    if (i < windows.size() && windows[i].begin < position && windows[i].live > 0) {
      nearest = LogPosition{position.value - 1};
      return;
    }
    while (i > 0 && windows[i - 1].live == 0) --i;
    if (i > 0 && (!nearest || windows[i - 1].last > *nearest)) nearest = windows[i - 1].last;
  });
  return nearest;
}

}  // namespace respublica
