#pragma once
// Commands of durable channels, in few words.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/durable_command.h"
#include "broker/stream_reader.h"
#include "storage/message_log.h"
#include "storage/record.h"

namespace respublica::test {

inline std::string fields_of(std::string_view value) {
  FieldsWriter fields(1);
  fields.add("f", value);
  return fields.take();
}

/// Names and values, in order.
using FieldList = std::vector<std::pair<std::string, std::string>>;

inline FieldList field_list(std::string_view fields) {
  FieldList list;
  FieldsReader reader(fields);
  for (std::size_t i = 0; i < reader.count(); ++i) {
    const FieldsReader::Field field = reader.next();
    list.emplace_back(field.name, field.value);
  }
  return list;
}

inline std::string encoded(const FieldList& fields) {
  FieldsWriter writer(fields.size());
  for (const auto& [name, value] : fields) writer.add(name, value);
  return writer.take();
}

/// `text` is "*", "ms-*" or "ms-seq".
inline RequestedId requested_id(std::string_view text) {
  if (text == "*") return {};
  if (text.ends_with("-*")) {
    return {RequestedId::Kind::automatic_seq, parse_stream_id(text.substr(0, text.size() - 2), 0).value()};
  }
  return {RequestedId::Kind::exact, parse_stream_id(text, 0).value()};
}

inline DurableCommand add(std::string channel, std::string_view id, std::string_view value = "v",
                          std::optional<TrimRule> trim = std::nullopt) {
  AppendEntry append;
  append.id = requested_id(id);
  append.trim = trim;
  append.fields = fields_of(value);
  return {std::move(channel), std::move(append)};
}

inline DurableCommand add_live(std::string channel, std::string_view id, std::string_view value = "v") {
  DurableCommand command = add(std::move(channel), id, value);
  std::get<AppendEntry>(command.change).live = AppendEntry::Live::deliver;
  return command;
}

inline DurableCommand remove(std::string channel, std::vector<StreamId> ids) {
  return {std::move(channel), DeleteEntries{std::move(ids)}};
}

inline DurableCommand trim(std::string channel, TrimRule rule) { return {std::move(channel), TrimStream{rule}}; }

inline TrimRule maxlen(std::uint64_t entries, TrimRule::Precision precision = TrimRule::Precision::exact,
                       std::uint64_t limit = 0) {
  return {TrimRule::Strategy::maxlen, precision, entries, {}, limit};
}

inline TrimRule minid(StreamId id, TrimRule::Precision precision = TrimRule::Precision::exact,
                      std::uint64_t limit = 0) {
  return {TrimRule::Strategy::minid, precision, 0, id, limit};
}

inline DurableCommand set_id(std::string channel, StreamId last, std::optional<std::uint64_t> added = std::nullopt,
                             std::optional<StreamId> deleted = std::nullopt) {
  return {std::move(channel), SetStreamId{last, added, deleted}};
}

inline DurableCommand drop(std::string channel) { return {std::move(channel), DropStream{}}; }

inline DurableCommand expire(std::string channel, std::optional<std::uint64_t> at_ms) {
  if (!at_ms) return {std::move(channel), KeepStream{}};
  return {std::move(channel), ExpireStream{*at_ms, {}}};
}

/// What is in the log.
class LogSource final : public RecordSource {
 public:
  explicit LogSource(const MessageLog& log) : log_(log) {}
  Result<std::size_t> read(LogPosition position, std::span<char> into) const override {
    return log_.read(position, into);
  }

 private:
  const MessageLog& log_;
};

/// "1-0=a 2-0=b": an entry and the value of its first field.
inline std::string show(const StoredEntry& entry) {
  return format_stream_id(entry.id) + '=' + std::string(FieldsReader(entry.fields).next().value);
}

enum class Direction : unsigned char { forward, backward };

/// The entries in the range, or the error, in words of show().
inline std::string show(StreamReader& reader, const Stream& stream, const IdRange& range = {},
                        Direction direction = Direction::forward) {
  std::string shown;
  const auto visit = [&shown](const StoredEntry& entry) {
    if (!shown.empty()) shown += ' ';
    shown += show(entry);
    return true;
  };
  const Result<void> read =
      direction == Direction::forward ? reader.forward(stream, range, visit) : reader.backward(stream, range, visit);
  return read ? shown : read.error().message;
}

}  // namespace respublica::test
