#include "server/commands/group_replies.h"

#include <cstdint>
#include <optional>

#include "server/commands/info_fields.h"
#include "storage/record.h"

namespace respublica {
namespace {

void write_id(ReplyEncoder& reply, StreamId id) { reply.bulk_string(format_stream_id(id)); }

void write_number(ReplyEncoder& reply, std::uint64_t number) { reply.integer(static_cast<std::int64_t>(number)); }

/// Fields and values, or null when the entry is gone.
void write_fields(ReplyEncoder& reply, const GivenEntries& given, const GivenEntries::Entry& entry) {
  if (!entry.begin) return reply.null_array();
  FieldsReader fields(given.fields_of(entry));
  reply.array(fields.count() * 2);
  for (std::size_t i = 0; i < fields.count(); ++i) {
    const FieldsReader::Field field = fields.next();
    reply.bulk_string(field.name);
    reply.bulk_string(field.value);
  }
}

/// What stands beside the fields of an entry.
enum class Beside : std::uint8_t {
  id,
  /// The ID, and how often and when the entry had been delivered before.
  id_and_deliveries,
};

void write_entries(ReplyEncoder& reply, const GivenEntries& given, Beside beside) {
  reply.array(given.entries.size());
  for (const GivenEntries::Entry& entry : given.entries) {
    reply.array(beside == Beside::id ? 2 : 4);
    write_id(reply, entry.id);
    write_fields(reply, given, entry);
    if (beside == Beside::id) continue;
    write_number(reply, entry.idle_ms);
    write_number(reply, entry.deliveries);
  }
}

void write_group_pending(ReplyEncoder& reply, const GroupDetail& group) {
  reply.bulk_string("pending");
  reply.array(group.entries.size());
  for (const GroupDetail::Pending& entry : group.entries) {
    reply.array(4);
    write_id(reply, entry.id);
    reply.bulk_string(entry.consumer);
    write_number(reply, entry.delivered_ms);
    write_number(reply, entry.deliveries);
  }
}

void write_consumer_in_full(ReplyEncoder& reply, const ConsumerDetail& consumer) {
  reply.map(5);
  write_field(reply, "name", consumer.name);
  write_field(reply, "seen-time", consumer.seen_ms);
  write_time_field(reply, "active-time", consumer.active_ms);
  write_field(reply, "pel-count", consumer.pending);
  reply.bulk_string("pending");
  reply.array(consumer.entries.size());
  for (const ConsumerDetail::Pending& entry : consumer.entries) {
    reply.array(3);
    write_id(reply, entry.id);
    write_number(reply, entry.delivered_ms);
    write_number(reply, entry.deliveries);
  }
}

}  // namespace

void write_reading(ReplyEncoder& reply, const GroupReading& reading) {
  if (reading.channels.empty()) return reply.null_array();
  const bool as_map = reply.version() == ProtocolVersion::resp3;
  if (as_map) {
    reply.map(reading.channels.size());
  } else {
    reply.array(reading.channels.size());
  }
  for (const GroupReading::Channel& channel : reading.channels) {
    if (!as_map) reply.array(2);
    reply.bulk_string(channel.name);
    write_entries(reply, channel.given, channel.claiming ? Beside::id_and_deliveries : Beside::id);
  }
}

void write_claimed(ReplyEncoder& reply, const ClaimedEntries& claimed) {
  if (!claimed.just_ids) return write_entries(reply, claimed.given, Beside::id);
  reply.array(claimed.given.entries.size());
  for (const GivenEntries::Entry& entry : claimed.given.entries) write_id(reply, entry.id);
}

void write_claimed_idle(ReplyEncoder& reply, const ClaimedEntries& claimed) {
  reply.array(3);
  write_id(reply, claimed.next);
  write_claimed(reply, claimed);
  reply.array(claimed.gone.size());
  for (const StreamId id : claimed.gone) write_id(reply, id);
}

void write_pending_summary(ReplyEncoder& reply, const PendingSummary& summary) {
  reply.array(4);
  write_number(reply, summary.count);
  if (summary.count == 0) {
    reply.null();
    reply.null();
    reply.null_array();
    return;
  }
  write_id(reply, summary.first);
  write_id(reply, summary.last);
  reply.array(summary.consumers.size());
  for (const auto& [name, count] : summary.consumers) {
    reply.array(2);
    reply.bulk_string(name);
    reply.bulk_integer(static_cast<std::int64_t>(count));
  }
}

void write_pending_details(ReplyEncoder& reply, const PendingDetails& details) {
  reply.array(details.entries.size());
  for (const PendingDetail& entry : details.entries) {
    reply.array(4);
    write_id(reply, entry.id);
    reply.bulk_string(entry.consumer);
    reply.integer(entry.idle_ms ? static_cast<std::int64_t>(*entry.idle_ms) : -1);
    write_number(reply, entry.deliveries);
  }
}

void write_groups(ReplyEncoder& reply, const GroupDetails& details) {
  reply.array(details.groups.size());
  for (const GroupDetail& group : details.groups) {
    reply.map(6);
    write_field(reply, "name", group.name);
    write_field(reply, "consumers", group.consumers);
    write_field(reply, "pending", group.pending);
    write_field(reply, "last-delivered-id", group.last_delivered);
    write_known_field(reply, "entries-read", group.entries_read);
    write_known_field(reply, "lag", group.lag);
  }
}

void write_consumers(ReplyEncoder& reply, const ConsumerDetails& details) {
  const auto since = [&details](std::uint64_t ms) { return details.now_ms > ms ? details.now_ms - ms : 0; };
  reply.array(details.consumers.size());
  for (const ConsumerDetail& consumer : details.consumers) {
    std::optional<std::uint64_t> inactive;
    if (consumer.active_ms) inactive = since(*consumer.active_ms);
    reply.map(4);
    write_field(reply, "name", consumer.name);
    write_field(reply, "pending", consumer.pending);
    write_field(reply, "idle", since(consumer.seen_ms));
    write_time_field(reply, "inactive", inactive);
  }
}

void write_groups_in_full(ReplyEncoder& reply, const GroupDetails& details) {
  reply.array(details.groups.size());
  for (const GroupDetail& group : details.groups) {
    reply.map(7);
    write_field(reply, "name", group.name);
    write_field(reply, "last-delivered-id", group.last_delivered);
    write_known_field(reply, "entries-read", group.entries_read);
    write_known_field(reply, "lag", group.lag);
    write_field(reply, "pel-count", group.pending);
    write_group_pending(reply, group);
    reply.bulk_string("consumers");
    reply.array(group.members.size());
    for (const ConsumerDetail& consumer : group.members) write_consumer_in_full(reply, consumer);
  }
}

void write_fates(ReplyEncoder& reply, const EntryFates& fates) {
  reply.array(fates.fates.size());
  for (const EntryFates::Fate fate : fates.fates) reply.integer(static_cast<std::int64_t>(fate));
}

}  // namespace respublica
