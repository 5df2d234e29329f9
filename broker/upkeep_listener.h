#pragma once
// What is told of the work that keeps the log in order.

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "broker/durable_rules.h"

namespace respublica {

/// Thread: the sequencer; rules() any.
class UpkeepListener {
 public:
  virtual ~UpkeepListener() = default;
  /// Something could not be done, and is tried again later; nothing is lost.
  virtual void upkeep_failed(const Error& error) = 0;
  /// So many bytes of segments have gone from the disk.
  virtual void gave_back(std::uint64_t bytes) = 0;
  /// The log has failed.
  virtual void log_failed(const Error& error) = 0;
  /// The rules of now. Never null.
  virtual std::shared_ptr<const DurableRules> rules() = 0;
};

}  // namespace respublica
