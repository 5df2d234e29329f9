#pragma once
// The idempotent producers of a channel, as far as whole records tell.

#include <memory>
#include <vector>

#include "broker/stream_producers.h"
#include "storage/producer_record.h"

namespace respublica::logtool {

/// Begins with what a checkpoint knows, and takes the records behind it, in order. Where the limits are lost, the usual
/// ones hold.
class SalvagedProducers {
 public:
  /// Null: none.
  explicit SalvagedProducers(const StreamProducers* known = nullptr);

  void take(const ProducerRecord& record);

  /// What makes the producers anew, in a channel without any.
  std::vector<ProducerRecord> records(ChannelNumber channel) const;

 private:
  /// Null while there are none.
  std::shared_ptr<StreamProducers> producers_;
};

}  // namespace respublica::logtool
