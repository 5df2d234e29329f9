#pragma once
// systemd's side of readiness notification.

#include <filesystem>
#include <string>

namespace respublica::test {

/// The datagram socket that NOTIFY_SOCKET names: receives what the broker tells its service manager.
class NotifySocket {
 public:
  explicit NotifySocket(const std::filesystem::path& path);
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;
  ~NotifySocket();

  /// "NOTIFY_SOCKET=path", for the broker's environment.
  std::string variable() const { return "NOTIFY_SOCKET=" + path_; }
  /// The next datagram; fails the test when none comes for a minute.
  std::string next();

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace respublica::test
