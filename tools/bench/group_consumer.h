#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/bench/client_connection.h"
#include "tools/bench/payload_stamp.h"

namespace respublica::bench {

/// The group of a scenario's consumers.
inline constexpr std::string_view kGroup = "workers";

/// One consumer of kGroup: it asks for new entries of one channel, acknowledges all that it was given, and asks for
/// more with the same send.
///
/// Errors: BenchError; a message that is not whole and an acknowledgement that counts another number are some.
/// Thread: its owner's.
class GroupConsumer {
 public:
  /// Whether it waits for entries when there are none.
  enum class Block { no, yes };

  GroupConsumer(ClientConnection connection, std::string name, std::string channel, std::size_t count, Block block);

  /// Asks for at most `count` new entries; first acknowledges those that take() returned last, if there were any.
  void ask();

  /// One reply to what was asked.
  struct Reply {
    enum class Kind { acknowledged, delivered } kind;
    /// Of the entries that were acknowledged or are delivered; none of the latter if there are no new ones.
    std::vector<PayloadStamp> stamps;
  };
  /// The next reply, which it waits for.
  Reply take();
  /// True if more than the replies that were taken has been received.
  bool has_unread() const { return connection_.has_unread(); }
  int fd() const { return connection_.fd(); }

 private:
  Reply delivered(const std::string& reply);

  ClientConnection connection_;
  std::string name_;
  std::string channel_;
  std::string request_;               ///< the XREADGROUP
  std::vector<std::string> unacked_;  ///< IDs that ask() acknowledges
  std::vector<PayloadStamp> unacked_stamps_;
  std::vector<PayloadStamp> acking_;  ///< of the XACK whose reply is the next
};

}  // namespace respublica::bench
