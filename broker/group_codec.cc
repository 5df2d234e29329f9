#include "broker/group_codec.h"

#include <optional>
#include <utility>

#include "broker/stream_codec.h"

namespace respublica {
namespace {

enum class OrderTag : std::uint8_t { given_back, delivered, delayed };
/// Added to the tag of an entry that has died before.
constexpr std::uint8_t kHasDied = 4;

/// Bytes that a varint takes at most.
constexpr std::size_t kVarintBytes = 10;

/// Writes what put_varint() appends; returns the place behind.
char* write_varint(char* at, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
  *at++ = static_cast<char>(value);
  return at;
}

/// Delivered entries mostly have one delivery, the first one.
char* write_order(char* at, const PendingEntry& entry, std::uint8_t flags) {
  const ClaimOrder order = entry.order;
  OrderTag tag = order.is_delayed() ? OrderTag::delayed : OrderTag::delivered;
  if (order.is_given_back()) tag = OrderTag::given_back;
  *at++ = static_cast<char>(static_cast<std::uint8_t>(tag) | flags);
  return write_varint(at, order.is_given_back() ? order.count() : order.ms() - entry.first_delivered_ms);
}

std::optional<ClaimOrder> read_order(ByteReader& in, OrderTag tag, std::uint64_t first_delivered_ms) {
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
    // There may be millions, and commits wait for this: one append for each.
    char bytes[1 + 7 * kVarintBytes];
    const std::uint64_t deaths = group.deaths().empty() ? 0 : group.deaths_of(entry.id);
    char* at = write_varint(bytes, entry.id.ms - last.ms);
    at = write_varint(at, entry.id.seq);
    at = write_varint(at, entry.first_delivered_ms - last_ms);
    at = write_order(at, entry, deaths == 0 ? 0 : kHasDied);
    at = write_varint(at, entry.deliveries);
    at = write_varint(at, entry.consumer);
    if (deaths != 0) at = write_varint(at, deaths);
    out.append(bytes, static_cast<std::size_t>(at - bytes));
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
    const auto state = in.fixed<std::uint8_t>();
    const auto tag = static_cast<OrderTag>(state & static_cast<std::uint8_t>(~kHasDied));
    const std::optional<ClaimOrder> order = read_order(in, tag, entry.first_delivered_ms);
    const std::uint64_t deliveries = in.varint();
    const std::uint64_t consumer = in.varint();
    if (in.failed() || !order || deliveries > kFatalDeliveries || consumer >= group.next_consumer()) return false;
    if (i > 0 && entry.id <= last) return false;
    entry.order = *order;
    entry.deliveries = static_cast<Deliveries>(deliveries);
    entry.consumer = static_cast<ConsumerNumber>(consumer);
    if (!group.restore(entry)) return false;
    if ((state & kHasDied) != 0 && !group.restore_deaths(entry.id, in.varint())) return false;
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

std::shared_ptr<StreamGroups> copy_of(const StreamGroups& groups) {
  std::string bytes;
  encode_groups(groups, bytes);
  ByteReader in(bytes);
  return decode_groups(in);
}

}  // namespace respublica
