#pragma once
// A client that sends and receives bytes, for integration tests: it sees exactly what is on the wire.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace respublica::test {

/// The request as RESP bytes.
std::string request(std::initializer_list<std::string_view> words);

/// A blocking connection. Functions that read fail the test when nothing comes for a minute.
class RawClient {
 public:
  explicit RawClient(int port, const std::string& address = "127.0.0.1");
  static RawClient over_unix_socket(const std::string& path);
  /// Its kernel takes little for it: a subscriber that does not read is soon one that waits in the broker.
  static RawClient with_small_buffer(int port);
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient();

  void send(std::string_view bytes);
  /// Sends a request and reads one reply.
  std::string call(std::initializer_list<std::string_view> words);
  /// The bytes of the next reply or push, whole.
  std::string read_reply();
  /// Exactly that many bytes.
  std::string read_bytes(std::size_t count);
  /// All bytes until the broker closes the connection.
  std::string read_to_end();
  /// Says that no more requests will come; replies can still be read.
  void end_sending();
  /// Ends the connection with a reset instead of a FIN.
  void abort();
  /// "127.0.0.1:port" of this end, as the broker sees it.
  std::string address() const;
  int port() const;
  int descriptor() const { return descriptor_; }

 private:
  RawClient(int port, const std::string& address, int receive_buffer);
  explicit RawClient(int descriptor, std::nullptr_t) : descriptor_(descriptor) {}
  bool fill();

  int descriptor_ = -1;
  std::string buffer_;
};

}  // namespace respublica::test
