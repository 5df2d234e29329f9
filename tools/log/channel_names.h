#pragma once
// What channels are called, as far as the log has been read.

#include <map>
#include <string>

#include "storage/record.h"
#include "tools/log/known_streams.h"

namespace respublica::logtool {

/// Learns from a checkpoint and from the records that give a number its name, and forgets with those that end a
/// channel.
class ChannelNames {
 public:
  ChannelNames() = default;
  explicit ChannelNames(const KnownStreams& known);

  void see(const Record& record);
  /// nullptr when nothing has told it.
  const std::string* find(ChannelNumber channel) const;
  /// For text: "orders" in quotation marks, as in JSON, or: number 7.
  std::string shown(ChannelNumber channel) const;

 private:
  std::map<ChannelNumber, std::string> names_;
};

}  // namespace respublica::logtool
