#include "broker/dead_letter.h"

#include <algorithm>
#include <array>

#include "base/decimal.h"
#include "storage/record.h"

namespace respublica {
namespace {

using namespace letter_field;

constexpr std::array<std::string_view, 13> kOwnFields = {
    kReason,      kDetail,           kChannel,         kId,     kGroup,  kConsumer, kDeliveries,
    kPublishedMs, kFirstDeliveredMs, kLastDeliveredMs, kDeadMs, kDeaths, kPayload};

constexpr std::uint32_t bit_of(std::string_view name) {
  return 1U << static_cast<std::size_t>(std::ranges::find(kOwnFields, name) - kOwnFields.begin());
}

constexpr std::uint32_t kNeeded = bit_of(kReason) | bit_of(kChannel) | bit_of(kId);

}  // namespace

std::optional<DeadLetter> DeadLetter::read(std::string_view fields) {
  DeadLetter letter;
  letter.fields_ = fields;
  FieldsReader reader(fields);
  letter.count_ = reader.count();
  while (letter.original_ < letter.count_) {
    const FieldsReader::Field field = reader.next();
    if (!letter.take(field.name, field.value)) break;
    ++letter.original_;
  }
  if ((letter.seen_ & kNeeded) != kNeeded) return std::nullopt;
  return letter;
}

bool DeadLetter::take(std::string_view name, std::string_view value) {
  const auto* const found = std::ranges::find(kOwnFields, name);
  if (found == kOwnFields.end() || (seen_ & bit_of(name)) != 0) return false;
  // It stands for the whole of an entry.
  if (name == kPayload && (value != kMissing || original_ + 1 != count_)) return false;
  if (name == kReason) reason_ = value;
  if (name == kChannel) channel_ = value;
  if (name == kGroup) group_ = value;
  if (name == kDeadMs) dead_ms_ = parse_decimal(value).value_or(0);
  if (name == kDeaths) deaths_ = std::max<std::uint64_t>(parse_decimal(value).value_or(1), 1);
  if (name == kId) {
    const std::optional<StreamId> id = parse_stream_id(value, 0);
    if (!id) return false;
    id_ = *id;
  }
  seen_ |= bit_of(name);
  return true;
}

std::string DeadLetter::original_with(std::string_view name, std::string_view value) const {
  FieldsReader reader(fields_);
  FieldsWriter writer(count_ - original_ + (name.empty() ? 0 : 1));
  for (std::size_t i = 0; i < count_; ++i) {
    const FieldsReader::Field field = reader.next();
    if (i >= original_) writer.add(field.name, field.value);
  }
  if (!name.empty()) writer.add(name, value);
  return writer.take();
}

std::string DeadLetter::original() const { return original_with({}, {}); }

std::string DeadLetter::revived() const {
  FieldsReader reader(fields_);
  for (std::size_t i = 0; i < count_; ++i) {
    // It was added again before, and says where from already.
    if (reader.next().name == kRedrivenFrom) return original();
  }
  return original_with(kRedrivenFrom, format_stream_id(id_));
}

}  // namespace respublica
