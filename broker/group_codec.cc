#include "broker/group_codec.h"

#include <optional>
#include <utility>

#include "broker/stream_codec.h"

namespace respublica {
namespace {

enum class OrderTag : std::uint8_t { given_back, delivered, delayed };

/// Delivered entries mostly have one delivery, the first one.
void put_order(std::string& out, const PendingEntry& entry) {
  const ClaimOrder order = entry.order;
  if (order.is_given_back()) {
    put_fixed(out, static_cast<std::uint8_t>(OrderTag::given_back));
    put_varint(out, order.count());
  } else {
    put_fixed(out, static_cast<std::uint8_t>(order.is_delayed() ? OrderTag::delayed : OrderTag::delivered));
    put_varint(out, order.ms() - entry.first_delivered_ms);
  }
}

std::optional<ClaimOrder> read_order(ByteReader& in, std::uint64_t first_delivered_ms) {
  const auto tag = static_cast<OrderTag>(in.fixed<std::uint8_t>());
  const std::uint64_t value = in.varint();
  switch (tag) {
    case OrderTag::given_back:
      if (value >= ClaimOrder::delivered(0).count()) return std::nullopt;
      return ClaimOrder::given_back(value);
    case OrderTag::delivered:
      return ClaimOrder::delivered(first_delivered_ms + value);
    case OrderTag::delayed:
      return ClaimOrder::not_before(first_delivered_ms + value);
  }
  return std::nullopt;
}

void encode_pending(const ConsumerGroup& group, std::string& out) {
  put_varint(out, group.pending().size());
  StreamId last;
  std::uint64_t last_ms = 0;
  group.pending().for_each([&](const PendingEntry& entry) {
    put_varint(out, entry.id.ms - last.ms);
    put_varint(out, entry.id.seq);
    put_varint(out, entry.first_delivered_ms - last_ms);
    put_order(out, entry);
    put_varint(out, entry.deliveries);
    put_varint(out, entry.consumer);
    last = entry.id;
    last_ms = entry.first_delivered_ms;
  });
}

bool decode_pending(ByteReader& in, ConsumerGroup& group) {
  const std::uint64_t count = in.varint();
  StreamId last;
  std::uint64_t last_ms = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    PendingEntry entry;
    entry.id.ms = last.ms + in.varint();
    entry.id.seq = in.varint();
    entry.first_delivered_ms = last_ms + in.varint();
    const std::optional<ClaimOrder> order = read_order(in, entry.first_delivered_ms);
    const std::uint64_t deliveries = in.varint();
    const std::uint64_t consumer = in.varint();
    if (in.failed() || !order || deliveries > kFatalDeliveries || consumer >= group.next_consumer()) return false;
    if (i > 0 && entry.id <= last) return false;
    entry.order = *order;
    entry.deliveries = static_cast<Deliveries>(deliveries);
    entry.consumer = static_cast<ConsumerNumber>(consumer);
    if (!group.restore(entry)) return false;
    last = entry.id;
    last_ms = entry.first_delivered_ms;
  }
  return true;
}

void encode_group(const ConsumerGroup& group, std::string& out) {
  put_bytes(out, group.name());
  put_varint(out, group.number());
  put_stream_id(out, group.last_delivered());
  put_fixed(out, static_cast<std::uint8_t>(group.entries_read() ? 1 : 0));
  if (group.entries_read()) put_varint(out, *group.entries_read());
  put_varint(out, group.next_consumer());
  put_varint(out, group.consumers().size());
  for (const auto& [name, consumer] : group.consumers()) {
    put_bytes(out, name);
    put_varint(out, consumer.number);
    put_varint(out, consumer.seen_ms);
    put_varint(out, consumer.active_ms);
  }
  encode_pending(group, out);
}

bool decode_consumers(ByteReader& in, ConsumerGroup& group) {
  const std::uint64_t next = in.varint();
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count; ++i) {
    Consumer consumer;
    consumer.name = std::string(in.bytes());
    const std::uint64_t number = in.varint();
    consumer.seen_ms = in.varint();
    consumer.active_ms = in.varint();
    if (in.failed() || number >= next || next > std::numeric_limits<ConsumerNumber>::max()) return false;
    consumer.number = static_cast<ConsumerNumber>(number);
    if (!group.restore(std::move(consumer))) return false;
  }
  if (next == 0 || next > std::numeric_limits<ConsumerNumber>::max()) return false;
  group.restore_next_consumer(static_cast<ConsumerNumber>(next));
  return true;
}

bool decode_group(ByteReader& in, StreamGroups& groups) {
  std::string name(in.bytes());
  const std::uint64_t number = in.varint();
  const StreamId last_delivered = read_stream_id(in);
  std::optional<std::uint64_t> entries_read;
  if (in.fixed<std::uint8_t>() != 0) entries_read = in.varint();
  ConsumerGroup group(std::move(name), number, last_delivered, entries_read);
  return !in.failed() && decode_consumers(in, group) && decode_pending(in, group) && groups.restore(std::move(group));
}

}  // namespace

void encode_groups(const StreamGroups& groups, std::string& out) {
  put_varint(out, groups.next_number());
  put_varint(out, groups.all().size());
  for (const auto& [name, group] : groups.all()) encode_group(group, out);
}

std::shared_ptr<StreamGroups> decode_groups(ByteReader& in) {
  auto groups = std::make_shared<StreamGroups>();
  groups->restore_next_number(in.varint());
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!decode_group(in, *groups)) return nullptr;
  }
  return in.failed() ? nullptr : std::move(groups);
}

}  // namespace respublica
