#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "protocol/protocol_version.h"

namespace respublica::bench {

/// Where the server listens and what it asks for.
struct Endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string unix_socket;  ///< if set, instead of host and port
  std::string password;     ///< empty: no AUTH

  std::string name() const;
};

/// How a connection's socket is made.
struct SocketChoices {
  int receive_buffer = 0;  ///< SO_RCVBUF in bytes, 0: the system's
};

/// `arguments` as a RESP command.
std::string encode_command(std::initializer_list<std::string_view> arguments);

/// One connection to the server. While a run is prepared it is blocking: command() in, reply out. Then fd() is made
/// non-blocking and belongs to a load loop, which reads and writes it itself.
///
/// Errors: every function throws BenchError. Thread: one at a time.
class ClientConnection {
 public:
  /// Connects, says HELLO 3 if `version` asks for it, and AUTH if there is a password.
  static ClientConnection open(const Endpoint& endpoint, ProtocolVersion version, SocketChoices choices = {});

  /// True if a server at `endpoint` answers PING, within about 100 ms.
  static bool answers_ping(const Endpoint& endpoint);

  ClientConnection(ClientConnection&& other) noexcept;
  ClientConnection& operator=(ClientConnection&& other) noexcept;
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  ~ClientConnection();

  int fd() const { return fd_; }

  void send_all(std::string_view bytes);
  /// The next reply, raw.
  std::string read_reply();
  /// Reads `count` replies and forgets them. Throws if one of them is an error.
  void skip_replies(std::size_t count);
  /// Sends a command and returns its reply, raw. Throws if the reply is an error.
  std::string command(std::initializer_list<std::string_view> arguments);

  /// True if bytes have been received behind the replies that were read.
  bool has_unread() const { return taken_ != unread_.size(); }

  /// To be called when the preparation is over: no reply may be left unread.
  void make_non_blocking();

 private:
  explicit ClientConnection(int fd) : fd_(fd) {}
  void read_more();

  int fd_;
  std::string unread_;
  std::size_t taken_ = 0;  ///< bytes of unread_ already handed out
};

}  // namespace respublica::bench
