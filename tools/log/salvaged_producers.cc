#include "tools/log/salvaged_producers.h"

#include "broker/producer_codec.h"
#include "broker/stream.h"

namespace respublica::logtool {

using Kind = ProducerRecord::Kind;

SalvagedProducers::SalvagedProducers(const StreamProducers* known)
    : producers_(known == nullptr ? nullptr : copy_of(*known)) {}

void SalvagedProducers::take(const ProducerRecord& record) {
  if (producers_ == nullptr) producers_ = std::make_shared<StreamProducers>(IdempotenceLimits{});
  static_cast<void>(producers_->apply(record));
}

std::vector<ProducerRecord> SalvagedProducers::records(ChannelNumber channel) const {
  std::vector<ProducerRecord> all;
  if (producers_ == nullptr) return all;
  ProducerRecord& limit = all.emplace_back();
  limit.channel = channel;
  limit.kind = Kind::limit;
  limit.duration_s = producers_->limits().duration_s;
  limit.most = producers_->limits().most;
  producers_->for_each([&all, channel](const Fingerprint& producer, const TrackedIds& ids) {
    ids.for_each([&](const Fingerprint& iid, const OriginalEntry& original) {
      ProducerRecord& record = all.emplace_back();
      record.channel = channel;
      record.kind = Kind::track;
      record.producer = producer;
      record.iid = iid;
      record.entry = to_entry_key(original.id);
      record.ahead_ms = original.id.ms - original.added_ms;
    });
  });
  return all;
}

}  // namespace respublica::logtool
