#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tools/bench/client_connection.h"

namespace respublica::bench {

/// What the server does wrong, once, with the 98th message to its first subscriber. wrong_count: the reply to the
/// 98th PUBLISH counts one receiver too many. other_order: the first subscriber hears two publishers' messages in
/// another order than the rest. forgotten, swapped_entries: of what XADD wrote, the 98th entry is answered but not
/// kept, or kept before the one before it.
/// delivered_twice: the group is given the 98th entry again. acknowledged_less: an XACK counts one entry less.
enum class Fault {
  none,
  lost,
  repeated,
  swapped,
  changed,
  closed,
  wrong_count,
  other_order,
  forgotten,
  swapped_entries,
  delivered_twice,
  acknowledged_less
};

/// A small server for tests of the checker: SUBSCRIBE to one channel, PUBLISH, and one stream with XADD, XLEN,
/// XREAD, and XREADGROUP, XACK and XPENDING of one group; everything else is answered +OK. Listens on a free loopback
/// port, on a thread of its own, until it is destroyed.
class FaultyServer {
 public:
  explicit FaultyServer(Fault fault);
  FaultyServer(const FaultyServer&) = delete;
  FaultyServer& operator=(const FaultyServer&) = delete;
  ~FaultyServer();

  Endpoint endpoint() const;

 private:
  struct Client {
    int fd;
    std::string channel;  ///< empty: does not subscribe
    std::string unread;
  };

  void serve();
  /// False: the client is gone.
  bool read_from(Client& client);
  std::string answer(Client& client, const std::vector<std::string>& command);
  std::string append(const std::string& payload);
  std::string page(std::size_t count, const std::string& channel, std::size_t after) const;
  std::string hand_out(std::size_t count, const std::string& channel);
  std::string acknowledge(std::size_t count);
  std::size_t deliver(const std::string& channel, const std::string& payload);
  std::string spoiled(std::string frame, const std::string& payload);
  std::string reordered(std::string frame, std::size_t publisher);

  Fault fault_;
  int listener_;
  std::atomic<bool> stop_{false};
  std::deque<Client> clients_;
  std::size_t published_ = 0;
  std::size_t appended_ = 0;
  std::vector<std::string> entries_;  ///< payloads; entry i has ID <i + 1>-0
  std::size_t handed_out_ = 0;        ///< entries that the group was given
  std::size_t pending_ = 0;
  std::string held_back_;
  bool reordered_ = false;
  std::jthread thread_;
};

}  // namespace respublica::bench
