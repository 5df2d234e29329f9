#include "broker/entry_rule.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/decimal.h"
#include "storage/record.h"

namespace respublica {
namespace {

constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

/// A number from 1 to 2^63-1, or nothing.
std::optional<std::uint64_t> parse_milliseconds(std::string_view text) {
  const std::optional<std::uint64_t> number = parse_decimal(text);
  return number && *number > 0 && *number <= kMost ? number : std::nullopt;
}

/// The value of the field as a number; the first field of that name counts.
struct Found {
  bool is_there = false;
  std::optional<std::uint64_t> number;
};

Found find_number(std::string_view fields, std::string_view name) {
  FieldsReader reader(fields);
  for (std::size_t i = 0; i < reader.count(); ++i) {
    const FieldsReader::Field field = reader.next();
    if (field.name == name) return {true, parse_milliseconds(field.value)};
  }
  return {};
}

bool delays(std::string_view name) { return name == kDeliverAtField || name == kDeliverInField; }

}  // namespace

std::optional<std::uint64_t> EntryTiming::due_ms(std::uint64_t now_ms) const {
  std::optional<std::uint64_t> due = deliver_at_ms;
  if (deliver_in_ms) due = std::max(due.value_or(0), std::min(kMost, now_ms + *deliver_in_ms));
  return due && *due > now_ms ? due : std::nullopt;
}

StreamId EntryRule::first_alive(std::uint64_t now_ms) const {
  const auto age = static_cast<std::uint64_t>(ttl.count());
  return age == 0 || age > now_ms ? kMinStreamId : StreamId{now_ms - age + 1, 0};
}

Result<EntryTiming> EntryRule::timing_of(std::string_view fields) const {
  EntryTiming timing;
  const auto read = [fields](std::string_view name, std::optional<std::uint64_t>& into) -> Result<void> {
    const Found found = find_number(fields, name);
    into = found.number;
    if (!found.is_there || found.number) return {};
    return Error{"the field '" + std::string(name) + "' must be a number of milliseconds, at least 1"};
  };
  if (ignores_fields) return timing;
  if (may_expire()) {
    if (auto done = read(kTtlField, timing.ttl_ms); !done) return done.error();
  }
  if (delayed) {
    if (auto done = read(kDeliverAtField, timing.deliver_at_ms); !done) return done.error();
    if (auto done = read(kDeliverInField, timing.deliver_in_ms); !done) return done.error();
  }
  return timing;
}

std::optional<std::uint64_t> EntryRule::own_ttl_ms(std::string_view fields) const {
  if (ignores_fields || !may_expire()) return std::nullopt;
  return find_number(fields, kTtlField).number;
}

bool EntryRule::is_over(StreamId id, std::string_view fields, std::uint64_t now_ms) const {
  if (id < first_alive(now_ms)) return true;
  const std::optional<std::uint64_t> own = own_ttl_ms(fields);
  return own && id.ms <= now_ms && now_ms - id.ms >= *own;
}

std::string without_delay(std::string_view fields) {
  FieldsReader reader(fields);
  std::vector<FieldsReader::Field> kept;
  for (std::size_t i = 0; i < reader.count(); ++i) {
    const FieldsReader::Field field = reader.next();
    if (!delays(field.name)) kept.push_back(field);
  }
  FieldsWriter writer(kept.size());
  for (const FieldsReader::Field& field : kept) writer.add(field.name, field.value);
  return writer.take();
}

}  // namespace respublica
