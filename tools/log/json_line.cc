#include "tools/log/json_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/json_text.h"

namespace respublica::logtool {
namespace {

void append_fields(std::string& out, std::string_view fields) {
  if (!are_fields(fields)) {
    out += ",\"fields\":null";
    return;
  }
  out += ",\"fields\":[";
  FieldsReader reader(fields);
  for (std::size_t i = 0; i < reader.count(); ++i) {
    const FieldsReader::Field field = reader.next();
    out += i == 0 ? "[" : ",[";
    append_json_bytes(out, field.name);
    out += ',';
    append_json_bytes(out, field.value);
    out += ']';
  }
  out += ']';
}

std::string_view kind_name(GroupRecord::Kind kind) {
  using Kind = GroupRecord::Kind;
  switch (kind) {
    case Kind::make:
      return "make";
    case Kind::move:
      return "move";
    case Kind::drop:
      return "drop";
    case Kind::make_consumer:
      return "make_consumer";
    case Kind::drop_consumer:
      return "drop_consumer";
    case Kind::deliver:
      return "deliver";
    case Kind::give_back:
      return "give_back";
    case Kind::died:
      return "died";
    case Kind::release:
      break;
  }
  return "release";
}

void append_group(std::string& out, const GroupRecord& record) {
  using Kind = GroupRecord::Kind;
  out += fmt::format(",\"change\":\"{}\",\"group\":{}", kind_name(record.kind), record.group);
  const bool is_delivery = record.kind == Kind::deliver || record.kind == Kind::give_back;
  if (record.kind == Kind::make_consumer || record.kind == Kind::drop_consumer || record.kind == Kind::deliver) {
    out += fmt::format(",\"consumer\":{}", record.consumer);
  }
  if (record.kind == Kind::make || record.kind == Kind::make_consumer) {
    out += ",\"name\":";
    append_json_bytes(out, record.name);
  }
  if (record.kind == Kind::make || record.kind == Kind::move) {
    out += fmt::format(",\"last_delivered\":\"{}\",\"entries_read\":{}", shown_id(record.last_delivered),
                       record.entries_read ? std::to_string(*record.entries_read) : "null");
  }
  if (is_delivery || record.kind == Kind::make_consumer) out += fmt::format(",\"time_ms\":{}", record.time_ms);
  const bool is_counted = is_delivery || record.kind == Kind::died;
  if (!is_counted && record.kind != Kind::release) return;
  out += ",\"entries\":[";
  for (const GroupRecord::Entry& entry : record.entries) {
    if (is_counted) {
      out += fmt::format("[\"{}\",{}],", shown_id(entry.id), entry.deliveries);
    } else {
      out += fmt::format("\"{}\",", shown_id(entry.id));
    }
  }
  if (out.back() == ',') out.pop_back();
  out += ']';
}

void append_producer(std::string& out, const ProducerRecord& record) {
  if (record.kind == ProducerRecord::Kind::limit) {
    out += fmt::format(",\"change\":\"limit\",\"duration_s\":{},\"most\":{}", record.duration_s, record.most);
    return;
  }
  out += fmt::format(",\"change\":\"track\",\"producer\":\"{}\",\"iid\":\"{}\",\"id\":\"{}\",\"added_ms\":{}",
                     record.producer.text(), record.iid.text(), shown_id(record.entry),
                     record.entry.high - record.ahead_ms);
}

void append_content(std::string& out, const Record& record) {
  switch (record.kind) {
    case Record::Kind::channel:
    case Record::Kind::drop:
      break;
    case Record::Kind::append:
      out += fmt::format(",\"id\":\"{}\",\"back\":{}", shown_id(record.append.id), record.append.back);
      append_fields(out, record.append.fields);
      break;
    case Record::Kind::remove:
      out += ",\"ids\":[";
      for (const EntryKey id : record.remove.ids) out += fmt::format("\"{}\",", shown_id(id));
      if (out.back() == ',') out.pop_back();
      out += ']';
      break;
    case Record::Kind::trim:
      out +=
          fmt::format(",\"first_kept\":\"{}\",\"removed\":{}", shown_id(record.trim.first_kept), record.trim.removed);
      break;
    case Record::Kind::counters:
      out += fmt::format(",\"last_id\":\"{}\",\"max_deleted_id\":\"{}\",\"entries_added\":{}",
                         shown_id(record.counters.last_id), shown_id(record.counters.max_deleted),
                         record.counters.entries_added);
      break;
    case Record::Kind::expiry:
      out += ",\"at\":" + (record.expiry.at_ms ? std::to_string(*record.expiry.at_ms) : "null");
      break;
    case Record::Kind::group:
      append_group(out, record.group);
      break;
    case Record::Kind::producer:
      append_producer(out, record.producer);
      break;
  }
}

std::string_view kind_name(Damage::Kind kind) {
  switch (kind) {
    case Damage::Kind::loss:
      return "loss";
    case Damage::Kind::flaw:
      return "flaw";
    case Damage::Kind::tail:
      break;
  }
  return "tail";
}

}  // namespace

std::string shown_id(EntryKey id) { return fmt::format("{}-{}", id.high, id.low); }

void append_channel(std::string& out, ChannelNumber channel, const ChannelNames& names) {
  const std::string* name = names.find(channel);
  out += "\"channel\":";
  if (name == nullptr) {
    out += "null";
  } else {
    append_json_bytes(out, *name);
  }
  out += fmt::format(",\"number\":{}", channel.value);
}

std::string_view kind_name(Record::Kind kind) {
  switch (kind) {
    case Record::Kind::channel:
      return "channel";
    case Record::Kind::append:
      return "append";
    case Record::Kind::remove:
      return "remove";
    case Record::Kind::trim:
      return "trim";
    case Record::Kind::counters:
      return "counters";
    case Record::Kind::drop:
      return "drop";
    case Record::Kind::expiry:
      return "expiry";
    case Record::Kind::group:
      return "group";
    case Record::Kind::producer:
      break;
  }
  return "producer";
}

std::string stream_line(const Stream& stream, LogPosition as_of) {
  std::string out = fmt::format("{{\"as_of\":{},\"channel\":", as_of.value);
  append_json_bytes(out, stream.name());
  const StreamId last = stream.last_id();
  const StreamId deleted = stream.max_deleted_id();
  const StreamId floor = stream.floor();
  return out + fmt::format(
                   ",\"number\":{},\"length\":{},\"last_id\":\"{}\",\"max_deleted_id\":\"{}\","
                   "\"entries_added\":{},\"floor\":\"{}\",\"expires\":{},\"windows\":{},\"bytes\":{}}}",
                   stream.number().value, stream.length(), shown_id(to_entry_key(last)),
                   shown_id(to_entry_key(deleted)), stream.entries_added(), shown_id(to_entry_key(floor)),
                   stream.expires_ms() ? std::to_string(*stream.expires_ms()) : "null", stream.windows().size(),
                   stream.windows().bytes());
}

std::string record_line(const Record& record, const RecordPlace& place, const ChannelNames& names) {
  std::string out = fmt::format("{{\"position\":{},\"segment\":\"{}\",\"time\":{},\"kind\":\"{}\",",
                                place.position.value, place.segment, place.time_ms, kind_name(record.kind));
  append_channel(out, channel_of(record), names);
  append_content(out, record);
  return out + '}';
}

std::string damage_line(const Damage& damage, const ChannelNames& names) {
  std::string out = fmt::format("{{\"kind\":\"{}\",", kind_name(damage.kind));
  if (!damage.file.empty()) out += fmt::format("\"file\":\"{}\",\"offset\":{},", damage.file, damage.offset);
  out += fmt::format("\"begin\":{},\"end\":{},\"reason\":", damage.begin.value, damage.end.value);
  append_json_string(out, damage.reason);
  if (damage.kind != Damage::Kind::loss) return out + '}';
  out += fmt::format(",\"kept_records\":{},\"channels\":[", damage.kept);
  for (std::size_t i = 0; i < damage.channels.size(); ++i) {
    out += i == 0 ? "{" : ",{";
    append_channel(out, damage.channels[i], names);
    out += '}';
  }
  out += fmt::format("],\"others\":{},\"entries\":[", damage.may_concern_others);
  for (std::size_t i = 0; i < damage.entries.size(); ++i) {
    out += i == 0 ? "{" : ",{";
    append_channel(out, damage.entries[i].channel, names);
    out += fmt::format(",\"id\":\"{}\"}}", shown_id(damage.entries[i].id));
  }
  return out + "]}";
}

}  // namespace respublica::logtool
